"""The doctor answers from what is installed, whatever is broken."""

import os
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

import nengo_softlif
from nengo_softlif import backends, compat
from nengo_softlif.backends import registry
from nengo_softlif.cli.commands import commands
from nengo_softlif.cli.diagnosis import import_error


def doctor(*options):
    done = CliRunner().invoke(commands, ["doctor", *options])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def test_versions_backends_and_patches():
    text = doctor()
    for part in ("Python", "numpy", "tensorflow", "keras", "nengo-softlif", *backends.names()):
        assert part in text
    for patch in compat.status():
        assert patch.name in text


def test_a_missing_backend(monkeypatch):
    known = {backend.name: backend for backend in registry._BUILT_IN}
    absent = replace(known["loihi"], modules=("no_such_module",), install="pip install x")
    monkeypatch.setattr(registry, "_REGISTERED", {"loihi": absent})
    text = doctor()
    assert "no_such_module" in text and "install it with: pip install x" in text


def test_nothing_heavy_is_imported():
    code = (
        "import sys; from nengo_softlif.cli.commands import commands\n"
        "try: commands(['doctor'])\n"
        "except SystemExit as done: assert not done.code\n"
        "heavy = {'tensorflow', 'keras', 'nengo', 'numba', 'rich', 'matplotlib'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    "content", ["raise AttributeError('too new')", "import os; os._exit(3)", "1 / 0"]
)
def test_a_broken_package_is_named_if_it_is_imported(content, tmp_path, monkeypatch):
    (tmp_path / "broken_simulator.py").write_text(content)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    reason = import_error("import broken_simulator")
    assert "AttributeError" in reason or "ZeroDivisionError" in reason or "code 3" in reason


@pytest.mark.parametrize("package", ["click", "numpy", "rich", "nengo", "lazy_loader"])
def test_a_broken_package_that_all_need_is_no_obstacle(package, tmp_path, monkeypatch):
    (tmp_path / f"{package}.py").write_text("raise RuntimeError('it is broken')")
    root = Path(nengo_softlif.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{root}")
    command = [sys.executable, "-m", "nengo_softlif", "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for part in ("Versions", "Backends", "Patches", package.replace("_", "-"), "block-shapes"):
        assert part in done.stdout
    is_needed = package == "click"
    assert done.returncode == is_needed and "Traceback" not in done.stderr
    assert ("The commands can't run: RuntimeError: it is broken" in done.stdout) == is_needed


def test_damaged_metadata_is_no_obstacle(monkeypatch):
    def broken(name):
        raise ValueError("no metadata")

    monkeypatch.setattr(metadata, "version", broken)
    assert "damaged: no metadata" in doctor()


def test_a_broken_part_of_ours_is_no_obstacle(monkeypatch):
    def broken():
        raise RuntimeError("no patches")

    monkeypatch.setattr(compat, "status", broken)
    monkeypatch.setattr(backends, "available", broken)
    assert doctor().count("RuntimeError: no patches") == 2
