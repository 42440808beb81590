"""The import hook: loads the patched packages with an ``__import__`` of their own.

Python looks ``__import__`` up in the ``__builtins__`` of the module that holds the ``import``
statement. Giving the modules of NengoDL and NengoLoihi builtins of their own is therefore enough
to let ``import tensorflow`` mean something else *inside them*, for good (also in a function that
imports long afterwards), without a single change to `sys.modules` that anyone else could see.
"""

import builtins
import importlib
import sys

from nengo_softlif.compat import redirects
from nengo_softlif.compat.patches import REPAIRS
from nengo_softlif.compat.registry import apply, is_enabled


class PatchingFinder:
    """A meta path finder that has the patched packages loaded by `PatchingLoader`.

    Attributes
    ----------
    then : dict of str to str
        Name of a package -> name of the module to import once the package is imported.
    """

    def __init__(self):
        self.then = {}

    def find_spec(self, fullname, path=None, target=None):
        """Find the module as everyone else would, and wrap its loader."""
        package = fullname.partition(".")[0]
        is_patched = package in redirects.PACKAGES
        if not is_patched and fullname not in self.then:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    private_import = redirects.private_import(package) if is_patched else None
                    then = self.then.get(fullname)
                    spec.loader = PatchingLoader(spec.loader, private_import, then)
                return spec
        return None


class PatchingLoader:
    """Executes a module with a private ``__import__``, repairs it, then steps aside."""

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
        _repair(module.__name__, module)
        if self.then is not None:
            importlib.import_module(self.then)


_FINDER = PatchingFinder()


def install(then):
    """Let ``import nengo_dl`` and ``import nengo_loihi`` work from now on.

    Loads nothing heavy, and may be called again. Does nothing if the environment has
    ``NENGO_SOFTLIF_COMPAT=0``.

    Parameters
    ----------
    then : dict of str to str
        Maps the name of a package to that of a module that is imported right after it, or at
        once if the package is there already.

    Raises
    ------
    SoftLIFError
        If ``NENGO_SOFTLIF_COMPAT`` is neither 0 nor 1.
    """
    if not is_enabled():
        return
    _FINDER.then.update(then)
    if _FINDER not in sys.meta_path:
        # Before pytest's finder too: its assertion rewriting is what gets wrapped then.
        sys.meta_path.insert(0, _FINDER)
        _patch_loaded()
    for package, module in then.items():
        if package in sys.modules:
            importlib.import_module(module)


def _repair(name, module):
    for patch, ours in REPAIRS.get(name, {}).items():
        apply(patch, lambda ours=ours: importlib.import_module(ours).repair(module))


def _patch_loaded():
    """Put right what was imported before the hook was there."""
    for name, module in list(sys.modules.items()):
        package = name.partition(".")[0]
        if package in redirects.PACKAGES and package not in sys.modules:
            # Left over from an import that failed, with the wrong TensorFlow in it.
            del sys.modules[name]
            continue
        _repair(name, module)
        if package == "nengo_loihi" and hasattr(module, "np"):
            apply("numpy-1-arrays", lambda module=module: _give_numpy_1(module))


def _give_numpy_1(module):
    from nengo_softlif.compat import numpy_view

    module.np = numpy_view.load()
