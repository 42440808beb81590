"""The benchmark measures what it says: same networks, honest rows, a report of the files alone."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

import nengo_softlif as nsl
from benchmarks import (
    machine,
    networks,
    rate_training,
    sparse_products,
    training,
    training_memory,
    training_report,
)
from benchmarks.competitors import COMPETITORS, OURS, REFERENCE, Competitor
from benchmarks.measure import Effort, compare, in_process
from benchmarks.report import write_report
from benchmarks.run import Workers, main
from benchmarks.targets import ratios
from benchmarks.trainers import TRAINERS


@pytest.fixture(scope="module")
def convnet():
    return networks.load("convnet")


def test_sizes():
    assert networks.load("convnet").n_neurons == 11_108
    assert networks.load("large").n_neurons == 27_088
    assert networks.load("convnet", size=2).shapes[0] == (52, 52, 12)


@pytest.mark.parametrize("name", ["convnet", "convnet_lif", "convnet_10hz"])
def test_mean_rates_are_those_asked_for(name):
    """On the images that set the scales, by the rate curves."""
    network = networks.load(name)
    x = networks.images(networks.N_CALIBRATION, network.input_shape, "train")[0]
    for stage in network.stages:
        rates = networks._CURVES[network.neuron](stage.scale * networks._linear(stage, x))
        assert rates.mean() == pytest.approx(networks.NETWORKS[name][3], rel=1e-6)
        x = networks._pooled(stage.amplitude * rates) if stage.pool else stage.amplitude * rates


def test_own_arithmetic_is_that_of_keras(convnet):
    """Scales are found with NumPy alone; the layers behind them are Keras'."""
    images = networks.images(3)[0]
    x = images
    for stage in convnet.stages:
        x = np.maximum(networks._linear(stage, x), 0)
        x = networks._pooled(x) if stage.pool else x
    expected = networks.keras_model(convnet)(images)
    np.testing.assert_allclose(
        x @ convnet.readout + convnet.readout_bias, expected, rtol=1e-3, atol=1e-3
    )


def test_fan_out_counts_what_a_spike_reaches(convnet):
    """Through pooling and over the border of the image: against the weights of ones."""
    first, second, third = networks.fan_out(convnet)
    shape = convnet.shapes[1]
    for row, column in [(0, 0), (3, 11), (12, 12), (23, 23)]:
        pooled = row // 2, column // 2
        reached = [
            (i, j)
            for i in range(shape[0])
            for j in range(shape[1])
            if 0 <= pooled[0] - i < 5 and 0 <= pooled[1] - j < 5
        ]
        assert np.all(first[row, column] == len(reached) * shape[2])
    assert np.all(second == 100)
    assert np.all(third == 10)


def test_what_is_missing_is_reported_and_the_rest_measured(convnet):
    """A run of two simulators and one that is not there, with a few images and steps."""
    absent = Competitor("torch_plain", ("no_such_module",), ({"batch_size": 1},))
    images, labels = networks.images(4)
    with Workers() as workers:
        rows = {
            name: (COMPETITORS[name], workers.get(name, COMPETITORS[name]))
            for name in (OURS, REFERENCE)
        }
        rows["absent"] = (absent, workers.get("absent", absent))
        entries, counts = compare(
            rows, convnet, images, labels, n_steps=20, effort=Effort(1, 0.01, n_checked=4)
        )
    assert entries["absent"] == {"status": "not installed", "missing": ["no_such_module"]}
    for name in (OURS, REFERENCE):
        assert entries[name]["status"] == "measured"
        assert entries[name]["images_per_second"] > 0
    checked = entries[OURS]["checked"]
    assert checked["same_predictions"] == 1
    assert min(checked["same_counts"]) > 0.999
    assert [len(c) for c in counts] == [int(np.prod(shape)) for shape in convnet.shapes]


def entry(speed):
    return {
        "status": "measured",
        "settings": {"batch_size": 8},
        "build_seconds": 1.0,
        "first_batch_seconds": 0.5,
        "images_per_second": speed,
        "tried": [],
        "rounds": [{"images": 8, "seconds": 8 / speed}],
        "checked": {
            "images": 8,
            "accuracy": 1.0,
            "same_predictions": 1.0,
            "spikes_per_image": [10.0],
            "same_counts": [1.0],
        },
    }


@pytest.fixture
def results():
    return {
        "convnet": {
            "cpu": "a processor",
            "vector_instructions": ["avx2"],
            "cores": 2,
            "memory_gb": 8,
            "system": "Linux",
            "python": "3.11.0",
            "versions": {"nengo": "4.1.0", "torch": None},
            "date": "2000-01-01",
            "quick": True,
            "n_steps": 100,
            "network": {"neurons": 10, "shapes": [[10]]},
            "entries": {
                OURS: entry(900.0),
                REFERENCE: entry(10.0),
                "NengoDL, minibatch 32": entry(60.0),
                "NengoDL, minibatch 128": entry(90.0),
                "snnTorch": {"status": "not installed", "missing": ["torch", "snntorch"]},
                "SpikingJelly": {"status": "failed", "reason": "it broke"},
            },
        }
    }


def test_ratios_are_to_the_fastest_of_each_kind(results):
    measured = {(what, against): ratio for what, against, _, ratio in ratios(results)}
    assert measured["ConvNet, 100 steps", "NengoDL"] == pytest.approx(10)
    assert measured["ConvNet, 100 steps", "nengo.Simulator"] == pytest.approx(90)
    assert measured["ConvNet, 100 steps", "the fastest PyTorch SNN library"] is None
    assert measured["PES learning", "nengo.Simulator"] is None


