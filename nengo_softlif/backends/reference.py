"""`nengo.Simulator`, Nengo's reference."""

from __future__ import annotations

import nengo

from nengo_softlif.backends.session import OneByOneSession

__all__ = ["NengoSession"]


class NengoSession(OneByOneSession):
    """One sample after the other on `nengo.Simulator`."""

    def make_simulator(self, net: nengo.Network, dt: float, seed: int) -> nengo.Simulator:
        """Build a `nengo.Simulator`."""
        return nengo.Simulator(net, dt=dt, seed=seed, progress_bar=False)
