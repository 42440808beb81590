"""Advice on gated recurrent cells and their time gates."""

import keras
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.errors import ConversionError
from nengo_softlif.functional.time_gate import TimeGate
from nengo_softlif.layers import DiscreteLIF, LeakyIntegrator, RecurrentLIF, SpikingLSTM, SubLSTM
from tests.hints.following import Advice, follow

L = keras.layers
X = np.random.default_rng(0).uniform(size=(3, 5, 4)).astype("float32")


def stack(*layers):
    return keras.Sequential([keras.Input((5, 4)), *layers, L.Dense(2), LeakyIntegrator()])


def test_layers():
    gate = TimeGate((20, 100))
    for advice in [
        Advice(
            "give nengo_softlif.functional.time_gate.TimeGate((20, 100)), for instance",
            lambda: SpikingLSTM(4, time_gate=20),
            lambda: SpikingLSTM(4, time_gate=gate)(X).shape == (3, 5, 4),
        ),
        Advice(
            "; leave out leak and trainable",
            lambda: SpikingLSTM(4, time_gate=TimeGate((20, 100), leak=0.1, trainable=True)),
            lambda: SpikingLSTM(4, time_gate=gate).time_gate == gate,
        ),
        Advice(
            "; pass spiking=True, or leave them out",
            lambda: SubLSTM(4, threshold=0.3),
            lambda: (
                np.isin(SubLSTM(4, spiking=True, threshold=0.3)(X), [0, 1]).all()
                and not np.isin(SubLSTM(4)(X), [0, 1]).all()
            ),
        ),
        Advice(
            "; pass two numbers, such as (20, 100)",
            lambda: TimeGate(20),
            lambda: TimeGate((20, 100)).period == (20, 100),
        ),
        Advice(
            "must begin with the shorter one",
            lambda: TimeGate((100, 20)),
            lambda: TimeGate((20, 100)).period == (20, 100),
        ),
        Advice(
            "; make the shortest period ",
            lambda: TimeGate((5, 100), 0.1),
            lambda: TimeGate((10, 100), 0.1).shortest == 10,
        ),
        Advice(
            "; pass both, or none",
            lambda: nsl.GatedCells("sub_lstm", 2, period=[5, 5]),
            lambda: (
                nsl.GatedCells("sub_lstm", 2, period=[5, 5], shift=[0, 0.5]).period is not None
                and nsl.GatedCells("sub_lstm", 2).period is None
            ),
        ),
    ]:
        follow(advice)


def test_conversion():
    rates = stack(SubLSTM(4))

    def outputs_are_those_of_keras():
        found = nsl.convert(rates).predict(X, progress=False).output
        return np.allclose(found, rates.predict(X, verbose=0), atol=1e-5)

    follow(
        Advice(
            "; call spiking.predict(samples).output and compare it with model.predict(samples)",
            lambda: compare_spikes(rates, nsl.convert(rates), X),
            outputs_are_those_of_keras,
        )
    )


def test_loihi():
    pytest.importorskip("nengo_loihi")

    def on_loihi(layer):
        model = stack(L.Dense(4), DiscreteLIF(), L.Dense(4), layer)
        return nsl.convert(model, target="loihi").n_neurons == 8

    with pytest.raises(
        ConversionError, match=r"Train with .*RecurrentLIF, .*, or run it on another"
    ):
        on_loihi(SpikingLSTM(4))
    assert on_loihi(RecurrentLIF(adaptation_strength=0.0))
    model = stack(SpikingLSTM(4))
    assert nsl.convert(model).predict(X, backend="nengo", progress=False).output.shape == (3, 2)
