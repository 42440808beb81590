"""A price on firing rates: what it is, that training follows it, that it is stored."""

import keras
import numpy as np
import pytest

from nengo_softlif.layers import FiringRateRegularizer, LinearResetLIF, SoftLIF

LAYERS = {
    "soft LIF": lambda **kwargs: SoftLIF(amplitude=0.01, **kwargs),
    "linear reset": lambda **kwargs: LinearResetLIF(amplitude=0.01, **kwargs),
    "no leak": lambda **kwargs: LinearResetLIF(leak=False, amplitude=0.01, **kwargs),
}


def test_is_zero_up_to_the_target_and_its_weight_at_twice_the_target():
    rates = np.full((4, 3), 20.0, "float32")
    assert float(FiringRateRegularizer(20)(rates)) == 0
    assert float(FiringRateRegularizer(30)(rates)) == 0
    assert float(FiringRateRegularizer(10, weight=0.3)(rates)) == pytest.approx(0.3)


@pytest.mark.parametrize("percentile", [1, 50, 99.9, 100])
def test_compares_a_percentile_of_the_rates(percentile):
    rates = np.random.RandomState(0).uniform(0, 100, (50, 4, 4, 3)).astype("float32")
    wanted = np.percentile(rates, percentile)
    assert float(FiringRateRegularizer(wanted * 1.001, percentile)(rates)) == 0
    assert float(FiringRateRegularizer(wanted / 2, percentile)(rates)) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("name", LAYERS)
def test_counts_the_rates_in_hz_without_noise_and_in_training_only(name):
    layer = LAYERS[name](noise=50, rate_regularizer=FiringRateRegularizer(10))
    J = np.random.RandomState(0).uniform(1, 3, (20, 30)).astype("float32")
    rates = keras.ops.convert_to_numpy(layer(J)) / layer.amplitude
    assert not layer.losses
    layer(J, training=True)
    (loss,) = layer.losses
    assert float(loss) == pytest.approx((rates.mean() / 10 - 1) ** 2, rel=1e-4)


@pytest.mark.parametrize("name", LAYERS)
def test_trains_in_mixed_precision(name):
    layer = LAYERS[name](
        noise=50, rate_regularizer=FiringRateRegularizer(10), dtype="mixed_bfloat16"
    )
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(20), layer])
    model.compile("sgd", loss="mse")
    x = np.random.RandomState(0).uniform(0, 1, (64, 10)).astype("float32")
    history = model.fit(x, np.zeros((64, 20)), epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize("percentile", [None, 90])
def test_training_brings_the_rates_down_to_the_target(percentile):
    keras.utils.set_random_seed(0)
    x = np.random.RandomState(0).uniform(0, 1, (256, 10)).astype("float32")
    model = keras.Sequential(
        [
            keras.Input((10,)),
            keras.layers.Dense(20, bias_initializer="ones"),
            SoftLIF(
                amplitude=0.01, rate_regularizer=FiringRateRegularizer(5, percentile=percentile)
            ),
        ]
    )

    def fastest(rates):
        return rates.mean() if percentile is None else np.percentile(rates, percentile)

    before = fastest(model.predict(x, verbose=0)) / 0.01
    model.compile(keras.optimizers.Adam(0.01), loss=lambda y, out: 0.0 * out)
    model.fit(x, x[:, :1], epochs=20, verbose=0)
    after = fastest(model.predict(x, verbose=0)) / 0.01
    assert before > 15
    assert after < 6


def test_is_stored_with_the_layer(tmp_path):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            SoftLIF(noise=5, rate_regularizer=FiringRateRegularizer(20, 99, 0.1), name="a"),
            LinearResetLIF(name="b"),
        ]
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    config = loaded.get_layer("a").rate_regularizer.get_config()
    assert config == {"target": 20.0, "percentile": 99.0, "weight": 0.1, "lower": None}
    assert loaded.get_layer("b").rate_regularizer is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": 0},
        {"target": np.nan},
        {"target": True},
        {"target": 5, "weight": -1},
        {"target": 5, "percentile": 0},
        {"target": 5, "percentile": 101},
        {"target": 5, "percentile": "99"},
    ],
)
def test_wrong_parameters_are_named(wrong):
    name = list(wrong)[-1]
    with pytest.raises(ValueError, match=f"FiringRateRegularizer.{name} must be .*got"):
        FiringRateRegularizer(**wrong)


def test_a_layer_takes_nothing_else():
    with pytest.raises(ValueError, match=r"a\.rate_regularizer must be a FiringRateRegularizer"):
        SoftLIF(rate_regularizer=20, name="a")
