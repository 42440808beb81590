"""What inputs send, counted from values, and the operations that follow, counted by hand."""

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.analysis import InputActivity, InputCounter, chain, count_workload
from nengo_softlif.errors import ParameterError, UnknownNameError
from nengo_softlif.layers import DiscreteLIF, EncodeSpikes, SpikeCounts

L = keras.layers
STEPS = 8
SHOWN = nsl.Presentation(time=STEPS * 0.001, classify_from=0.0)


def wrapped(*sizes):
    """Inputs of these sizes, each fully connected to four neurons."""
    with nengo.Network(seed=0) as net:
        a = nengo.Ensemble(4, 1, label="a")
        out = nengo.Node(size_in=1)
        inputs = {f"in{i}": nengo.Node(np.zeros(n)) for i, n in enumerate(sizes)}
        for node in inputs.values():
            transform = np.ones((4, node.size_out))
            nengo.Connection(node, a.neurons, transform=transform, synapse=None)
        nengo.Connection(a.neurons, out, transform=np.ones((1, 4)))
    return nsl.wrap(net, input=inputs, output=out)


def counted(*batches):
    counter = InputCounter(batches[0].shape[-1])
    for batch in batches:
        counter.add(batch)
    return counter.activity()


FRAMES = np.array([[[0, 1, 0], [0, 1, 2]], [[0, 0, 0], [4, 0, 0]]])  # two samples of two steps


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, np.float32, np.float64])
def test_event_frames_are_counted(dtype):
    activity = counted(FRAMES.astype(dtype))
    np.testing.assert_array_equal(activity.spike_counts, [2, 1, 1])
    assert activity.n_evaluations == 0


