"""The import hook: loads the mended packages with an ``__import__`` of their own.

Python looks ``__import__`` up in the ``__builtins__`` of the module that holds the ``import``
statement. Giving the modules of NengoDL and NengoLoihi builtins of their own is therefore enough
to let ``import tensorflow`` mean something else *inside them*, for good (also in a function that
imports long afterwards), without a single change to `sys.modules` that anyone else could see.
"""

import builtins
import importlib
import sys

from nengo_softlif.compat.patches import MENDS
from nengo_softlif.compat.redirects import REDIRECTS


class MendingFinder:
    """A meta path finder that has the mended packages loaded by `MendingLoader`.

    Attributes
    ----------
    imports : dict of str to callable
        Name of a package -> the ``__import__`` that its modules get.
    then : dict of str to str
        Name of a package -> name of the module to import once the package is imported.
    """

    def __init__(self):
        self.imports = dict(REDIRECTS)
        self.then = {}

    def find_spec(self, fullname, path=None, target=None):
        """Find the module as everyone else would, and wrap its loader."""
        private_import = self.imports.get(fullname.partition(".")[0])
        if private_import is None and fullname not in MENDS and fullname not in self.then:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    then = self.then.get(fullname)
                    spec.loader = MendingLoader(spec.loader, private_import, then)
                return spec
        return None


class MendingLoader:
    """Executes a module with a private ``__import__``, mends it, then steps aside."""

    def __init__(self, loader, private_import, then):
        self.loader = loader
        self.private_import = private_import
        self.then = then

    def __getattr__(self, name):
        # Source, code and data files, for those who look at a spec without importing.
        return getattr(self.loader, name)

    def exec_module(self, module):
        """Execute the module with the wrapped loader, then see to what comes after it."""
        # Nothing but the loading is ours: source, resources and pickles go by the loader it had.
        module.__spec__.loader = module.__loader__ = self.loader
        if self.private_import is not None:
            module.__builtins__ = {**vars(builtins), "__import__": self.private_import}
        self.loader.exec_module(module)
        _mend(module.__name__, module)
        if self.then is not None:
            importlib.import_module(self.then)


_FINDER = MendingFinder()


def install(then):
    """Let ``import nengo_dl`` and ``import nengo_loihi`` work from now on.

    Loads nothing heavy, and may be called again.

    Parameters
    ----------
    then : dict of str to str
        Maps the name of a package to that of a module that is imported right after it, or at
        once if the package is there already.
    """
    _FINDER.then.update(then)
    if _FINDER not in sys.meta_path:
        # Before pytest's finder too: its assertion rewriting is what gets wrapped then.
        sys.meta_path.insert(0, _FINDER)
        _mend_loaded()
    for package, module in then.items():
        if package in sys.modules:
            importlib.import_module(module)


def _mend(name, module):
    if name in MENDS:
        importlib.import_module(MENDS[name]).mend(module)


def _mend_loaded():
    """Put right what was imported before the hook was there."""
    for name, module in list(sys.modules.items()):
        package = name.partition(".")[0]
        if package in REDIRECTS and package not in sys.modules:
            # Left over from an import that failed, with the wrong TensorFlow in it.
            del sys.modules[name]
            continue
        _mend(name, module)
        if package == "nengo_loihi" and hasattr(module, "np"):
            from nengo_softlif.compat import numpy_view

            module.np = numpy_view.load()
