"""The group of commands: help, versions, and how errors are told."""

import pytest
from click.testing import CliRunner

import nengo_softlif
from nengo_softlif import datasets
from nengo_softlif.cli.commands import commands
from nengo_softlif.errors import DatasetError

COMMANDS = ["demo", "train", "convert", "check", "run", "compare", "doctor"]


def invoke(*args):
    return CliRunner().invoke(commands, [str(arg) for arg in args], prog_name="nengo-softlif")


@pytest.fixture
def broken_data(monkeypatch):
    def load(name):
        raise DatasetError(f"no data\nset {name!r}")

    monkeypatch.setattr(datasets, "load", load)


def test_help_lists_all_commands_in_order_of_use():
    result = invoke("--help")
    assert result.exit_code == 0
    commands = result.output.split("Commands:\n")[1]
    assert [line.split()[0] for line in commands.splitlines()] == COMMANDS
    assert "..." not in commands, "a summary is cut off"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_of_each(command, flag):
    result = invoke(command, flag)
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: nengo-softlif {command}")


def test_version():
    assert invoke("--version").output == f"nengo-softlif, version {nengo_softlif.__version__}\n"


@pytest.mark.parametrize(
    "args, message",
    [
        (["swim"], "No such command 'swim'"),
        (["demo", "--seed", "-1"], "-1 is not in the range"),
        (["train", "mlp"], "Missing argument 'MODEL'"),
        (["train", "mlp", "model.h5"], "must end with .keras (got 'model.h5')"),
        (["train", "mlp", "m.keras", "--epochs", "0"], "0 is not in the range"),
        (["convert", "absent.keras", "net.zip"], "'absent.keras' does not exist"),
        (["run", "absent.zip"], "'absent.zip' does not exist"),
        (["compare", __file__, "-b", "nengo:x"], "the count after ':' must be an integer"),
        (["convert", __file__, "net.zip", "--synapse", "alpha"], "alpha:TAU"),
        (
            ["convert", __file__, "net.zip", "--max-pool", "max"],
            "'max' is not one of 'average', 'spiking'",
        ),
    ],
)
def test_wrong_usage_exits_with_2(args, message):
    result = invoke(*args)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_our_errors_are_one_line(broken_data, tmp_path):
    result = invoke("train", "mlp", tmp_path / "m.keras")
    assert result.exit_code == 1
    assert result.output == "Error: no data set 'mnist_subset'\n"


def test_debug_shows_the_traceback(broken_data, tmp_path):
    result = invoke("--debug", "train", "mlp", tmp_path / "m.keras")
    assert isinstance(result.exception, DatasetError)


def test_faults_of_the_program_are_not_hidden(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "load", lambda name: 1 / 0)
    result = invoke("train", "mlp", tmp_path / "m.keras")
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize("command, option", [("run", "backend"), ("compare", "backends")])
def test_the_compiled_backend_is_the_default(command, option):
    (default,) = (p.default for p in commands.commands[command].params if p.name == option)
    first = default if isinstance(default, str) else default[0]
    assert first == "compiled"
