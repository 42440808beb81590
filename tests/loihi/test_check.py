"""`check` says what NengoLoihi would say, all of it, and without an error."""

import json

import keras
import nengo
import nengo_loihi
import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nengo.exceptions import BuildError, NengoException
from nengo.params import Parameter
from nengo_loihi.hardware.allocators import Greedy
from nengo_loihi.hardware.validate import validate_board

import nengo_softlif as nsl
from nengo_softlif.errors import ConversionError, ParameterError
from nengo_softlif.loihi import check
from tests.loihi.networks import convolution, new_network, pooled_network

L = keras.layers
REFUSALS = (NengoException, NotImplementedError, AssertionError)


def dense_network(rng, n_in, n_out, n_last=1):
    with new_network() as net:
        a, b = nengo.Ensemble(n_in, 1, label="a"), nengo.Ensemble(n_out, 1, label="b")
        net.config[a].on_chip = False
        nengo.Connection(a.neurons, b.neurons, transform=rng.uniform(1, 2, size=(n_out, n_in)))
        last = nengo.Ensemble(n_last, 1, label="last")
        nengo.Connection(b.neurons, last.neurons, transform=np.ones((n_last, n_out)))
    return net


def layer_of(report, name):
    (layer,) = [layer for layer in report.layers if layer.name == name]
    return layer


def used(layer):
    return [use.max for use in layer.utilisation.values()]


def rules(report):
    return [(violation.layer, violation.rule) for violation in report.violations]


def test_numbers_counted_by_hand(rng):
    report = check(dense_network(rng, 1000, 60))
    assert report.fits and (report.n_cores, report.n_chips) == (2, 1)
    host, b, last = report.layers
    assert (host.name, host.on_chip, host.n_cores) == ("a", False, 0)
    # an axon for each input, to 60 weights of 8 bits and 10 bits before them, in words of 64 bits
    assert used(b) == [60, 1000, 60, 1000 * 512]
    # 60 inputs with 1 weight
    assert used(last) == [1, 60, 0, 60 * 64]
    assert (b.block_shape, b.shape, b.fan_in) == ((60,), (60,), 1000)


