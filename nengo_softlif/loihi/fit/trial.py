"""Build a network for the chip as far as it goes, and write down everything that is refused."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass

import nengo
from nengo.builder.network import build_network, seed_network
from nengo.connection import LearningRule
from nengo.exceptions import NengoException
from nengo_loihi.builder import Model
from nengo_loihi.config import add_params
from nengo_loihi.passthrough import base_obj

from nengo_softlif.errors import SoftLIFError
from nengo_softlif.loihi.extensions.split import choose_split

__all__ = ["Refusal", "Trial", "build_on_trial", "explain"]

_ON_HOST = "Put it on the host with net.config[ensemble].on_chip = False."


@dataclass(frozen=True, eq=False)
class Refusal:
    """Something that can't be built.

    Parameters
    ----------
    obj : Ensemble, Connection, Probe, Node or Network
    reason : str
        Why, and what to do.
    """

    obj: object
    reason: str


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of building a network.

    Parameters
    ----------
    model : nengo_loihi.builder.Model
        With the blocks of all that could be built, neither split nor discretized.
    refusals : list of Refusal
    """

    model: Model
    refusals: list


def build_on_trial(network, *, dt=0.001, seed=None):
    """Build a network up to the point where NengoLoihi would split it into cores.

    Parameters
    ----------
    network : nengo.Network
    dt : float
        Step in seconds.
    seed : int, optional
        Of the random numbers in building a network that has no seed.

    Returns
    -------
    trial : Trial
    """
    model = _CollectingModel(dt=float(dt))
    if seed is not None and network.seed is None:
        model.seeds[network] = seed
    with warnings.catch_warnings():
        # about what is reported, or what a report can do nothing about
        warnings.simplefilter("ignore")
        seed_network(network, model.seeds, model.seeded)
        add_params(network)
        model.split = model.place(network)
        if model.split is not None:
            model.build_all(network)
    return Trial(model, model.refusals)


class _CollectingModel(Model):
    """Goes on when an object can't be built: in a simpler form, or with what doesn't need it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.refusals = []
        self.failed = set()
        self._has_connections = True
        self._is_building = False  # an object, and now a part of it

    def place(self, network):
        """Find out what goes where; None if that is impossible."""
        for remove_passthrough in (True, False):
            try:
                return choose_split(network, remove_passthrough=remove_passthrough)
            except (NengoException, NotImplementedError, AssertionError) as error:
                # a node that can't be merged, in the first round: neurons can still be looked at
                if remove_passthrough:
                    self.refusals.append(Refusal(network, explain(error)))
                    self._has_connections = False
        return None

    def build_all(self, network):
        build_network(self, network)
        for conn in self.split.passthrough.to_add:
            self.seeds[conn] = None
            self.seeded[conn] = False
            self.build(conn)

    def build(self, obj, *args, **kwargs):
        if self._is_building or isinstance(obj, nengo.Network):
            return super().build(obj, *args, **kwargs)
        if self._depends_on_failed(obj):
            self.failed.add(obj)
            return None
        error = self._try_to_build(obj)
        if error is not None:
            self.refusals.append(Refusal(obj, explain(error)))
            # what it needs of the chip can still be counted
            with _simplified(obj):
                if self._try_to_build(obj) is not None:
                    self.failed.add(obj)
        return self.params.get(obj)

    def _try_to_build(self, obj):
        """Build an object, or leave everything as it was; returns the error."""
        before = self._state()
        self._is_building = True
        try:
            super().build(obj)
        # builders speak of what they can't do in many ways, KeyErrors included
        except Exception as error:
            self._restore(before)
            return error
        finally:
            self._is_building = False
        return None

    def _depends_on_failed(self, obj):
        if isinstance(obj, nengo.Connection):
            if not self._has_connections:
                return True
            ends = [obj.pre_obj, obj.post_obj]
        elif isinstance(obj, nengo.Probe):
            ends = [obj.obj]
        else:
            return False
        ends += [end.connection for end in ends if isinstance(end, LearningRule)]
        return any(end in self.failed or base_obj(end) in self.failed for end in ends)

    def _state(self):
        blocks = {
            block: (list(block.axons), list(block.synapses), dict(block.named_synapses))
            for block in self.blocks
        }
        return blocks, {source: list(source.axons) for source in self.inputs}, list(self.probes)

    def _restore(self, state):
        blocks, inputs, self.probes = state
        for block in list(self.blocks):
            if block in blocks:
                block.axons, block.synapses, block.named_synapses = blocks[block]
            else:
                del self.blocks[block]
        for source in list(self.inputs):
            if source in inputs:
                source.axons = inputs[source]
            else:
                del self.inputs[source]


# Values of parameters that can be built on the chip
_SIMPLE = {
    nengo.Ensemble: {"neuron_type": nengo.SpikingRectifiedLinear(), "noise": None},
    nengo.Connection: {"synapse": None},
}


@contextmanager
def _simplified(obj):
    """Take away, for a while, what the chip can't do."""
    values = _SIMPLE.get(type(obj), {})
    before = {name: getattr(obj, name) for name in values}
    try:
        for name, value in values.items():
            setattr(obj, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(obj, name, value)


def explain(error):
    """Say why something is refused, and what to do.

    Parameters
    ----------
    error : Exception
        Of a builder.

    Returns
    -------
    reason : str
        Without what Python calls the object, for which a report has a better name.
    """
    text = re.sub(r"(?m)^\w*\(?<.*?>\)?: ", "", str(error))
    text = " ".join(text.split())
    if isinstance(error, NengoException | SoftLIFError):
        return text
    return f"{text or 'NengoLoihi does not implement it'} ({type(error).__name__}). {_ON_HOST}"
