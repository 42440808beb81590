"""STDP by which weights become log probabilities."""

from __future__ import annotations

import numpy as np
from nengo.builder import Builder
from nengo.builder.connection import slice_signal
from nengo.builder.operator import Operator
from nengo.exceptions import ValidationError
from nengo.learning_rules import LearningRuleType
from nengo.params import BoolParam

from nengo_softlif.functional.plasticity import to_log_probability
from nengo_softlif.learning_rules.build import arriving, check_ends, without_delta
from nengo_softlif.neurons.params import FiniteParam

__all__ = ["ProbabilisticSTDP", "SimProbabilisticSTDP"]


class ProbabilisticSTDP(LearningRuleType):
    r"""At a spike of an output, weights move towards log probabilities of their inputs.

    .. math:: \Delta w_{ki} = \eta \, (e^{c - w_{ki}} x_i - 1) \quad \text{at a spike of the
       output k}

    with :math:`x_i` = 1 if the input i spikes or is above zero, else 0. On average weights become
    :math:`\log p(x_i = 1 | k) + c`: with neurons of the type
    `nengo_softlif.neurons.StochasticWinner` this is the M step of expectation maximisation for a
    mixture model, one spike at a time (Nessler et al. 2013). An input is active in the step
    of its spike, for 10 ms with a step of 10 ms.

    Parameters
    ----------
    learning_rate : float
        :math:`\eta` (>= 0).
    shift : float
        c (> 0). Weights are kept from 0, for probabilities of exp(-c) and below, to c, for 1.
    frozen : bool
        Whether the weights stay as they are. The rule then costs nothing.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range.
    nengo.exceptions.BuildError
        When the network is built, if the connection does not go from spiking neurons to spiking
        neurons.

    References
    ----------
    .. [1] Nessler, Pfeiffer, Buesing & Maass (2013), "Bayesian computation emerges in generic
       cortical microcircuits through spike-timing-dependent plasticity".

    Examples
    --------
    >>> ProbabilisticSTDP(learning_rate=0.01).shift
    5.0
    """

    modifies = "weights"
    probeable = ()

    learning_rate = FiniteParam("learning_rate", low=0, readonly=True)
    shift = FiniteParam("shift", low=0, low_open=True, readonly=True)
    frozen = BoolParam("frozen", readonly=True)

    def __init__(self, learning_rate=0.01, shift=5.0, frozen=False):
        super().__init__(learning_rate, size_in=0)
        self.shift = shift
        self.frozen = frozen


class SimProbabilisticSTDP(Operator):
    """Change the weights to outputs that spike.

    Parameters
    ----------
    rule : ProbabilisticSTDP
    pre : Signal
        Filtered inputs of this step.
    post : Signal
        Spikes of the outputs.
    weights : Signal
        (n_post, n_pre).

    Notes
    -----
    1. sets ``[]``
    2. incs ``[]``
    3. reads ``[pre, post]``
    4. updates ``[weights]``
    """

    def __init__(self, rule, pre, post, weights):
        super().__init__()
        self.rule = rule
        self.sets, self.incs = [], []
        self.reads, self.updates = [pre, post], [weights]

    def make_step(self, signals, dt, rng):
        """Return the function of one step."""
        pre, post, weights = (signals[s] for s in (*self.reads, *self.updates))
        rate, shift = self.rule.learning_rate, self.rule.shift

        def step():
            for k in np.flatnonzero(post):
                moved = to_log_probability(weights[k], pre > 0, rate, shift)
                weights[k] = np.clip(moved, 0, shift)

        return step


@Builder.register(ProbabilisticSTDP)
def build_probabilistic_stdp(model, rule_type, rule):
    """Build a rule: the operator that changes the weights.

    Parameters
    ----------
    model : nengo.builder.Model
    rule_type : ProbabilisticSTDP
    rule : nengo.connection.LearningRule
    """
    connection = rule.connection
    check_ends(connection, rule_type)
    product = without_delta(model, rule)
    weights = product.A.initial_value
    if weights.min() < 0 or weights.max() > rule_type.shift:
        raise ValidationError(
            f"must be from 0 to the shift of its learning rule, {rule_type.shift:g} (got "
            f"{weights.min():g} to {weights.max():g}); give the rule another shift, or clip them",
            attr="transform",
            obj=connection,
        )
    post = slice_signal(model, model.sig[connection.post_obj]["out"], connection.post_slice)
    if not rule_type.frozen:
        spikes = arriving(model, connection, product.X)
        model.add_op(SimProbabilisticSTDP(rule_type, spikes, post, product.A))