@pytest.mark.parametrize("height", [0.1, 5.0, 1000.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_spikes_of_any_height_and_sign(height, dtype):
    spikes = np.array([[[1, 0], [-1, 0], [1, 1]]])
    np.testing.assert_array_equal(counted((height * spikes).astype(dtype)).spike_counts, [3, 1])
    np.testing.assert_array_equal(counted(spikes == 1).spike_counts, [2, 1])  # truth values


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_samples_makes_no_difference(order):
    heights = [np.full((1, 2, 1), h) for h in (15.0, 10.0)][::order]
    np.testing.assert_array_equal(counted(*heights).spike_counts, [5])  # of a height of 5
    values = [np.full((1, 2, 1), h) for h in (0.5, 0.3)] + [np.array([[[0.1], [0.2]]])]
    activity = counted(*values[::order])
    assert activity.spike_counts is None
    assert activity.n_evaluations == pytest.approx((1 + 1 + 2) / 3)  # two of them are constant


def test_no_event_is_no_spike():
    np.testing.assert_array_equal(counted(np.zeros((2, 3, 4))).spike_counts, np.zeros(4))
    assert np.isnan(InputCounter(2).activity().spike_counts).all()  # no sample


def test_dense_by_hand():
    """Three frames to four neurons, from there to one output."""
    network = wrapped(3)
    frames = np.zeros((2, STEPS, 3))
    frames[0, 0] = 1, 0, 1
    frames[0, 5] = 1, 1, 0
    frames[1, 7] = 0, 2, 0
    result = nsl.predict(network, frames, keep="spikes", progress=False)
    (spikes,) = result.spikes.values()
    assert result.workload.input_synops == (4 + 2) / 2 * 4
    assert result.workload.unrolled_input_synops == (4 + 2) / 2 * 4
    assert result.workload.input_products == 0
    assert result.synops == pytest.approx(12 + spikes.sum() / 2)
    assert result.energy("loihi").input == pytest.approx(12 * 23.6e-12)
    assert result.energy("hunsberger2016").input == pytest.approx(12 * 0.08)
    assert result.energy("gpu").input == pytest.approx(12 * 0.3e-9)  # the rate network, once


def test_numbers_are_multiplied_once_if_they_are_constant_and_in_each_step_if_not():
    network = wrapped(3)
    rng = np.random.default_rng(0)
    constant = rng.uniform(size=(2, 3))
    changing = rng.uniform(size=(2, STEPS, 3))
    repeated = np.repeat(constant[:, np.newaxis], STEPS, axis=1)
    for samples, products in [(constant, 12), (repeated, 12), (changing, 12 * STEPS)]:
        result = nsl.predict(network, samples, presentation=SHOWN, progress=False)
        assert result.workload.input_products == products
        assert result.workload.input_synops == 0
        assert result.energy("hunsberger2016").input == 2 * products


def test_a_binary_image_that_is_constant_is_no_spike():
    result = nsl.predict(wrapped(3), np.ones((1, 3)), presentation=SHOWN, progress=False)
    assert result.workload.input_synops == 0 and result.workload.input_products == 12


def convolved(padding):
    conv = L.Conv2D(2, 3, padding=padding, use_bias=False)
    layers = [keras.Input((STEPS, 4, 4, 1)), L.TimeDistributed(conv), DiscreteLIF(0.5)]
    layers += [L.TimeDistributed(L.Flatten()), L.Dense(2)]
    return nsl.convert(keras.Sequential([*layers, nsl.layers.LeakyIntegrator(over_time="mean")]))


def test_convolution_by_hand():
    """A corner reaches 2 x 2 places of two filters with padding, and a single one without."""
    frames = np.zeros((1, STEPS, 4, 4, 1), "float32")
    frames[0, 2, 0, 0] = frames[0, 4, 1, 1] = 1  # the second is in all nine windows around it
    same = convolved("same").predict(frames, progress=False).workload
    assert same.input_synops == 2 * (4 + 9)
    assert same.unrolled_input_synops == pytest.approx(2 / 16 * 16 * 2 * 9)
    valid = convolved("valid").predict(frames, progress=False).workload
    assert valid.input_synops == 2 * (1 + 4)  # the second is in all four windows
    assert valid.unrolled_input_synops == pytest.approx(2 / 16 * 4 * 2 * 9)


def test_two_inputs_of_different_kinds():
    network = wrapped(3, 2)
    frames = np.zeros((1, STEPS, 3))
    frames[0, :, 1] = 1
    samples = {"in0": frames, "in1": np.array([[0.5, 0.2]])}
    result = nsl.predict(network, samples, progress=False)
    np.testing.assert_array_equal(result.input_activity["in0"].spike_counts, [0, STEPS, 0])
    assert result.input_activity["in1"].spike_counts is None
    assert result.workload.input_synops == 4 * STEPS
    assert result.workload.input_products == 8


@pytest.mark.parametrize(
    "encoding",
    [nsl.RegularSpikes(1000), nsl.RegularSpikes(300), nsl.BernoulliSpikes(500)]
    + [nsl.PoissonSpikes(2500), nsl.LatencySpikes()],
)
def test_encodings_count_what_they_send(encoding):
    x = np.array([[0.0, 0.5, 1.0], [0.2, 0.9, 0.4]])
    shown = nsl.Presentation(time=STEPS * 0.001, classify_from=0.0, encoding=encoding)
    result = nsl.predict(wrapped(3), x, presentation=shown, seed=3, batch_size=1, progress=False)
    spikes = np.array([encoding.encode(x[[i]], STEPS, seed=(3, i))[0] for i in range(2)])
    expected = spikes.sum(axis=(0, 1)) / 2
    np.testing.assert_array_equal(result.input_activity["in0"].spike_counts, expected)
    assert result.workload.input_synops == pytest.approx(4 * expected.sum())
    assert result.workload.input_products == 0


def test_constant_current_is_a_number():
    """Also if all of its values are zeros and ones."""
    encoding = nsl.ConstantCurrent(1000)
    shown = nsl.Presentation(time=STEPS * 0.001, classify_from=0.0, encoding=encoding)
    result = nsl.predict(wrapped(3), np.eye(3), presentation=shown, progress=False)
    assert result.workload.input_synops == 0 and result.workload.input_products == 12


def test_the_kind_of_backend_makes_no_difference():
    frames = np.random.default_rng(0).integers(3, size=(3, STEPS, 3))
    found = [
        nsl.predict(wrapped(3), frames, backend=backend, progress=False).workload
        for backend in ("compiled", "nengo")
    ]
    assert found[0].input_synops == found[1].input_synops == pytest.approx(frames.sum() / 3 * 4)


def test_models_that_encode_and_count():
    """Bernoulli input of a Keras model, and frames behind `SpikeCounts`, whose relays spike."""
    encoded = [keras.Input((3,)), EncodeSpikes(nsl.BernoulliSpikes(1000), STEPS), L.Dense(5)]
    model = keras.Sequential([*encoded, DiscreteLIF(0.5), nsl.layers.LeakyIntegrator()])
    result = nsl.convert(model).predict(np.ones((2, 3)), progress=False)
    assert result.workload.input_synops == 3 * STEPS * 5
    frames = [keras.Input((STEPS, 3)), SpikeCounts(1, name="counts"), L.Dense(5), DiscreteLIF(0.5)]
    model = keras.Sequential([*frames, nsl.layers.LeakyIntegrator()])
    result = nsl.convert(model).predict(np.ones((2, STEPS, 3)), keep="spikes", progress=False)
    assert result.workload.input_synops == 3 * STEPS  # to relays, one to one
    assert result.spikes["counts"].sum() == 2 * 3 * STEPS


def test_nodes_that_compute_do_so_in_each_step():
    with nengo.Network() as net:
        seen = nengo.Node(np.zeros(2))
        a = nengo.Ensemble(4, 1, label="a")
        clock = nengo.Node(lambda t: [t, -t])
        out = nengo.Node(size_in=1)
        nengo.Connection(seen, a.neurons, transform=np.ones((4, 2)))
        nengo.Connection(clock, a.neurons, transform=np.ones((4, 2)))
        nengo.Connection(a.neurons, out, transform=np.ones((1, 4)))
    network = nsl.wrap(net, input=seen, output=out)
    work = count_workload(network, {"a": 0.0}, STEPS * 0.001)
    assert work.input_products == pytest.approx(8 + 8 * STEPS)


def test_bad_activity():
    network, rates = chain({"a": 10}, [20, 30]), {"a": 5.0}
    with pytest.raises(UnknownNameError, match="inputs: input 'b' is unknown"):
        count_workload(network, rates, 0.1, inputs={"b": InputActivity(1)})
    with pytest.raises(ParameterError, match=r"inputs\['input'\] must be an InputActivity"):
        count_workload(network, rates, 0.1, inputs={"input": 3})
    with pytest.raises(ParameterError, match="inputs must be a"):
        count_workload(network, rates, 0.1, inputs=InputActivity(1))
    sent = {"input": InputActivity(0, np.ones(3))}
    with pytest.raises(ParameterError, match=r"each of the 1 elements .* \(got shape \(3,\)\)"):
        count_workload(network, rates, 0.1, inputs=sent)
