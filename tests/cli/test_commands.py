"""The commands do their job on a tiny network, and say what is wrong in one line."""

import json
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from nengo_softlif import conversion, datasets
from nengo_softlif.backends import registry
from nengo_softlif.backends.reference import NengoSession
from nengo_softlif.cli import options
from nengo_softlif.cli.commands import commands
from nengo_softlif.cli.quiet import warnings_as_notes
from nengo_softlif.cli.samples import read_samples
from nengo_softlif.demo import training

SHORT = ["--presentation-time", "0.02"]
LOIHI = ["--target", "loihi"]


def invoke(*args):
    return CliRunner().invoke(commands, [str(arg) for arg in args], prog_name="nengo-softlif")


def succeed(*args):
    result = invoke(*args)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def fail(*args):
    """Return the message of a command that must fail in one line."""
    result = invoke(*args)
    assert result.exit_code == 1, (result.output, result.exception)
    (line,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    return line


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with few images, a model trained on them, and its spiking network."""
    folder = tmp_path_factory.mktemp("commands")
    digits = datasets.load("digits")
    np.savez(
        folder / "few.npz",
        x_train=digits.x_train[:300],
        y_train=digits.y_train[:300],
        x_test=digits.x_test[:20],
        y_test=digits.y_test[:20],
    )
    train = ("--data", folder / "few.npz", "--epochs", 2)
    text = succeed("train", "mlp", folder / "model.keras", *train)
    assert "epoch 2: " in text
    assert "% error on 20 test images" in text
    succeed("convert", folder / "model.keras", folder / "net.zip")
    return folder


def test_convert_describes_and_verifies(folder):
    text = succeed(
        "convert",
        folder / "model.keras",
        folder / "verified.zip",
        *("--data", folder / "few.npz", "--calibration-images", 3),
        *("--synapse", "lowpass:0.01", "--neurons", "dense1=SpikingLIF", "--verify"),
    )
    assert "300 neurons in 2 layers" in text
    assert "Lowpass" in text
    assert "Rate version against the Keras model" in text
    assert (folder / "verified.zip").is_file()


def test_convert_to_a_target_rate(folder):
    succeed(
        "convert",
        folder / "model.keras",
        folder / "fast.zip",
        *("--data", folder / "few.npz", "--target-rate", 200, "--synapse", "none"),
    )
    assert (folder / "fast.zip").is_file()


def test_warnings_are_notes(folder):
    text = succeed("convert", folder / "model.keras", folder / "scaled.zip", "--scale", 2)
    notes = [line for line in text.splitlines() if line.startswith("note: scaling 'dense")]
    assert len(notes) == 2 and all("changes its SpikingLIF curve" in note for note in notes)
    assert "UserWarning" not in text and ".py" not in text


def test_other_warnings_stay_warnings():
    with pytest.warns(RuntimeWarning, match="kept"), warnings_as_notes():
        warnings.warn("kept", RuntimeWarning, stacklevel=1)


def test_run(folder):
    text = succeed(
        "run",
        folder / "net.zip",
        *("--data", folder / "few.npz", "--max-samples", 3, *SHORT),
        *("--pictures", folder / "pictures"),
    )
    assert "compiled: error" in text
    for name in ("accuracy_over_time", "firing_rates"):
        Image.open(folder / "pictures" / f"{name}.png").close()


def test_run_takes_the_first_samples(folder):
    args = ("--data", folder / "few.npz", "--max-samples", 4, *SHORT)
    text = succeed("run", folder / "net.zip", *args)
    assert "on 4 samples" in text


def test_a_file_with_the_test_part_alone_is_enough_to_run_but_not_to_train(folder):
    few = dict(np.load(folder / "few.npz"))
    path = folder / "test_part.npz"
    np.savez(path, x_test=few["x_test"], y_test=few["y_test"])
    for command in (["run"], ["compare", "-b", "compiled"]):
        assert succeed(*command, folder / "net.zip", "--data", path, *SHORT)
    result = invoke("train", "mlp", folder / "new.keras", "--data", path)
    assert result.exit_code == 1 and "lacks x_train, y_train" in result.output


@pytest.mark.parametrize(
    "command", [("run",), ("compare", "-b", "nengo:4", "-b", "compiled")], ids=["run", "compare"]
)
def test_an_interrupt_prints_what_is_done(folder, monkeypatch, command):
    present, done = NengoSession.present, []

    def interrupted(self, samples, n_steps):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(samples)
        yield from present(self, samples, n_steps)

    monkeypatch.setattr(NengoSession, "present", interrupted)
    name, *options = command
    if name == "run":
        options = ["--backend", "nengo"]
    result = invoke(name, folder / "net.zip", "--data", folder / "few.npz", *options, *SHORT)
    assert result.exit_code == 130
    assert "interrupted" in result.output and "2" in result.output
    assert "compiled" not in result.output


@pytest.mark.parametrize("command", ["run", "compare"])
@pytest.mark.parametrize("where", ["build", "present"])
def test_an_interrupt_before_the_first_batch_says_that_there_is_no_result(
    folder, monkeypatch, command, where
):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(NengoSession, where, interrupted)
    backend = "--backend" if command == "run" else "-b"
    arguments = (folder / "net.zip", "--data", folder / "few.npz", backend, "nengo", *SHORT)
    result = invoke(command, *arguments)
    assert result.exit_code == 130
    assert "interrupted after 0 of 20 samples: there is no result" in result.output


def test_an_interrupt_before_the_evaluation_says_that_there_is_no_result(folder, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(conversion.SpikingNetwork, "load", interrupted)
    result = invoke("run", folder / "net.zip")
    assert result.exit_code == 130 and "interrupted: there is no result" in result.output


def saved(path, *layers, shape):
    """Save the spiking network of a model."""
    import keras

    model = keras.Sequential([keras.Input(shape), *layers])
    conversion.convert(model).save(path)


@pytest.mark.parametrize(
    ("shape", "x", "y"),
    [
        ((6,), np.random.default_rng(0).uniform(size=(4, 6)), [0, 1, 2, 1]),
        ((6,), np.ones((4, 6), int), np.eye(3)[[0, 1, 2, 1]]),
        (
            (6,),
            np.random.default_rng(0).uniform(size=(4, 20, 6)),
            np.eye(3, dtype=int)[[0, 1, 2, 1]],
        ),
        ((2, 3), np.random.default_rng(0).normal(size=(4, 2, 3)), np.zeros((4, 1))),
        ((2, 3, 1), np.full((4, 2, 3), 255, np.uint8), np.eye(3)[[0, 1, 2, 1]]),
        ((2, 3, 1), np.random.default_rng(0).normal(size=(4, 2, 3)), [0, 1, 2, 1]),
        ((2, 3, 2), np.random.default_rng(0).poisson(size=(4, 20, 2, 3, 2)), [0, 1, 2, 1]),
    ],
    ids=["vectors", "one_hot", "steps", "sequence", "grey", "normalised", "events"],
)
def test_samples_and_labels_of_all_kinds_run(tmp_path, shape, x, y):
    import keras

    saved(tmp_path / "net.zip", keras.layers.Flatten(), keras.layers.Dense(3), shape=shape)
    np.savez(tmp_path / "data.npz", x_test=x, y_test=y)
    shown = () if x.ndim > len(shape) + 1 else SHORT
    text = succeed("run", tmp_path / "net.zip", "--data", tmp_path / "data.npz", *shown)
    assert "on 4 samples" in text
    compared = succeed(
        "compare", tmp_path / "net.zip", "--data", tmp_path / "data.npz", "-b", "compiled", *shown
    )
    assert "compiled" in compared


def test_integer_images_are_those_that_the_model_was_trained_on(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, size=(3, 4, 4), dtype=np.uint8)
    np.savez(tmp_path / "data.npz", x_test=x, y_test=[0, 1, 0])
    shapes = {"x": (4, 4, 1)}
    images, _ = read_samples(str(tmp_path / "data.npz"), ("x_test", "y_test"), shapes)
    np.testing.assert_allclose(images, x[..., None] / 255, rtol=1e-6)
    np.savez(tmp_path / "data.npz", x_test=x, y_test=[0, 1, 0])
    counts, _ = read_samples(str(tmp_path / "data.npz"), ("x_test", "y_test"), {"x": (4, 4)})
    np.testing.assert_array_equal(counts, x)


def test_regression_targets_run_and_are_no_classes_to_compare(tmp_path):
    import keras

    hidden = keras.layers.Dense(4, "relu")
    saved(tmp_path / "net.zip", hidden, keras.layers.Dense(2), shape=(3,))
    data = tmp_path / "data.npz"
    np.savez(data, x_test=np.ones((4, 3)), y_test=np.full((4, 2), 0.3))
    arguments = (tmp_path / "net.zip", "--data", data, *SHORT)
    text = succeed("run", *arguments, "--pictures", tmp_path / "pictures")
    assert "RMSE" in text and "firing_rates.png" in text and "accuracy" not in text
    assert "labels" in fail("compare", *arguments, "-b", "compiled")


@pytest.mark.parametrize("name", ["x_test", "y_test"])
def test_single_values_in_the_place_of_samples(name, tmp_path):
    import keras

    saved(tmp_path / "net.zip", keras.layers.Dense(2), shape=(3,))
    arrays = {"x_test": np.ones((4, 3)), "y_test": np.zeros(4, int), name: 1}
    np.savez(tmp_path / "data.npz", **arrays)
    message = fail("run", tmp_path / "net.zip", "--data", tmp_path / "data.npz", *SHORT)
    assert f"{name} must hold one entry for each sample" in message


def test_networks_with_several_inputs_run_in_python(tmp_path):
    import keras

    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    total = keras.layers.Add()([a, b])
    conversion.convert(keras.Model([a, b], keras.layers.Dense(2)(total))).save(tmp_path / "net.zip")
    assert "with one input (got a, b); run this one in Python" in fail("run", tmp_path / "net.zip")


def test_compare_all_backends(folder):
    text = succeed(
        "compare",
        folder / "net.zip",
        *("--data", folder / "few.npz", "--model", folder / "model.keras", *SHORT),
        *("-b", "nengo_dl:4", "-b", "nengo:2", "-b", "loihi:1", "--batch-size", 4, "--threads", 1),
    )
    for part in ("nengo_dl", "nengo ", "loihi", "dense1", "as rates", "95 %"):
        assert part in text


def missing(monkeypatch, name):
    """Make a backend look as if it were not installed."""
    known = {backend.name: backend for backend in registry._BUILT_IN}
    absent = replace(known[name], modules=("no_such_module",), install="pip install x")
    monkeypatch.setattr(registry, "_REGISTERED", {name: absent})


def test_compare_goes_on_without_a_missing_backend(folder, monkeypatch):
    missing(monkeypatch, "loihi")
    text = succeed(
        *("compare", folder / "net.zip", "--data", folder / "few.npz", *SHORT),
        *("-b", "loihi:1", "-b", "nengo:1"),
    )
    assert "not run" in text
    assert "pip install x" in " ".join(text.split())


def test_run_on_a_missing_backend(folder, monkeypatch):
    missing(monkeypatch, "loihi")
    message = fail("run", folder / "net.zip", "--data", folder / "few.npz", "--backend", "loihi")
    assert "install it with: pip install x" in message


def test_unknown_architecture(tmp_path):
    message = fail("train", "net9", tmp_path / "m.keras", "--data", "digits")
    assert "'net9'" in message and "convnet, mlp" in message


def test_unknown_data(folder):
    assert "no data set 'nope'" in fail("run", folder / "net.zip", "--data", "nope")


def test_unknown_backend(folder):
    message = fail("run", folder / "net.zip", "--data", folder / "few.npz", "--backend", "brian")
    assert "'brian' is unknown" in message


def test_unknown_backend_in_a_comparison(folder):
    args = ("--data", folder / "few.npz", "-b", "nengo:1", "-b", "spinnaker:2")
    assert "backend 'spinnaker' is unknown" in fail("compare", folder / "net.zip", *args)


def test_images_of_another_shape(folder):
    message = fail("run", folder / "net.zip", "--data", "mnist_subset")
    assert "(8, 8, 1)" in message and "(28, 28, 1)" in message


def test_network_that_a_backend_cannot_run(folder):
    """Loihi has no alpha synapses."""
    net = folder / "alpha.zip"
    succeed("convert", folder / "model.keras", net, "--synapse", "alpha:0.005")
    args = ("--data", folder / "few.npz", *SHORT)
    assert "Lowpass" in fail("run", net, "--backend", "loihi", *args)
    text = succeed("compare", net, *args, "-b", "loihi:1", "-b", "nengo:1")
    assert "not run" in text and "Lowpass" in text


def test_unknown_neuron_type(folder):
    result = invoke("convert", folder / "model.keras", folder / "x.zip", "--neurons", "dense1=LIFO")
    assert result.exit_code == 2
    assert "no neuron type 'LIFO'" in result.output


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04 and then nothing"])
def test_damaged_model(tmp_path, content):
    (tmp_path / "m.keras").write_bytes(content)
    message = fail("convert", tmp_path / "m.keras", tmp_path / "net.zip")
    assert "can't be loaded as a Keras model" in message


def test_model_with_code_in_it_is_refused(tmp_path):
    import keras

    layers = [keras.Input((3,)), keras.layers.Lambda(lambda x: x + 1)]
    keras.Sequential(layers).save(tmp_path / "m.keras")
    message = fail("convert", tmp_path / "m.keras", tmp_path / "net.zip")
    assert "can't be loaded as a Keras model" in message


@pytest.mark.parametrize("content", [b"", b"no network", b"PK\x03\x04 and then nothing"])
def test_damaged_network(tmp_path, content):
    (tmp_path / "net.zip").write_bytes(content)
    assert str(tmp_path / "net.zip") in fail("run", tmp_path / "net.zip")


def test_another_zip_is_no_network(tmp_path):
    with zipfile.ZipFile(tmp_path / "net.zip", "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert str(tmp_path / "net.zip") in fail("compare", tmp_path / "net.zip")


def test_folder_that_cannot_be_written(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "train", None)
    monkeypatch.setattr(conversion, "convert", None)
    train = ("train", "mlp", "--data", folder / "few.npz")
    convert = ("convert", folder / "model.keras")
    for command, name in ((train, "m.keras"), (convert, "net.zip")):
        message = fail(*command, tmp_path / "absent" / name)
        assert "there is no folder" in message and "absent" in message
    monkeypatch.setattr(options.os, "access", lambda path, mode: str(path) != str(tmp_path))
    for command, name in ((train, "m.keras"), (convert, "net.zip")):
        assert "must be writable" in fail(*command, tmp_path / name)


def test_check_prints_a_table_and_writes_json(folder):
    succeed("convert", folder / "model.keras", folder / "loihi.zip", *LOIHI)
    text = succeed("check", folder / "loihi.zip", "--json", folder / "fit.json")
    for part in ("dense1", "host", "dense2", "Fits: 1 core on 1 chip."):
        assert part in text
    report = json.loads((folder / "fit.json").read_text())
    assert report["fits"] is True
    assert [layer["n_cores"] for layer in report["layers"]] == [0, 1]


def test_check_exits_with_1_if_it_does_not_fit(folder):
    alpha = folder / "alpha.zip"
    succeed("convert", folder / "model.keras", alpha, "--synapse", "alpha:0.005")
    result = invoke("check", alpha)
    assert result.exit_code == 1
    assert "Does not fit: 1 violation." in result.output
    assert "Lowpass" in result.output
    message = fail("convert", folder / "model.keras", alpha, "--synapse", "alpha:0.005", *LOIHI)
    assert "does not fit Loihi" in message and "Lowpass" in message


def test_check_refuses_an_unwritable_target(folder):
    assert "no folder" in fail("check", folder / "net.zip", "--json", folder / "absent" / "x.json")
