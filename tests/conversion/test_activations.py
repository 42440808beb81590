"""Every activation: as a layer and inside of one, in rates as Keras has it, and in spikes."""

import keras
import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nengo_softlif as nsl
from tests.conversion.checking import check, check_compiled, randomize

L = keras.layers

LAYERS = {
    "ReLU(6)": lambda: L.ReLU(max_value=6.0),
    "ReLU(0)": lambda: L.ReLU(max_value=0.0),
    "bounded leaky": lambda: L.ReLU(max_value=1.5, negative_slope=0.2),
    "threshold": lambda: L.ReLU(threshold=0.5),
    "all of them": lambda: L.ReLU(max_value=2.0, negative_slope=0.3, threshold=0.7),
    "PReLU": lambda: L.PReLU(),
    "ELU": lambda: L.ELU(alpha=0.4),
    **{
        name: lambda name=name: L.Activation(name)
        for name in (
            *("celu", "elu", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish"),
            *("hard_tanh", "leaky_relu", "linear", "log_sigmoid", "mish", "relu", "relu6", "selu"),
            *("sigmoid", "silu", "soft_shrink", "softplus", "softsign", "sparse_sigmoid"),
            *("squareplus", "swish", "tanh", "tanh_shrink"),
        )
    },
}


def model_of(*layers, spread=3.0):
    """A model whose activations are of both signs."""
    model = keras.Sequential([keras.Input((6,)), L.Dense(40), *layers, L.Dense(3)])
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 1, size=w.shape) for w in model.get_weights()]
    weights[0] *= spread
    model.set_weights(weights)
    return model, rng.uniform(-1, 1, size=(5, 6))


@pytest.mark.parametrize("name", LAYERS)
def test_rates_are_what_keras_computes(name):
    model, samples = model_of(LAYERS[name]())
    spiking = nsl.convert(model)
    assert nsl.conversion.verify(model, spiking, samples)
    check_compiled(model, spiking, [samples])


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("simulator", [nengo.Simulator, nsl.Simulator])
def test_spikes_count_up_to_it(name, simulator):
    model, samples = model_of(LAYERS[name](), spread=0.5)
    spiking = nsl.convert(model, synapse=None)
    spiking.input.output = samples[0]
    with spiking.net:
        probe = nengo.Probe(spiking.output)
    n_steps = 2000
    with simulator(spiking.net, progress_bar=False) as sim:
        sim.run_steps(n_steps)
    expected = np.asarray(model(samples[:1]))[0]
    # of each neuron, of 100 Hz for 1, a spike too many or too few: as much as it has outside
    weights = np.abs(model.get_weights()[-2]).sum(axis=0)
    steepest = max([1.0, *(np.abs(w).max() for w in model.get_weights()[2:-2])])
    bound = max(1, len(spiking.layers)) * steepest * weights / (100 * n_steps * 0.001)
    assert np.all(np.abs(sim.data[probe].mean(axis=0) - expected) <= bound)


def test_activations_inside_of_layers():
    for activation in ("relu6", "hard_tanh", "gelu", L.ReLU(max_value=0.3), L.LeakyReLU(0.3)):
        layers = [L.Conv2D(3, 3, activation=activation), L.Flatten(), L.Dense(2)]
        check(randomize(keras.Sequential([keras.Input((5, 5, 2)), *layers])))


def test_shared_slopes():
    layers = [L.Conv2D(3, 3), L.PReLU(shared_axes=[1, 2], name="p"), L.Flatten(), L.Dense(2)]
    spiking = check(randomize(keras.Sequential([keras.Input((5, 5, 2)), *layers])))
    assert [layer.name for layer in spiking.layers] == ["p/positive", "p/negative"]


def test_a_bounded_relu_is_a_pair_that_runs_wherever_relus_do():
    model, _ = model_of(L.ReLU(max_value=6.0, name="six"))
    spiking = nsl.convert(model)
    assert [layer.name for layer in spiking.layers] == ["six/positive", "six/excess"]
    assert all(type(x.neuron_type) is nsl.SpikingLinearResetLIF for x in spiking.layers)
    assert any("six: relu became 2 rectifying populations" in note for note in spiking.notes)


def test_a_curve_is_fired_with_a_note():
    model, _ = model_of(L.Activation("gelu", name="g"))
    spiking = nsl.convert(model)
    expected = nengo.RegularSpiking(nsl.neurons.ActivationRate("gelu", rate=100.0), amplitude=0.01)
    assert spiking.layers[0].neuron_type == expected
    assert any("g: no spiking neuron has the curve of gelu" in note for note in spiking.notes)


def test_gelu_by_tanh():
    x = keras.Input((6,))
    model = keras.Model(x, keras.activations.gelu(L.Dense(4)(x), approximate=True))
    check(randomize(model))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(set(LAYERS) - {"ReLU(0)"})), min_size=1, max_size=3),
    st.integers(0, 100),
)
def test_random_stacks(names, seed):
    layers = [keras.Input((5,))]
    for name in names:
        layers += [L.Dense(7), LAYERS[name]()]
    model = keras.Sequential([*layers, L.Dense(2)])
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.5, size=w.shape) for w in model.get_weights()])
    # a curve that jumps may fall on the other side in single precision
    samples = rng.uniform(-1, 1, size=(2, 5))
    assert nsl.conversion.verify(model, nsl.convert(model), samples)
