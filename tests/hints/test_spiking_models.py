"""Advice on models with layers that don't go step by step, on several readouts, and on files."""

from dataclasses import dataclass

import keras
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.conversion import compare_spikes, to_spiking_model
from nengo_softlif.datasets import read_events
from nengo_softlif.functional.surrogates import ExponentialSurrogate
from nengo_softlif.layers import (
    DiscreteLIF,
    LeakyIntegrator,
    OverTime,
    RecurrentLIF,
    SoftLIF,
    SpikingLSTM,
)
from tests.hints.following import Advice, follow
from tests.hints.test_steps import T, X, is_right, stack, trained

L = keras.layers


@dataclass(frozen=True)
class Wide(ExponentialSurrogate):
    steepness: float = 0.5


def test_layers_that_do_not_go_step_by_step():
    for advice in [
        Advice(
            "; add nengo_softlif.layers.DiscreteLIF where activations were, or convert the model "
            "without its time axis",
            lambda: nsl.convert(trained(OverTime(L.Dense(3)))),
            lambda: is_right(trained(OverTime(L.Dense(3)), DiscreteLIF())),
        ),
        Advice(
            "; use nengo_softlif.layers.DiscreteLIF instead",
            lambda: nsl.convert(trained(DiscreteLIF(), L.Dense(3), SoftLIF())),
            lambda: is_right(trained(DiscreteLIF(), L.Dense(3), DiscreteLIF())),
        ),
        Advice(
            "; use nengo_softlif.layers.SpikingLSTM, SubLSTM or RecurrentLIF in its place",
            lambda: nsl.convert(trained(DiscreteLIF(), L.LSTM(3, return_sequences=True))),
            lambda: (
                is_right(trained(DiscreteLIF(), SpikingLSTM(3)))
                and is_right(trained(DiscreteLIF(), L.Dense(3), RecurrentLIF()))
            ),
        ),
        Advice(
            "; use nengo_softlif.layers.LeakyIntegrator(over_time='mean') as a readout",
            lambda: nsl.convert(stack(DiscreteLIF(), L.Dense(2), L.GlobalAveragePooling1D())),
            lambda: is_right(stack(DiscreteLIF(), L.Dense(2), LeakyIntegrator(over_time="mean"))),
        ),
        Advice(
            "; use nengo_softlif.layers.RecurrentLIF in its place, which remembers former steps",
            lambda: nsl.convert(trained(L.Conv1D(3, 2, padding="same"), DiscreteLIF())),
            lambda: is_right(trained(L.Dense(3), RecurrentLIF())),
        ),
        Advice(
            "; make the layer with data_format='channels_last', and give it samples with their "
            "channels last",
            lambda: OverTime(
                L.Conv2D(3, 2, use_bias=False, data_format="channels_first"), quantize="loihi"
            ),
            lambda: (
                OverTime(
                    L.Conv2D(3, 2, use_bias=False, data_format="channels_last"), quantize="loihi"
                )(np.ones((1, T, 4, 4, 2))).shape
                == (1, T, 3, 3, 3)
            ),
        ),
    ]:
        follow(advice)


def read_twice(one, other):
    inputs = keras.Input((T, 4))
    hidden = DiscreteLIF()(inputs)
    return keras.Model(
        inputs,
        [LeakyIntegrator(over_time=over_time)(L.Dense(2)(hidden)) for over_time in (one, other)],
    )


def test_what_models_lack():
    without = stack(L.Dense(3), L.Dense(2), shape=(4,))
    model, other = trained(DiscreteLIF(name="a")), trained(DiscreteLIF(name="b"))
    spiking = nsl.convert(model)

    def each_by_itself():
        twice = read_twice("last", "mean")
        return all(is_right(keras.Model(twice.input, output)) for output in twice.outputs)

    for advice in [
        Advice(
            "; give all LeakyIntegrator layers in front of the outputs the same over_time, or "
            "convert a keras.Model of some of the outputs at a time",
            lambda: nsl.convert(read_twice("last", "mean")),
            lambda: nsl.convert(read_twice("mean", "mean")) and each_by_itself(),
        ),
        Advice(
            "; add activations to its layers, such as keras.layers.Dense(100, activation='relu')",
            lambda: to_spiking_model(without, X[:, 0]),
            lambda: is_right(
                to_spiking_model(
                    stack(L.Dense(100, activation="relu"), L.Dense(2), shape=(4,)), X[:, 0]
                ),
                X[:, 0],
            ),
        ),
        Advice(
            "; give 100 of them, for instance",
            lambda: compare_spikes(model, spiking, X[:0]),
            lambda: compare_spikes(model, spiking, X)[0].n_compared == X.size,
        ),
        Advice(
            "; give as many time steps as the model has",
            lambda: compare_spikes(model, spiking, X[:, :3]),
            lambda: compare_spikes(model, spiking, X)[0].n_compared == X.size,
        ),
        Advice(
            "; give the model that it was converted from",
            lambda: compare_spikes(other, spiking, X),
            lambda: compare_spikes(model, spiking, X)[0].n_differing == 0,
        ),
    ]:
        follow(advice)


def test_files(tmp_path):
    file = tmp_path / "model.keras"
    trained(DiscreteLIF(surrogate=Wide())).save(file)
    one = bytes([3, 7, 0x80, 0x01, 0x00])
    overflow = bytes([0, 240, 0, 0, 0])
    long, parts = tmp_path / "long.bin", [tmp_path / "0.bin", tmp_path / "1.bin"]
    long.write_bytes(one + 270_000 * overflow + one)
    for part in parts:
        part.write_bytes(one)

    def load(**options):
        return keras.saving.load_model(file, **options)

    for advice in [
        Advice(
            "; give a class of your own to keras.saving.load_model in custom_objects",
            load,
            lambda: load(custom_objects={"Wide": Wide}).layers[0].surrogate == Wide(),
        ),
        Advice(
            "; cut the recording into shorter ones",
            lambda: read_events(long),
            lambda: all(len(read_events(part)) == 1 for part in parts),
        ),
    ]:
        follow(advice, Exception)  # Keras's quotes ours
