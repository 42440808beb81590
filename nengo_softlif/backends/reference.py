"""`nengo.Simulator`, Nengo's reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import nengo
from nengo.builder import Builder, Model
from nengo.builder.operator import SimPyFunc
from nengo.builder.signal import Signal
from nengo.cache import get_default_decoder_cache

from nengo_softlif.backends.session import OneByOneSession, named_errors

__all__ = ["NengoSession"]


class NengoSession(OneByOneSession):
    """One sample after the other on `nengo.Simulator`."""

    def build(self) -> None:
        """Build the simulator, without a change of the network."""
        nodes = self.setup.inputs.items()
        outputs = {node: self.output_of(name) for name, node in nodes}
        model = Model(
            dt=self.setup.dt,
            decoder_cache=get_default_decoder_cache(),
            builder=_Feeding(outputs),
        )
        with named_errors():
            self.sim = self.make_simulator(self.net, self.setup.dt, self.setup.seed, model=model)

    def make_simulator(
        self, net: nengo.Network, dt: float, seed: int, **options: Any
    ) -> nengo.Simulator:
        """Build a `nengo.Simulator`."""
        return nengo.Simulator(net, dt=dt, seed=seed, progress_bar=False, **options)


class _Feeding(Builder):
    """Builds nodes as if they had other outputs, functions of time."""

    def __init__(self, outputs: Mapping[nengo.Node, Callable]) -> None:
        self.outputs = outputs

    def build(self, model, obj, *args, **kwargs):  # pyright: ignore[reportIncompatibleMethodOverride]
        """Build an object, see `nengo.builder.Builder.build`."""
        if not isinstance(obj, nengo.Node) or obj not in self.outputs:
            return super().build(model, obj, *args, **kwargs)
        output = Signal(shape=obj.size_out, name=f"{obj}.out")
        model.add_op(SimPyFunc(output=output, fn=self.outputs[obj], t=model.time, x=None))
        model.sig[obj]["in"], model.sig[obj]["out"] = None, output
        model.params[obj] = None
        return None
