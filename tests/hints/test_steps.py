"""Advice on models that are trained in spikes."""

import keras
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.conversion import compare_spikes, verify
from nengo_softlif.layers import (
    DiscreteLIF,
    EncodeSpikes,
    LeakyIntegrator,
    OverTime,
    RecurrentLIF,
    RepeatSteps,
)
from tests.hints.following import Advice, follow

L = keras.layers
T = 5
X = np.random.default_rng(0).uniform(size=(3, T, 4)).astype("float32")


def stack(*layers, shape=(T, 4)):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input(shape), *layers])


def encoder():
    return EncodeSpikes(nsl.RegularSpikes(1000), T)


def trained(*layers, shape=(T, 4)):
    return stack(*layers, L.Dense(2), LeakyIntegrator(), shape=shape)


def is_right(model, x=X):
    """Whether a conversion has the outputs of the model, and all of its spikes."""
    spiking = nsl.convert(model)
    output = spiking.predict(x, progress=False).output
    same = all(layer.n_differing == 0 for layer in compare_spikes(model, spiking, x))
    return same and np.allclose(output, model.predict(x, verbose=0), atol=1e-5)


def test_layers():
    constant = np.ones((3, 4), "float32")
    images = np.random.default_rng(1).uniform(size=(3, T, 2, 2)).astype("float32")
    for advice in [
        Advice(
            "; give constant inputs a time axis with nengo_softlif.layers.EncodeSpikes",
            lambda: DiscreteLIF()(constant),
            lambda: is_right(
                trained(EncodeSpikes(nsl.ConstantCurrent(1000), T), DiscreteLIF(), shape=(4,)),
                constant,
            ),
        ),
        Advice(
            "; give it to keras.Input, as in keras.Input((20, 784)) for 20 steps",
            lambda: DiscreteLIF()(keras.Input((None, 4))),
            lambda: DiscreteLIF()(keras.Input((20, 4))).shape == (None, 20, 4),
        ),
        Advice(
            "; put keras.layers.Flatten() inside of nengo_softlif.layers.OverTime before it",
            lambda: RecurrentLIF()(images),
            lambda: is_right(
                trained(OverTime(L.Flatten()), RecurrentLIF(), shape=(T, 2, 2)), images
            ),
        ),
        Advice(
            "take one of nengo_softlif.functional.surrogates, such as FastSigmoidSurrogate()",
            lambda: DiscreteLIF(surrogate="fast sigmoid"),
            lambda: is_right(
                trained(DiscreteLIF(surrogate=nsl.functional.surrogates.FastSigmoidSurrogate()))
            ),
        ),
        Advice(
            "take nengo_softlif.BernoulliSpikes(1000), for instance",
            lambda: EncodeSpikes("bernoulli", T),
            lambda: set(np.unique(EncodeSpikes(nsl.BernoulliSpikes(1000), T)(constant))) == {1},
        ),
        Advice(
            "give one such as keras.layers.Conv2D(8, 3)",
            lambda: OverTime("conv"),
            lambda: OverTime(L.Conv2D(8, 3))(np.ones((1, 2, 5, 5, 1))).shape == (1, 2, 3, 3, 8),
        ),
    ]:
        follow(advice)


def test_conversion():
    images = np.random.default_rng(1).uniform(size=(3, T, 2, 2)).astype("float32")
    spiking = trained(DiscreteLIF())
    rates = stack(L.Dense(3, activation="relu"), L.Dense(2), shape=(4,))
    highest = stack(DiscreteLIF(), L.Dense(2), LeakyIntegrator(over_time="all"))

    def follows_by_hand():
        run = nsl.convert(highest).predict(X, keep="outputs", progress=False)
        expected = highest.predict(X, verbose=0).max(axis=1)
        return np.allclose(run.output_over_time.max(axis=1), expected, atol=1e-5)

    for advice in [
        Advice(
            "; put it inside of nengo_softlif.layers.OverTime",
            lambda: nsl.convert(stack(DiscreteLIF(), L.Flatten(), L.Dense(2), shape=(T, 2, 2))),
            lambda: is_right(
                trained(DiscreteLIF(), OverTime(L.Flatten()), shape=(T, 2, 2)), images
            ),
        ),
        Advice(
            "; use nengo_softlif.layers.DiscreteLIF instead",
            lambda: nsl.convert(trained(L.Dense(3, activation="relu"), DiscreteLIF())),
            lambda: is_right(trained(L.Dense(3), DiscreteLIF(), DiscreteLIF())),
        ),
        Advice(
            "; put it directly behind keras.Input, or behind a Flatten layer there, or use "
            "nengo_softlif.layers.RepeatSteps",
            lambda: nsl.convert(trained(L.Dense(3), encoder(), DiscreteLIF(), shape=(4,))),
            lambda: (
                is_right(trained(encoder(), L.Dense(3), DiscreteLIF(), shape=(4,)), X[:, 0])
                and is_right(trained(L.Flatten(), encoder(), DiscreteLIF(), shape=(T, 4)), X)
                and is_right(
                    trained(L.Dense(3), RepeatSteps(T), DiscreteLIF(), shape=(4,)), X[:, 0]
                )
            ),
        ),
        Advice(
            "; use over_time='last' or 'mean', or over_time='all' and take the maximum",
            lambda: nsl.convert(stack(DiscreteLIF(), L.Dense(2), LeakyIntegrator(over_time="max"))),
            lambda: (
                is_right(stack(DiscreteLIF(), L.Dense(2), LeakyIntegrator(over_time="mean")))
                and follows_by_hand()
            ),
        ),
        Advice(
            "; pass presentation=nengo_softlif.Presentation(classify_from=...)",
            lambda: nsl.convert(spiking).predict(X[:, :3], progress=False),
            lambda: (
                nsl.convert(spiking)
                .predict(
                    X[:, :3], presentation=nsl.Presentation(classify_from=0.002), progress=False
                )
                .output.shape
                == (3, 2)
            ),
        ),
        Advice(
            "; check others with nengo_softlif.conversion.verify",
            lambda: compare_spikes(rates, nsl.convert(rates), X[:, 0]),
            lambda: verify(rates, nsl.convert(rates), X[:, 0])[0].max_rel < 1e-4,
        ),
        Advice(
            "; call nengo_softlif.conversion.compare_spikes(model, spiking, samples)",
            lambda: verify(spiking, nsl.convert(spiking), X),
            lambda: compare_spikes(spiking, nsl.convert(spiking), X)[0].n_differing == 0,
        ),
        Advice(
            "its neurons spike as they were trained to; leave them out",
            lambda: nsl.convert(spiking, target_rates=100, calibration=X),
            lambda: is_right(spiking),
        ),
    ]:
        follow(advice)
