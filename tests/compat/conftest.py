import os
import subprocess
import sys
import textwrap

import pytest


def python_runner(folder):
    """Return a function that runs code in a Python of its own, which has imported nothing yet.

    It returns what was printed. Keyword arguments are environment variables.
    """

    def run(code, **environment):
        script = folder / "script.py"
        script.write_text(textwrap.dedent(code))
        # With -c, as that puts the current directory on the path: the checkout need not be
        # installed.
        command = f"exec(compile(open({str(script)!r}).read(), {str(script)!r}, 'exec'))"
        result = subprocess.run(
            [sys.executable, "-c", command],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environment},
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run


@pytest.fixture
def run_python(tmp_path):
    """Run code in a Python of its own; see `python_runner`."""
    return python_runner(tmp_path)