@pytest.mark.parametrize("n, n_cores", [(1024, 1), (1025, 2), (2049, 3)])
def test_compartments_of_a_core(n, n_cores):
    with nengo.Network(seed=0) as net:
        nengo.Ensemble(n, 1, label="many")
    (layer,) = check(net).layers
    assert (layer.n_cores, layer.block_shape) == (n_cores, (-(-n // n_cores),))
    assert layer.utilisation["compartments"].mean == n / n_cores


@pytest.mark.parametrize("n_in, fits", [(4096, True), (4097, False)])
def test_inputs_of_a_neuron(rng, n_in, fits):
    report = check(dense_network(rng, n_in, 3))
    assert rules(report) == ([] if fits else [("b", "input axons")])
    assert layer_of(report, "b").fan_in == n_in
    if not fits:
        assert "A single neuron has 4,097 inputs" in str(report)


def test_memory_of_a_core(rng):
    """2,048 axons have 512 bits each: 62 weights of 8 bits fit into them, 63 don't."""
    one = layer_of(check(dense_network(rng, 2048, 62)), "b")
    assert (one.n_cores, used(one)[3]) == (1, 2**20)
    two = layer_of(check(dense_network(rng, 2048, 63)), "b")
    assert (two.n_cores, two.block_shape) == (2, (32,))
    assert used(two)[1:] == [2048, 32, 2048 * 320]


def test_a_given_block_shape_is_held_to_the_limits(rng):
    net = dense_network(rng, 2048, 120)
    net.config[net.ensembles[1]].block_shape = nengo_loihi.BlockShape((90,), (120,))
    report = check(net)
    assert rules(report) == [("b", "synapse bits")]
    assert layer_of(report, "b").n_cores == 2


@pytest.mark.parametrize(
    "shape", [((5,), (7,)), ((5,), (10, 2)), ((0,), (20,)), (5,), ((5.0,), (20,)), "half"]
)
def test_wrong_block_shapes_are_violations(rng, shape):
    net = dense_network(rng, 5, 20)
    net.config[nengo.Ensemble].set_param("block_shape", Parameter("block_shape", default=None))
    net.config[net.ensembles[1]].block_shape = shape
    report = check(net)
    assert rules(report) == [("b", "build")]
    assert "block_shape must be two tuples" in report.violations[0].message
    with pytest.raises(BuildError, match="block_shape must be two tuples"):
        nengo_loihi.Simulator(net, target="sim")


def test_cores_and_chips():
    with nengo.Network(seed=0) as net:
        for _ in range(129):
            nengo.Ensemble(1, 1)
    report = check(net)
    assert (report.n_cores, report.n_chips) == (129, 2)
    assert len({layer.name for layer in report.layers}) == 129


def test_everything_that_is_wrong_is_told_at_once(rng):
    with new_network() as net:
        wide = nengo.Ensemble(4097, 1, label="wide")
        narrow = nengo.Ensemble(10, 1, label="narrow")
        rate = nengo.Ensemble(10, 1, label="rate", neuron_type=nengo.Sigmoid())
        noisy = nengo.Ensemble(5, 1, label="noisy", noise=nengo.processes.WhiteNoise())
        extreme = nengo.Ensemble(10, 1, label="extreme", bias=np.full(10, 1e9))
        taught = nengo.Ensemble(5, 1, label="taught")
        tired = nengo.Ensemble(4, 1, label="tired", neuron_type=nsl.SpikingLIF(tau_ref=0.08))
        nengo.Connection(wide.neurons, narrow.neurons, transform=np.ones((10, 4097)))
        for k, synapse in enumerate((nengo.Alpha(0.1), nengo.Lowpass(50))):
            nengo.Connection(
                narrow.neurons, tired.neurons[k], transform=np.ones((1, 10)), synapse=synapse
            )
        nengo.Connection(narrow.neurons, extreme.neurons, transform=1e-3)
        nengo.Connection(rate, noisy)
        nengo.Connection(
            tired,
            taught,
            learning_rule_type=nengo.BCM(),
            solver=nengo.solvers.LstsqL2(weights=True),
        )
    report = check(net)
    assert not report.fits
    assert set(rules(report)) == {
        ("rate", "build"),
        ("noisy", "build"),
        ("narrow to tired", "build"),
        ("tired to taught", "build"),
        ("narrow", "input axons"),
        ("extreme", "discretization"),
        ("tired", "refractory period"),
    }
    text = str(report)
    for part in ("Sigmoid", "noise", "Lowpass", "81 steps", "4,097", "on_chip = False"):
        assert part in text
    assert all("<" not in violation.message for violation in report.violations)
    json.dumps(report.to_dict(), allow_nan=False)


@pytest.mark.parametrize("n_formats", [15, 16])
def test_synapse_formats_of_a_core(n_formats):
    """A format has an exponent of the weights and a number of bits for the targets."""
    formats = [(2.0**-k, 2**bits) for k in range(4) for bits in (6, 7, 8, 9)]
    with new_network() as net:
        one, many = nengo.Ensemble(1, 1, label="one"), nengo.Ensemble(512, 1, label="many")
        for weight, n_targets in formats[:n_formats]:
            weights = scipy.sparse.csr_matrix(np.arange(512)[:, np.newaxis] < n_targets) * weight
            transform = nengo.Sparse((512, 1), init=weights)
            nengo.Connection(one.neurons, many.neurons, transform=transform)
    fits = n_formats == 15
    assert rules(check(net)) == ([] if fits else [("many", "synapse formats")])
    # the emulator does not care, the chip does
    with nengo_loihi.Simulator(net, target="sim") as sim:
        board = Greedy()(sim.model, n_chips=1)
    if fits:
        validate_board(board)
    else:
        with pytest.raises(AssertionError):
            validate_board(board)


def test_nothing_on_the_chip():
    with new_network() as net:
        net.config[nengo.Ensemble].on_chip = False
        nengo.Ensemble(5, 1, label="seen")
    report = check(net)
    assert rules(report) == [("network", "build")]
    assert (report.n_cores, report.n_chips) == (0, 0)


def test_a_refusal_hides_no_limit(rng):
    net = dense_network(rng, 4097, 3)
    b = net.ensembles[1]
    b.neuron_type, b.noise = nengo.Sigmoid(), nengo.processes.WhiteNoise()
    net.connections[0].synapse = nengo.Lowpass(50)
    report = check(net)
    assert rules(report) == [("b", "build"), ("a to b", "build"), ("b", "input axons")]
    assert layer_of(report, "b").precision is None
    # and all is put back
    assert b.neuron_type == nengo.Sigmoid() and b.noise is not None
    assert net.connections[0].synapse == nengo.Lowpass(50)


def test_a_node_that_cannot_be_merged_hides_nothing_else():
    with new_network() as net:
        a = nengo.Ensemble(10, 1, label="a")
        b = nengo.Ensemble(10, 1, label="b", neuron_type=nengo.Sigmoid())
        node = nengo.Node(size_in=10)
        nengo.Connection(
            a.neurons, node, transform=nengo.Convolution(5, (2, 5), kernel_size=(1,), strides=(1,))
        )
        nengo.Connection(node, b.neurons)
    report = check(net)
    assert rules(report) == [("network", "build"), ("b", "build")]
    assert "distribution" in report.violations[0].message


def test_host_chip_and_decoders_are_told_apart(rng):
    net = pooled_network(rng)
    with net:
        ens = nengo.Ensemble(20, 2, gain=None, bias=None, label="decoded")
        other = nengo.Ensemble(20, 2, gain=None, bias=None, label="other")
        nengo.Connection(ens, other)
    report = check(net)
    assert report.fits
    assert [(layer.name, layer.on_chip) for layer in report.layers] == [
        ("first", False),
        ("chip1", True),
        ("chip2", True),
        ("decoded", True),
        ("other", True),
        ("decoded to other (decoder)", True),
    ]


def test_loss_by_discretization():
    """Weights of 255 steps at most: 1 is exact, 1 / 2000 becomes zero."""
    with new_network() as net:
        a, b = nengo.Ensemble(2, 1, label="a"), nengo.Ensemble(1, 1, label="b")
        nengo.Connection(a.neurons, b.neurons, transform=[[1, 1 / 2000]])
    precision = layer_of(check(net), "b").precision
    assert precision.weights_lost == 0.5
    assert precision.weight_error < 0.005


def test_precision_of_random_weights(rng):
    """A step of 1 / 127 of the largest weight, evenly distributed rounding."""
    precision = layer_of(check(dense_network(rng, 500, 20)), "b").precision
    step = 2 / 127
    assert precision.weight_error == pytest.approx(step / np.sqrt(12) / np.sqrt(7 / 3), rel=0.15)


def test_the_network_stays_as_it_was(rng):
    net = pooled_network(rng)
    before = [(list(net.all_objects), net.config[ens].block_shape) for ens in net.all_ensembles]
    check(net)
    after = [(list(net.all_objects), net.config[ens].block_shape) for ens in net.all_ensembles]
    assert before == after


def test_seed_of_a_network_without_one():
    with nengo.Network() as net:
        ens = nengo.Ensemble(30, 1)
        nengo.Connection(ens, nengo.Ensemble(30, 1))
    first, second = (check(net, seed=3).to_dict() for _ in range(2))
    assert first == second


def assert_as_nengo_loihi_says(net):
    report = check(net)
    try:
        with nengo_loihi.Simulator(net, target="sim") as sim:
            blocks = list(sim.model.blocks)
    except REFUSALS:
        assert not report.fits
        return False
    assert report.fits, str(report)
    assert report.n_cores == len(blocks)
    loads = [[use for use, _ in block.utilization().values()] for block in blocks]
    assert [max(values) for values in zip(*loads, strict=True)] == [
        max(layer.utilisation[resource].max for layer in report.layers if layer.on_chip)
        for resource in ("compartments", "input axons", "output axons", "synapse bits")
    ]
    return True


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_agrees_with_nengo_loihi_on_dense_networks(data):
    draw = data.draw
    rng = np.random.RandomState(draw(st.integers(0, 99)))
    net = dense_network(
        rng,
        n_in=draw(st.one_of(st.integers(1, 300), st.integers(4090, 4100))),
        n_out=draw(st.integers(1, 70)),
        n_last=draw(st.one_of(st.integers(1, 50), st.integers(1000, 1100))),
    )
    b = net.ensembles[1]
    if draw(st.booleans()):
        part = draw(st.integers(-(-b.n_neurons // 2), b.n_neurons))
        net.config[b].block_shape = nengo_loihi.BlockShape((part,), (b.n_neurons,))
    if draw(st.booleans()):
        b.bias = nengo.dists.Choice([draw(st.sampled_from([1e-3, 1.0, 1e3, 1e12]))])
    if draw(st.integers(0, 4)) == 0:
        b.neuron_type = nengo.AdaptiveLIF()
    assert_as_nengo_loihi_says(net)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_agrees_with_nengo_loihi_on_convolutions(data):
    draw = data.draw
    rng = np.random.RandomState(draw(st.integers(0, 99)))
    side, channels = draw(st.integers(4, 12)), draw(st.integers(1, 24))
    transform = convolution(
        rng, (side, side, channels), draw(st.integers(1, 48)), draw(st.integers(1, 4))
    )
    with new_network() as net:
        first = nengo.Ensemble(transform.size_in, 1, label="first")
        net.config[first].on_chip = draw(st.booleans())
        image = nengo.Ensemble(transform.size_out, 1, label="image")
        nengo.Connection(first.neurons, image.neurons, transform=transform)
        last = nengo.Ensemble(draw(st.integers(1, 20)), 1, label="last")
        weights = rng.normal(size=(last.n_neurons, transform.size_out))
        nengo.Connection(image.neurons, last.neurons, transform=weights)
    assert_as_nengo_loihi_says(net)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((12, 12, 1)),
        L.Conv2D(16, 3, bias_initializer="ones"),
        L.ReLU(name="first"),
        L.AveragePooling2D(2),
        L.Conv2D(64, 3, bias_initializer="ones"),
        L.ReLU(name="second"),
        L.Flatten(),
        L.Dense(10),
    ]
    return keras.Sequential(layers, name="small")


def shapes_of(spiking):
    config = spiking.net.config
    return {x.name: config[x.neurons.ensemble].block_shape for x in spiking.layers}


def test_convert_for_loihi(model, tmp_path):
    plain, spiking = nsl.convert(model), nsl.convert(model, target="loihi")
    report = check(plain)
    second = layer_of(report, "second")
    assert second.n_cores > 1
    assert shapes_of(spiking) == {"first": None, "second": (second.block_shape, second.shape)}
    assert check(spiking).to_dict() == report.to_dict()

    spiking.save(tmp_path / "net.zip")
    loaded = nsl.SpikingNetwork.load(tmp_path / "net.zip")
    assert shapes_of(loaded) == shapes_of(spiking)
    with nengo_loihi.Simulator(loaded.net, target="sim") as sim:
        assert len(sim.model.blocks) == second.n_cores
        sim.run_steps(2)
    with nengo.Simulator(loaded.net, progress_bar=False) as sim:
        sim.run_steps(2)


def test_convert_for_loihi_refuses_what_it_cannot_do(model):
    with pytest.raises(ConversionError, match=r"(?s)first to second: .*Alpha.*Lowpass"):
        nsl.convert(model, target="loihi", synapse=nengo.Alpha(0.005))
    sigmoid = nengo.RegularSpiking(nengo.Sigmoid(tau_ref=0.01))
    with pytest.raises(ConversionError, match=r"second: .*Sigmoid"):
        nsl.convert(model, target="loihi", neurons={"second": sigmoid})
    with pytest.raises(ParameterError, match="target must be None or"):
        nsl.convert(model, target="brain")


def test_the_output_may_have_any_synapse(model):
    """It is on the host."""
    nsl.convert(model, target="loihi", synapse={"second": nengo.Alpha(0.005)})


def test_what_is_no_network_is_refused():
    with pytest.raises(ParameterError, match=r"takes a nengo.Network.*got str"):
        check("network")


@pytest.mark.parametrize("options", [{"dt": 0}, {"dt": -1.0}, {"dt": "1"}, {"seed": -1}])
def test_arguments_out_of_range_are_refused(options):
    (name,) = options
    with pytest.raises(ParameterError, match=f"^{name} must be"):
        check(nengo.Network(), **options)
