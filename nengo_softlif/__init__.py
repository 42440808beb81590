"""Train rate networks, run them as spikes on any Nengo simulator.

The public names are those of ``__init__.pyi``. They are imported on first use, so that
``import nengo_softlif`` costs next to nothing.
"""

from nengo_softlif import compat

__version__ = "0.1.0"


def _public_names():
    """Return ``__getattr__``, ``__dir__`` and ``__all__``."""
    try:
        import lazy_loader
    except Exception as error:  # the command `doctor` shall tell of it, and needs no public name
        reason = f"{type(error).__name__}: {error}"

        def missing(name):
            raise AttributeError(f"nengo_softlif.{name}: importing lazy_loader failed ({reason})")

        return missing, lambda: [], []
    return lazy_loader.attach_stub(__name__, __file__)


__getattr__, __dir__, __all__ = _public_names()

# Nothing with NENGO_SOFTLIF_COMPAT=0 in the environment; compat.status() says what is in place.
compat.install(
    then={
        "keras": "nengo_softlif.layers",  # so that model files with our layers load
        "nengo_dl": "nengo_softlif.nengodl",
        "nengo_loihi": "nengo_softlif.loihi",
    }
)
