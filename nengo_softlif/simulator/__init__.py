"""A compiled, event-driven simulator for any Nengo model. How it works: docs/simulator.md."""

from nengo_softlif.simulator.simulator import Simulator

__all__ = ["Simulator"]
