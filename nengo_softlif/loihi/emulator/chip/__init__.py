"""NengoLoihi's emulator, compiled and event-driven.

A model that NengoLoihi has built becomes a plan of flat arrays (`plan`), on which compiled
functions (`kernels`) work many steps at a time. `interface` puts both behind the interface that
NengoLoihi's simulator uses.
"""

from nengo_softlif.compiled.sources import register_sources

register_sources(__name__)

from nengo_softlif.loihi.emulator.chip.interface import CompiledEmulator  # noqa: E402

__all__ = ["CompiledEmulator"]
