"""Bad arguments of public functions and classes: one error for all, with name and value.

Objects of Nengo raise Nengo's `ValidationError` instead, as all of Nengo's do.
"""

import keras
import nengo
import numpy as np
import pytest
from nengo.exceptions import ValidationError

import nengo_softlif as nsl
from nengo_softlif import analysis, conversion, datasets, functional, layers
from nengo_softlif.demo import architectures, training
from nengo_softlif.errors import ParameterError, SoftLIFError
from nengo_softlif.functional import circuits, filter_bank, linear_lif, signal_spikes

NEURONS = linear_lif.linear_lif_from_relu([[0.1, 0.1]], max_rate=100)
PARAMETERS = circuits.linear_reset_parameters(NEURONS)
WORK = analysis.Workload(1, 1, 1, 1, 1.0, 1.0, 0.0, 0.0, 1.0)
CHAIN = analysis.chain({"hidden": 10}, [100, 10])
OUTPUTS = np.zeros((1, 5, 2))
TRAINING = {"model": None, "x": None, "y": None}
IMAGES = {"input_shape": (8, 8, 1), "n_classes": 2}
LOCAL = {"filters": 1, "kernel_size": 2}
POOL = {"input_shape": (4, 1), "pool_size": (2,)}
ENCODED = {"values": [[0.5]], "n_steps": 5}
MODEL = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), layers.SoftLIF()], name="m")
with nengo.Network() as NET:
    GIVEN, RESULT = nengo.Node([0]), nengo.Node(size_in=1)
WRAPPED = {"network": nsl.wrap(NET, input=GIVEN, output=RESULT), "x": [[0.5]]}

