"""The demo: a small network from training to spikes on every simulator."""

from nengo_softlif.demo.run import FULL, QUICK, Demo, Settings, run

__all__ = ["FULL", "QUICK", "Demo", "Settings", "run"]
