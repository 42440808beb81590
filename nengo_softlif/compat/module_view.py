"""A module as a few others see it: the real one, with some names replaced."""

import types


class ModuleView(types.ModuleType):
    """Stands for a module without touching it.

    Parameters
    ----------
    module : module
        The real one.
    replaced : dict
        Names that mean something else in the view.
    """

    def __init__(self, module, replaced):
        super().__init__(module.__name__, module.__doc__)
        # A copy, as a __getattr__ on the way to each np.add is felt in the emulator's loop ...
        self.__dict__.update(vars(module))
        self.__dict__.update(replaced)
        self._viewed = module

    def __getattr__(self, name):
        # ... and this for what the module loads later, or has a __getattr__ for.
        return getattr(self._viewed, name)

    def __dir__(self):
        return sorted({*dir(self._viewed), *self.__dict__})
