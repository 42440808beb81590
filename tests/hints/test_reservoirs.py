"""Advice on reservoirs."""

import nengo

from nengo_softlif.networks import LiquidStateMachine
from tests.hints.following import Advice, follow


def test_advice():
    follow(
        Advice(
            "give one such as nengo.LIF(tau_rc=0.03)",
            lambda: LiquidStateMachine(2, neuron_type=nengo.LIFRate()),
            lambda: LiquidStateMachine(2, neuron_type=nengo.LIF(tau_rc=0.03)).n_excitatory == 108,
        )
    )
