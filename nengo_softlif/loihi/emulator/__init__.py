"""Run networks on the emulated chip: the simulator, its batches, and the part on the host."""

from nengo_softlif.compiled.sources import register_sources

register_sources(__name__, uses=("nengo_softlif.simulator",))
