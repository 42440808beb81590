"""Train rate networks, run them as spikes on any Nengo simulator.

The public names are those of ``__init__.pyi``. They are imported on first use, so that
``import nengo_softlif`` costs next to nothing.
"""

import lazy_loader

from nengo_softlif import compat

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# Nothing with NENGO_SOFTLIF_COMPAT=0 in the environment; compat.status() says what is in place.
compat.install(
    then={
        "keras": "nengo_softlif.layers",  # so that model files with our layers load
        "nengo_dl": "nengo_softlif.nengodl",
        "nengo_loihi": "nengo_softlif.loihi",
    }
)
