"""An ``__import__`` that gives other modules than the global one for some names."""

import builtins
import importlib


class PrivateImport:
    """A drop-in for ``builtins.__import__`` with redirections.

    Attributes
    ----------
    views : dict of str to callable
        Full name of a module -> function that returns the module to use in its place.
    renamed : dict of str to str
        Name of a package -> where the package and everything below it is to be found instead.
    """

    def __init__(self):
        self.views = {}
        self.renamed = {}
        self.roots = set()

    def update(self, views=(), renamed=()):
        """Add redirections.

        Parameters
        ----------
        views, renamed : dict
            As the attributes.
        """
        self.views.update(views)
        self.renamed.update(renamed)
        self.roots = {_root(name) for name in (*self.views, *self.renamed)}

    def __call__(self, name, globals=None, locals=None, fromlist=(), level=0):
        """Import as the ``import`` statement does, see `builtins.__import__`."""
        root = _root(name)
        if level != 0 or root not in self.roots:
            return builtins.__import__(name, globals, locals, fromlist, level)
        module = self._resolve(name)
        if not fromlist:
            return self._resolve(root)
        for item in fromlist:
            if not hasattr(module, item):
                self._try_submodule(f"{name}.{item}")
        return module

    def _target(self, name):
        for prefix, real in self.renamed.items():
            if name == prefix or name.startswith(prefix + "."):
                return real + name[len(prefix) :]
        return name

    def _resolve(self, name):
        if name in self.views:
            return self.views[name]()
        return importlib.import_module(self._target(name))

    def _try_submodule(self, name):
        try:
            self._resolve(name)
        except ModuleNotFoundError as error:
            # Not a module: the import statement itself says "cannot import name".
            if error.name != self._target(name):
                raise


def _root(name):
    return name.partition(".")[0]
