"""Spike-timing-dependent plasticity as learning rules of Nengo."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np
from nengo.exceptions import ValidationError
from nengo.learning_rules import LearningRuleType
from nengo.params import BoolParam, EnumParam, Parameter

from nengo_softlif.neurons.params import FiniteParam

__all__ = ["STDP", "TripletSTDP"]

PAIRINGS = ("all", "nearest")


class BoundsParam(Parameter):
    """The lowest and the highest weight."""

    def coerce(self, instance, bounds):
        """Accept two numbers in their order."""
        try:
            lower, upper = (float(bound) for bound in bounds)
        except (TypeError, ValueError):
            lower = upper = math.nan
        if not lower < upper:
            raise ValidationError(
                "must be the lowest and the highest weight, the lowest first, such as (0, 1) (got "
                f"{bounds!r})",
                attr=self.name,
                obj=instance,
            )
        return super().coerce(instance, (lower, upper))


class SpikePlasticity(LearningRuleType, ABC):
    """Base class of the rules that change weights when neurons spike.

    Parameters
    ----------
    bounds : (float, float)
        The lowest and the highest weight; infinite ones, for none, go with an exponent of 0.
    weight_exponent : float
        How changes depend on the distance of a weight from the bound that it moves to: 0 not at
        all (additive), 1 in proportion (multiplicative), else by this power (>= 0).
    pairing : {"all", "nearest"}
        Whether a spike is paired with all spikes before it, or with the last one of each neuron.
    learning_rate : float
        Factor of all changes (>= 0).
    frozen : bool
        Whether the weights stay as they are. The rule then costs nothing.
    prune : bool
        Whether a weight of 0 is no synapse.
    """

    modifies = "weights"
    probeable = ("pre_trace", "post_trace", "pre_slow", "post_slow")

    learning_rate = FiniteParam("learning_rate", low=0, readonly=True)
    bounds = BoundsParam("bounds", readonly=True)
    weight_exponent = FiniteParam("weight_exponent", low=0, readonly=True)
    pairing = EnumParam("pairing", values=PAIRINGS, readonly=True)
    frozen = BoolParam("frozen", readonly=True)
    prune = BoolParam("prune", default=False, readonly=True)

    def __init__(
        self,
        bounds=(0.0, 1.0),
        weight_exponent=0.0,
        pairing="all",
        learning_rate=1.0,
        frozen=False,
        size_in=0,
        prune=False,
    ):
        super().__init__(learning_rate, size_in=size_in)
        self.bounds = bounds
        self.weight_exponent = weight_exponent
        if self.weight_exponent and not np.isfinite(self.bounds).all():
            raise ValidationError(
                f"must be finite if changes depend on weights, with weight_exponent="
                f"{self.weight_exponent:g} (got {self.bounds}); give two numbers, or "
                "weight_exponent=0",
                attr="bounds",
                obj=self,
            )
        self.pairing = pairing
        self.frozen = frozen
        self.prune = prune

    def _check_prune(self):
        """Check that nothing but potentiation by spikes moves a weight away from 0."""
        if self.prune and (self.bounds[0] != 0 or min(*self.pairs, *self.triplets) < 0):
            raise ValidationError(
                "needs a lower bound of 0, and amplitudes of 0 or more (got "
                f"bounds={self.bounds}, pairs {self.pairs}, triplets {self.triplets}); give bounds "
                "such as (0, 1), or prune=False",
                attr="prune",
                obj=self,
            )

    @property
    @abstractmethod
    def pairs(self) -> tuple[float, float]:
        """Changes by pairs, A2+ and A2-."""

    @property
    def triplets(self) -> tuple[float, float]:
        """Changes by triplets, A3+ and A3-."""
        return 0.0, 0.0

    @property
    @abstractmethod
    def time_constants(self) -> tuple[float, float, float, float]:
        """Of the traces of inputs and outputs, fast, then slow, in seconds."""


class STDP(SpikePlasticity):
    r"""Pairs of spikes change a weight by the time between them.

    An input spike before an output spike potentiates, after it depresses:

    .. math:: \Delta w = A_+ e^{-\Delta t / \tau_{pre}} \text{ for } \Delta t \ge 0, \quad
       -A_- e^{\Delta t / \tau_{post}} \text{ for } \Delta t < 0

    where :math:`\Delta t` is the time of the output spike less that of the input spike. Sums over
    all pairs are kept by traces, see `nengo_softlif.functional.plasticity`. Negative amplitudes
    make it anti-STDP.

    Parameters
    ----------
    potentiation, depression : float
        A+ and A-, in units of the weights.
    tau_pre, tau_post : float
        Time constants of the traces of inputs and outputs in seconds (> 0).
    bounds : (float, float)
        The lowest and the highest weight; infinite ones, for none, go with an exponent of 0.
    weight_exponent : float
        How changes depend on the distance of a weight from the bound that it moves to, in units of
        the range: 0 not at all (additive), 1 in proportion (multiplicative), else by this power.
    pairing : {"all", "nearest"}
        Whether a spike is paired with all spikes before it, or with the last one of each neuron.
    learning_rate : float
        Factor of all changes (>= 0).
    frozen : bool
        Whether the weights stay as they are. The rule then costs nothing.
    prune : bool
        Whether a weight of 0 is no synapse, which potentiation does not make. So a matrix may have
        few synapses, and those that are depressed to 0 are lost. The lower bound must be 0, and
        no amplitude below it.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range.
    nengo.exceptions.BuildError
        When the network is built, if the connection does not go from spiking neurons to spiking
        neurons with dense weights, or weights are outside of the bounds.

    References
    ----------
    .. [1] Song, Miller & Abbott (2000), "Competitive Hebbian learning through
       spike-timing-dependent synaptic plasticity".
    .. [2] Gütig et al. (2003), "Learning input correlations through nonlinear temporally
       asymmetric Hebbian plasticity".

    Examples
    --------
    >>> import nengo
    >>> import numpy as np
    >>> from nengo_softlif.learning_rules import STDP
    >>> with nengo.Network(seed=0) as net:
    ...     a = nengo.Ensemble(20, 1, neuron_type=nengo.LIF())
    ...     b = nengo.Ensemble(10, 1, neuron_type=nengo.LIF())
    ...     connection = nengo.Connection(
    ...         a.neurons, b.neurons, transform=np.full((10, 20), 0.5), learning_rule_type=STDP()
    ...     )
    ...     weights = nengo.Probe(connection, "weights", sample_every=0.1)
    >>> with nengo.Simulator(net, progress_bar=False) as sim:
    ...     sim.run(0.2)
    >>> sim.data[weights].shape
    (2, 10, 20)
    """

    potentiation = FiniteParam("potentiation", readonly=True)
    depression = FiniteParam("depression", readonly=True)
    tau_pre = FiniteParam("tau_pre", low=0, low_open=True, readonly=True)
    tau_post = FiniteParam("tau_post", low=0, low_open=True, readonly=True)

    def __init__(
        self,
        potentiation=0.01,
        depression=0.0105,
        tau_pre=0.02,
        tau_post=0.02,
        bounds=(0.0, 1.0),
        weight_exponent=0.0,
        pairing="all",
        learning_rate=1.0,
        frozen=False,
        size_in=0,
        prune=False,
    ):
        super().__init__(bounds, weight_exponent, pairing, learning_rate, frozen, size_in, prune)
        self.potentiation = potentiation
        self.depression = depression
        self.tau_pre = tau_pre
        self.tau_post = tau_post
        self._check_prune()

    @property
    def pairs(self):
        """Changes by pairs, A2+ and A2-."""
        return self.potentiation, self.depression

    @property
    def time_constants(self):
        """Of the traces of inputs and outputs, fast, then slow, in seconds."""
        return self.tau_pre, self.tau_post, 1.0, 1.0


class TripletSTDP(SpikePlasticity):
    """Pairs and triplets of spikes change a weight.

    An input spike depresses by what is left of the outputs' spikes, more so if the input has
    spiked before; an output spike potentiates by what is left of the inputs' spikes, more so if
    the output has spiked before. The equations are those of
    `nengo_softlif.functional.plasticity`; the default constants are those that Pfister & Gerstner
    fitted to visual cortex (all-to-all, full model). `diehl_cook` has other ones.

    Parameters
    ----------
    potentiation, depression : float
        By pairs, A2+ and A2-.
    triplet_potentiation, triplet_depression : float
        By triplets, A3+ and A3-.
    tau_pre, tau_post : float
        Time constants of the fast traces of inputs and outputs in seconds (> 0).
    tau_pre_slow, tau_post_slow : float
        Those of the slow traces.
    bounds, weight_exponent, pairing, learning_rate, frozen, prune
        As for `STDP`.

    Raises
    ------
    nengo.exceptions.ValidationError, nengo.exceptions.BuildError
        As for `STDP`.

    References
    ----------
    .. [1] Pfister & Gerstner (2006), "Triplets of spikes in a model of spike timing-dependent
       plasticity".

    Examples
    --------
    >>> TripletSTDP.diehl_cook().triplets
    (0.01, 0.0)
    """

    potentiation = FiniteParam("potentiation", readonly=True)
    depression = FiniteParam("depression", readonly=True)
    triplet_potentiation = FiniteParam("triplet_potentiation", readonly=True)
    triplet_depression = FiniteParam("triplet_depression", readonly=True)
    tau_pre = FiniteParam("tau_pre", low=0, low_open=True, readonly=True)
    tau_post = FiniteParam("tau_post", low=0, low_open=True, readonly=True)
    tau_pre_slow = FiniteParam("tau_pre_slow", low=0, low_open=True, readonly=True)
    tau_post_slow = FiniteParam("tau_post_slow", low=0, low_open=True, readonly=True)

    def __init__(
        self,
        potentiation=5e-10,
        depression=7e-3,
        triplet_potentiation=6.2e-3,
        triplet_depression=2.3e-4,
        tau_pre=0.0168,
        tau_post=0.0337,
        tau_pre_slow=0.101,
        tau_post_slow=0.125,
        bounds=(0.0, 1.0),
        weight_exponent=0.0,
        pairing="all",
        learning_rate=1.0,
        frozen=False,
        prune=False,
    ):
        super().__init__(bounds, weight_exponent, pairing, learning_rate, frozen, prune=prune)
        self.potentiation = potentiation
        self.depression = depression
        self.triplet_potentiation = triplet_potentiation
        self.triplet_depression = triplet_depression
        self.tau_pre = tau_pre
        self.tau_post = tau_post
        self.tau_pre_slow = tau_pre_slow
        self.tau_post_slow = tau_post_slow
        self._check_prune()

    @classmethod
    def diehl_cook(cls, **options) -> TripletSTDP:
        """Make the rule of Diehl & Cook (2015), with the nearest spikes.

        An output spike potentiates only if the output has spiked shortly before.

        Parameters
        ----------
        **options
            What is to differ.

        Returns
        -------
        rule : TripletSTDP
        """
        constants = {
            "potentiation": 0.0,
            "depression": 1e-4,
            "triplet_potentiation": 0.01,
            "triplet_depression": 0.0,
            "tau_pre": 0.02,
            "tau_post": 0.02,
            "tau_pre_slow": 0.02,
            "tau_post_slow": 0.04,
            "pairing": "nearest",
        }
        return cls(**{**constants, **options})

    @property
    def pairs(self):
        """Changes by pairs, A2+ and A2-."""
        return self.potentiation, self.depression

    @property
    def triplets(self):
        """Changes by triplets, A3+ and A3-."""
        return self.triplet_potentiation, self.triplet_depression

    @property
    def time_constants(self):
        """Of the traces of inputs and outputs, fast, then slow, in seconds."""
        return self.tau_pre, self.tau_post, self.tau_pre_slow, self.tau_post_slow