def test_report_of_stored_files(tmp_path, results):
    folder = tmp_path / "results"
    folder.mkdir()
    for name, result in results.items():
        (folder / f"{name}.json").write_text(json.dumps(result))
    text = write_report(folder).read_text()
    assert "| ConvNet, 100 steps | nengo.Simulator | 70x | 90.0x |" in text
    assert "| snnTorch | not installed |  | needs torch, snntorch |" in text
    assert "| SpikingJelly | failed |  | it broke |" in text
    assert "--quick" in text


def test_a_process_does_not_count_the_memory_of_the_one_that_started_it():
    ballast = np.ones(2**26)
    assert machine.peak_memory() > ballast.nbytes / 2**20
    assert in_process(machine.peak_memory) < ballast.nbytes / 2**20


def trained(cpu_ms):
    return {
        "status": "measured",
        "built": {"losses": [2.5], "seconds": 1.0, "spiking": [0.1, 0.2]},
        "rounds": [{"cpu_ms": cpu_ms, "wall_ms": 9.0}],
        "cpu_ms": cpu_ms,
        "wall_ms": 9.0,
    }


def test_training_is_compared_in_cpu_time(tmp_path, results):
    """Our faster backend, the fastest library; those that are missing are told."""
    entries = {
        "nengo_softlif, TensorFlow": trained(10.0),
        "nengo_softlif, JAX": trained(12.0),
        "snnTorch": trained(40.0),
        "SpikingJelly": trained(20.0),
        "norse": {"status": "not installed", "missing": ["norse"]},
    }
    case = {"network": "mlp", "batch_size": 64, "entries": entries}
    results["training"] = {
        **{k: v for k, v in results["convnet"].items() if k not in ("network", "entries")},
        "n_steps": 20,
        "n_threads": 2,
        "input_spikes": 0.13,
        "load_average": 1.0,
        "cases": {"mlp, batch 64": case},
    }
    folder = tmp_path / "results"
    folder.mkdir()
    for name, result in results.items():
        (folder / f"{name}.json").write_text(json.dumps(result))
    text = write_report(folder).read_text()
    fastest = "the fastest PyTorch SNN library"
    assert f"| training step, mlp, batch 64 | {fastest} | 1.5x | 2.0x |" in text
    assert "| norse | not installed | needs norse |" in text
    assert "10%, 20% spike in a step" in text


def test_a_row_trains_in_a_process_of_its_own():
    """The smallest case: the loss of random labels falls, and time passes."""
    measured = training.run(Workers(), quick=True)
    (case,) = measured["cases"].values()
    (entry,) = case["entries"].values()
    assert entry["status"] == "measured", entry
    assert entry["cpu_ms"] > 0 and entry["wall_ms"] > 0
    assert all(np.isfinite(entry["built"]["losses"]))
    assert min(entry["built"]["spiking"]) > 0.05


def test_a_library_that_is_not_installed_is_left_out(monkeypatch):
    absent = {"absent": replace(next(iter(TRAINERS.values())), needs=("no_such_module",))}
    monkeypatch.setattr(training, "TRAINERS", absent)
    (case,) = training.run(Workers(), quick=True)["cases"].values()
    assert case["entries"]["absent"] == {"status": "not installed", "missing": ["no_such_module"]}


def test_an_interpreter_needs_a_row_and_a_path(capsys):
    for bad in ("norse", "no such row=python", "norse="):
        with pytest.raises(SystemExit):
            main(["--report", "--python", bad])
        assert "NAME=PATH" in capsys.readouterr().err


def test_memory_grows_with_the_segments_only():
    """Inputs and outputs of 1,200 steps take some MB; all steps at once take 500 MB more."""
    short, long = (
        (lambda m: m["peak_mb"] - m["built_mb"])(
            in_process(training_memory._peak, "tensorflow", n_steps, False)
        )
        for n_steps in (200, 1400)
    )
    assert long < 1.5 * short


def test_sparse_products_are_those_of_dense_matrices(tmp_path):
    """Each case compares all ways with TensorFlow's product before it is timed."""
    main(["--quick", "--only", "sparse_products", "--results", str(tmp_path / "results")])
    result = json.loads((tmp_path / "results" / "sparse_products.json").read_text())
    (case,) = result["cases"]
    for product in sparse_products.PRODUCTS:
        assert set(case[product]) == {"TensorFlow", "NumPy", "sparse"}
        assert min(case[product].values()) > 0
    assert "| 64 x 300 to 300 | 10% |" in (tmp_path / "RESULTS.md").read_text()


def test_a_failing_backend_is_a_row_of_its_own():
    failed = rate_training._measured(sys.executable, "no_backend", "float32", 1)
    assert failed["failed"]
    good = {"images_per_second": 100.0, "matrix_gflops": 50.0}
    entries = {"TensorFlow": {"rounds": [good], **good}, "PyTorch": {"rounds": [failed]}}
    text = training_report.rates(
        {"batch_size": 64, "flops": rate_training.FLOPS, "entries": entries}, {}
    )
    # 100 images of 117 million operations are 11.7 of 50 GFLOP/s
    assert "| TensorFlow | 100 | 12 | 50 | 23% |" in text and "| PyTorch | failed |" in text


def test_the_network_of_the_rate_training_is_that_of_the_paper():
    connections = nsl.analysis.count_connections(nsl.convert(rate_training.cifar_network()))
    assert sum(p.n_connections for p in connections.projections) * 6 == rate_training.FLOPS
