"""Everything that is saved is written completely or not at all."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import keras
import pytest
from click.testing import CliRunner

import nengo_softlif as nsl
from experiments import checkpoints
from experiments.plans import PLANS
from nengo_softlif import datasets
from nengo_softlif.cli.commands import commands
from nengo_softlif.demo import training
from nengo_softlif.errors import DatasetError, FileError
from nengo_softlif.files import replaced, write_text
from nengo_softlif.plots import files as pictures

L = keras.layers

resource = pytest.importorskip("resource", reason="Windows has no limits")


@contextmanager
def full_disk(n_bytes=300):
    """Let no file grow beyond some bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    usual = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, usual)


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((30,)), L.Dense(40, "relu"), L.Dense(40, "relu"), L.Dense(20)]
    )
    return nsl.convert(model)


def command(*arguments):
    """Run a command; an error that it tells in a line is a FileError here."""
    result = CliRunner().invoke(commands, [str(argument) for argument in arguments])
    if result.exit_code == 1 and "can't be written" in result.output:
        raise FileError(result.output)
    assert result.exit_code == 0, result.output


def save(network, folder, monkeypatch):
    network.save(folder / "network.zip")


def save_picture(network, folder, monkeypatch):
    pictures.draw_curves(folder, sigma=0.02)


def save_report(network, folder, monkeypatch):
    stored = folder.with_name("network.zip")
    if not stored.exists():
        network.save(stored)
    command("check", stored, "--json", folder / "report.json")


def save_model(network, folder, monkeypatch):
    monkeypatch.setattr(training, "train", lambda *args, **options: None)
    monkeypatch.setattr(training, "error_rate", lambda *args: 0.5)
    command("train", "mlp", folder / "model.keras", "--data", "mnist_subset")


def save_weights(network, folder, monkeypatch):
    name = "mnist_mlp_seed0"
    checkpoints.store(name, PLANS[name].model(), [], folder)


@pytest.mark.parametrize("writer", [save, save_picture, save_report, save_model, save_weights])
def test_a_full_disk_leaves_the_older_file(writer, network, tmp_path, monkeypatch):
    folder = tmp_path / "saved"
    folder.mkdir()
    writer(network, folder, monkeypatch)
    (path,) = folder.iterdir()
    older = path.read_bytes()
    with pytest.raises(FileError, match="can't be written"), full_disk():
        writer(network, folder, monkeypatch)
    assert list(folder.iterdir()) == [path]
    assert path.read_bytes() == older


def test_names_may_be_as_long_as_the_file_system_takes(tmp_path):
    path = tmp_path / ("n" * 251 + ".txt")
    with replaced(path) as partial:
        partial.write_text("all of it")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "all of it"


TOO_LONG = ["n" * 300 + ".zip", "/".join(["d" * 100] * 50), "null\0character.zip"]


@pytest.mark.parametrize("name", TOO_LONG, ids=["name", "path", "null"])
def test_what_can_be_no_name_is_refused_by_name(name, network, tmp_path):
    path = f"{tmp_path}/{name}"
    for write in (network.save, lambda path: write_text(path, "text")):
        with pytest.raises(FileError, match="can't be written"):
            write(path)
    with pytest.raises(FileError):
        nsl.SpikingNetwork.load(path)
    for load in (datasets.load, datasets.load_events, datasets.load_braille, datasets.load_speech):
        with pytest.raises(DatasetError, match=r"There is no|is unknown"):
            load(path)


def test_texts_go_to_devices_and_pipes(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "all of it")
    assert os.read(reader, 100) == b"all of it"
    os.close(reader)
    write_text(os.devnull, "nobody reads it")
    with pytest.raises(FileError, match="can't be written"):
        write_text("/dev/full", "all of it")
    with pytest.raises(FileError, match="can't be written"):
        write_text(tmp_path, "all of it")


def test_standard_output_in_a_file(tmp_path):
    """The file that it goes to is not replaced: others write on."""
    code = (
        "from nengo_softlif.files import write_text\n"
        "print('before', flush=True)\n"
        "write_text('/dev/stdout', 'all of it')\n"
    )
    path = tmp_path / "output.txt"
    with path.open("w") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert path.read_text() == "before\nall of it"
