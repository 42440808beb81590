"""A compiled, event-driven simulator for any Nengo model."""

import nengo_softlif.functional  # noqa: F401  (its sources are registered)
from nengo_softlif.compiled.sources import register_sources

# kernels compute its curves
register_sources("nengo_softlif.functional")
register_sources(__name__, uses=("nengo_softlif.functional",))

from nengo_softlif.simulator.simulator import Simulator  # noqa: E402  (kernels need the above)

__all__ = ["Simulator"]
