"""A compiled, event-driven simulator for any Nengo model."""

from nengo_softlif.compiled.sources import register_sources

register_sources(__name__)

from nengo_softlif.simulator.simulator import Simulator  # noqa: E402  (kernels need the above)

__all__ = ["Simulator"]
