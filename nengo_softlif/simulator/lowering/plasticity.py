"""Rules of spike-timing-dependent plasticity."""

import numpy as np

from nengo_softlif.learning_rules.operators import LEAST_FRACTION, SimSTDP
from nengo_softlif.simulator.kernels import plasticity as kernels
from nengo_softlif.simulator.lowering.registry import rule
from nengo_softlif.simulator.program import Instruction

__all__ = []


@rule(SimSTDP)
def stdp(operator, layout):
    """Pairs and triplets of spikes; with a reward, they change what waits for it."""
    signals = (operator.pre, operator.post, operator.weights, *operator.traces)
    places = layout.addresses(*signals)
    if places is None:
        return None
    pre, post, weights, pre_trace, post_trace, pre_slow, post_slow = places
    rule_type, (n_pre, n_post) = operator.rule, operator.weights.shape
    lower, upper = rule_type.bounds
    one = layout.memory.weights(np.ones(1))
    changed, fraction = weights, one
    gate = one if operator.gate is None else layout.address(operator.gate)
    before, after = [], []
    if operator.reward is not None:
        rewarded = layout.addresses(operator.eligibility, operator.fraction, operator.reward)
        if rewarded is None:
            return None
        changed, fraction, reward = rewarded
        waiting = {"eligibility": changed, "fraction": fraction, "n": n_pre * n_post}
        fading = operator.fading(layout.dt)
        before = [Instruction(kernels.fade, **waiting, fading=fading, least=LEAST_FRACTION)]
        after = [
            Instruction(
                kernels.reward,
                **waiting,
                weights=weights,
                reward=reward,
                dt=layout.dt,
                lower=lower,
                upper=upper,
            )
        ]
        lower, upper = -np.inf, np.inf
    decays = operator.decays(layout.dt)
    up, down, up_slow, down_slow = operator.amplitudes
    events = Instruction(
        kernels.stdp,
        pre=pre,
        post=post,
        weights=changed,
        pre_trace=pre_trace,
        post_trace=post_trace,
        pre_slow=pre_slow,
        post_slow=post_slow,
        gate=gate,
        fraction=fraction,
        active=layout.memory.counters(n_post),
        n_pre=n_pre,
        n_post=n_post,
        nearest=int(rule_type.pairing == "nearest"),
        prune=int(rule_type.prune),
        pre_decay=decays[0],
        post_decay=decays[1],
        pre_slow_decay=decays[2],
        post_slow_decay=decays[3],
        up=up,
        down=down,
        up_slow=up_slow,
        down_slow=down_slow,
        lower=lower,
        upper=upper,
        exponent=rule_type.weight_exponent,
    )
    return [*before, events, *after]