# What is called with good arguments, the argument that is replaced, and bad values of it
CASES = [
    (functional.lif_rate, {"J": 2.0}, "tau_rc", [0, -1, np.nan, "1", None, True]),
    (functional.lif_rate, {"J": 2.0}, "tau_ref", [-1, np.inf, 1j]),
    (functional.lif_slope, {"J": 2.0}, "amplitude", [0, "a"]),
    (functional.soft_lif_rate, {"J": 2.0}, "sigma", [0, [0.1, -1]]),
    (functional.soft_lif_current, {"rates": 50.0}, "rates", [0, 1e6, "fast", np.nan]),
    (functional.linear_reset_lif_rate, {"J": 2.0}, "dt", [-1, np.inf]),
    (functional.linear_reset_lif_rate, {"J": 2.0}, "leak", ["no", 1, None]),
    (functional.linear_reset_lif_current, {"rates": 50.0}, "leak", ["no", 1, None]),
    (functional.linear_reset_lif_current, {"rates": 50.0}, "rates", [0, -1, None]),
    (functional.spike_train_statistics, {"rates": [10.0]}, "rates", [[-1.0], "10", [np.inf]]),
    (functional.spike_train_statistics, {"rates": [10.0]}, "tau_s", [-1, None, True, np.inf]),
    (functional.spike_train_statistics, {"rates": [10.0]}, "tau_rc", [0, "1"]),
    (functional.spike_train_statistics, {"rates": [10.0]}, "n_phases", [0, 1.5, True]),
    (functional.spike_train_statistics, {"rates": [10.0]}, "quantiles", [[2.0], ["a"]]),
    (nsl.GaussianRateNoise, {"std": 1.0}, "std", [-1, "1", None, np.nan, True]),
    (nsl.GaussianRateNoise, {"std": 1.0}, "antithetic", [1, "yes", None]),
    (nsl.FilteredSpikeNoise, {}, "tau_s", [-1, "1", np.nan]),
    (nsl.FilteredSpikeNoise, {}, "tau_rc", [0, 0.005, "1"]),
    *(
        (cls, {"max_rate": 10}, "max_rate", [0, -1, np.inf, "1", None, True])
        for cls in (nsl.RegularSpikes, nsl.BernoulliSpikes, nsl.PoissonSpikes, nsl.ConstantCurrent)
    ),
    *(
        (cls, {"max_rate": 10}, "clip", [1, "yes", None])
        for cls in (nsl.RegularSpikes, nsl.PoissonSpikes)
    ),
    (nsl.LatencySpikes, {}, "clip", [1, "yes", None]),
    (nsl.RegularSpikes(10).encode, ENCODED, "dt", [0, "1", None]),
    (nsl.RegularSpikes(10).encode, ENCODED, "n_steps", [0, 2.0, True]),
    (nsl.RegularSpikes(10).encode, ENCODED, "seed", [-1, "1", None]),
    (
        nsl.RegularSpikes(10).encode,
        ENCODED,
        "values",
        [[[2.0]], [["a"]], [0.5]],
    ),
    (circuits.LinearLIF, vars(NEURONS), "weights", [[1.0], [["a"]], [[np.nan]]]),
    (circuits.LinearLIF, vars(NEURONS), "resistance", [0, -1, "a", np.nan]),
    (circuits.LinearLIF, vars(NEURONS), "capacitance", [0, [1.0, 2.0], np.inf]),
    (circuits.run_linear_lif, {"neurons": NEURONS, "spikes": np.ones((1, 2, 2))}, "dt", [0, None]),
    (
        circuits.run_linear_lif,
        {"neurons": NEURONS, "spikes": np.ones((1, 2, 2))},
        "reset_to_zero",
        ["no", 1, None],
    ),
    (
        circuits.run_linear_lif,
        {"neurons": NEURONS},
        "spikes",
        [np.ones((2, 2)), "a", [[[np.nan] * 2]]],
    ),
    (circuits.linear_reset_parameters, {}, "neurons", [None, 3, "neuron"]),
    (
        circuits.linear_lif_from_nengo,
        {"weights": [[1.0, 1.0]], "parameters": PARAMETERS},
        "threshold",
        [0, "a", [1.0, 2.0]],
    ),
    (circuits.linear_lif_from_nengo, {"weights": [[1.0, 1.0]]}, "parameters", [None, NEURONS]),
    (linear_lif.linear_lif_from_relu, {"weights": [[0.1]]}, "max_rate", [0, None, "1"]),
    (
        linear_lif.linear_lif_from_relu,
        {"weights": [[0.1]], "max_rate": 100},
        "bias_as",
        ["charge", None, 1],
    ),
    (linear_lif.relu_from_linear_lif, {"neurons": NEURONS}, "max_rate", [0, None, "1"]),
    (linear_lif.lowest_firing_rates, {}, "neurons", [None, 3]),
    (
        analysis.error_by_window,
        {"outputs": OUTPUTS, "labels": [0], "ends": [5]},
        "starts",
        [[-1], [0.5], []],
    ),
    (
        analysis.error_by_window,
        {"outputs": OUTPUTS, "starts": [0], "ends": [5]},
        "labels",
        [[0, 1], ["a"], [0.5]],
    ),
    (analysis.wilson_interval, {"n_samples": 10}, "n_events", [11, -1, 1.5, "1"]),
    (analysis.wilson_interval, {"n_events": 1, "n_samples": 10}, "confidence", [-1, "a", 2]),
    (analysis.RateCounter, {"n_neurons": 1}, "dt", [0, None]),
    (analysis.RateCounter(1, 0.001).add, {"counts": [[1]]}, "n_steps", [0, 1.5]),
    (analysis.Readout, {"n_samples": 1, "n_outputs": 2}, "start_step", [-1, 0.5]),
    (analysis.chain, {"n_neurons": {"hidden": 10}}, "n_connections", [[1], [1, 2, 3]]),
    (
        analysis.count_workload,
        {"network": CHAIN, "presentation_time": 0.1},
        "rates",
        [{}, {"hidden": -1}, {"hidden": 1, "other": 1}],
    ),
    (
        analysis.count_workload,
        {"network": CHAIN, "rates": {"hidden": 1}},
        "presentation_time",
        [0, "1"],
    ),
    (analysis.estimate_energy, {"work": WORK}, "counting", ["twice", 1]),
    (analysis.estimate_energy, {"work": WORK}, "model", ["abacus", None, 3]),
    (analysis.estimate_energy, {}, "work", [None, 3]),
    (datasets.load, {}, "name", [3, None, "fashion"]),
    (datasets.load, {"name": "digits"}, "test_only", ["no", 1, None]),
    (datasets.load_events, {}, "path", [3, None, "nothing.npz"]),
    (datasets.EventRecordings, {"recordings": [[[0, 0, 0, 1]]]}, "sensor", [34, (0, 1), "34"]),
    (datasets.Framing, {}, "step", [0, "1", 1e-7, None]),
    (datasets.Framing, {}, "n_steps", [0, 1.5, True]),
    (datasets.Framing, {}, "downsample", [0, "2", None]),
    (filter_bank.FilterBank, {"rate": 8000}, "n_channels", [0, 1.5, None]),
    (signal_spikes.level_crossings, {"signals": [[[0.5]]]}, "level", [0, "1", None]),
    (training.train, TRAINING, "epochs", [0, 1.5, True]),
    (training.train, TRAINING, "batch_size", [0, "1"]),
    (training.train, TRAINING, "max_seconds", [0, "1", np.nan]),
    (training.train, TRAINING, "learning_rate", [0, "1", np.inf]),
    (
        architectures.build,
        {"input_shape": (8, 8, 1), "n_classes": 2},
        "architecture",
        ["resnet", None],
    ),
    (layers.SoftLIF, {}, "tau_rc", [0, "1", None, np.nan]),
    (layers.SoftLIF, {}, "tau_ref", [-1, "1", None]),
    (layers.SoftLIF, {}, "seed", [-1, 1.5, "1"]),
    (layers.SoftLIF, {}, "noise", ["loud", [1.0]]),
    (layers.SoftLIF, {}, "rate_regularizer", ["l2", 3]),
    (layers.LinearResetLIF, {}, "sigma", [0, None]),
    (layers.LinearResetLIF, {}, "leak", ["no", 1, None]),
    (layers.FiringRateRegularizer, {}, "target", [0, "1", None]),
    (layers.FiringRateRegularizer, {"target": 10}, "percentile", [0, 101, "1"]),
    (layers.FiringRateRegularizer, {"target": 10}, "weight", [-1, None]),
    (layers.FiringRateRegularizer, {"target": 10}, "lower", [0, 10, "1"]),
    (layers.DiscreteLIF, {}, "rate_regularizer", ["l2", 3]),
    (layers.bondarev_threshold, {"n_neurons": 9}, "factor", [0, "1", None]),
    (layers.EncodeSpikes, {"n_steps": 3}, "encoding", ["poisson", None]),
    (layers.LocallyConnected2D, LOCAL, "filters", [0, 1.5, "1"]),
    (
        layers.LocallyConnected2D,
        {"filters": 1, "kernel_size": 2},
        "kernel_size",
        [0, (1, 2, 3), "3"],
    ),
    (nsl.convert, {"model": MODEL}, "seed", [-1, 1.5, None, 2**31]),
    (nsl.convert, {"model": MODEL}, "target", ["chip", 1]),
    (nsl.convert, {"model": MODEL}, "max_pool", ["largest", True]),
    (nsl.convert, {"model": MODEL}, "strict", ["a", 1, None]),
    (nsl.convert, {"model": MODEL}, "neurons", ["LIF", {"lif": 1}]),
    (nsl.convert, {"model": MODEL}, "synapse", ["5ms", True, [0.01], -1]),
    (nsl.convert, {"model": MODEL}, "scale", ["2", 0, True, [1, 2]]),
    (
        nsl.convert,
        {"model": MODEL, "target_rates": 10, "calibration": np.ones((2, 4))},
        "percentile",
        [0, 101, "a", None],
    ),
    *(
        (conversion.balanced_scales, {"model": MODEL, "calibration": [[1] * 4], **good}, name, bad)
        for good, name, bad in (
            ({}, "n_steps", [0, 8.0, True]),
            ({"n_steps": 8}, "dt", [0, "1"]),
            ({"n_steps": 8}, "start", [2, -1, None]),
            ({"n_steps": 8}, "max_pool", ["median"]),
        )
    ),
    (nsl.predict, WRAPPED, "progress", ["no", 1, None]),
    (nsl.predict, WRAPPED, "threads", [2.7, 0, True]),
    (nsl.predict, WRAPPED, "batch_size", [2.5, True]),
    (nsl.predict, WRAPPED, "keep", ["voltages", ["spikes", "all"]]),
    (nsl.predict, WRAPPED, "output", ["none", 3]),
    (nsl.evaluate, {**WRAPPED, "y": [0]}, "task", ["guess", True]),
    (nsl.evaluate, {**WRAPPED, "y": [0]}, "threshold", ["0", None, np.nan]),
    (nsl.Presentation, {}, "time", [0.0105, 0, "1"]),
    (nsl.Presentation, {}, "classify_from", [0.0105, -1, "1"]),
    (nsl.networks.enable_extensions, {}, "network", [3, None]),
    (conversion.SpikingNetwork.load, {}, "path", ["nothing.zip", 3]),
    (conversion.SpikingNetwork.save, {"self": nsl.convert(MODEL)}, "path", [3, None]),
]
FLAT = [(function, good, name, bad) for function, good, name, values in CASES for bad in values]
PARAMETER_OF = {"architecture": "name"}  # of words in errors that differ from the argument


