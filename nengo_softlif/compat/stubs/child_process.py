"""`subprocess` for a test of NengoDL that starts a Python which imports NengoDL right away."""

import subprocess
import sys

from nengo_softlif.compat import subprocess_view
from nengo_softlif.compat.module_view import ModuleView

# Runs the script in argv[1] as Python would, with the import hook in place.
_WITH_HOOK = """
import runpy, sys
import nengo_softlif
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def _run(args, **kwargs):
    if args[0] == sys.executable:
        args = [sys.executable, "-c", _WITH_HOOK, *args[1:]]
    return subprocess.run(args, **kwargs)


VIEW = ModuleView(subprocess_view.load(), {"run": _run})
