"""The doctor answers from what is installed, whatever is broken."""

import subprocess
import sys
from dataclasses import replace
from importlib import metadata

import pytest
from click.testing import CliRunner

from nengo_softlif import backends, compat
from nengo_softlif.backends import registry
from nengo_softlif.cli import main


def doctor(*options):
    done = CliRunner().invoke(main, ["doctor", *options])
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
        "import sys; from nengo_softlif.cli import main\n"
        "try: main(['doctor'])\n"
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
    reason = _import_error_of("broken_simulator")
    assert "AttributeError" in reason or "ZeroDivisionError" in reason or "code 3" in reason


def _import_error_of(module):
    from nengo_softlif.cli import doctor as _  # noqa: F401  (the command of this name)

    command = sys.modules["nengo_softlif.cli.doctor"]
    return command.import_error(f"import {module}")


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