@pytest.mark.parametrize("function, good, name, bad", FLAT)
def test_bad_arguments_are_named_with_their_value(function, good, name, bad):
    with pytest.raises(SoftLIFError) as error:
        function(**{**good, PARAMETER_OF.get(name, name): bad})
    assert isinstance(error.value, ValueError)
    text = str(error.value)
    if name != "path":
        assert isinstance(error.value, ParameterError)
        assert name in text
    assert "got " in text or repr(bad) in text or str(bad) in text


OF_NENGO = [
    (nsl.SpikingLIF, {}, "tau_rc", [0, np.nan, "1", None]),
    (nsl.SpikingLIF, {}, "sigma", [0, -1]),
    (nsl.SoftLIFRate, {}, "noise", [10.0, "loud"]),
    (nsl.SpikingLinearResetLIF, {}, "min_voltage", [1, np.nan]),
    (nsl.LinearResetLIFRate, {}, "leak", ["no", None]),
    (nsl.SpikingMaxPool, POOL, "pool_size", [(0,), (9,), 2]),
    (nsl.SpikingMaxPool, POOL, "padding", ["full", None]),
    (nsl.GatedCells, {"cell": "sub_lstm"}, "units", [0, 1.5, "a", None]),
    (nsl.GatedCells, {"units": 2}, "cell", ["lstm", None, 3]),
    (nsl.GatedCells, {"cell": "sub_lstm", "units": 2}, "forget", [[1], "a", [1, np.nan]]),
    (
        nsl.PresentEncoded,
        {"inputs": [[0.5]], "presentation_time": 0.1},
        "encoding",
        ["regular", None],
    ),
    (
        nsl.PresentEncoded,
        {"presentation_time": 0.1, "encoding": nsl.RegularSpikes(10)},
        "inputs",
        [[0.5], [[2.0]], "a", [[None]]],
    ),
]


@pytest.mark.parametrize(
    "cls, good, name, bad",
    [(cls, good, name, bad) for cls, good, name, values in OF_NENGO for bad in values],
)
def test_objects_of_nengo_raise_its_own_error(cls, good, name, bad):
    with pytest.raises(ValidationError, match=name):
        cls(**{**good, name: bad})
