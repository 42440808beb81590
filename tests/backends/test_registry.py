"""Backends by name, those of other packages included, and a package that is broken."""

import subprocess
import sys
import textwrap

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif import backends
from nengo_softlif.backends import registry
from nengo_softlif.errors import BackendError, UnknownNameError

SESSIONS = '''
import nengo

from nengo_softlif.backends import OneByOneSession


class DoublingSession(OneByOneSession):
    """Nengo's reference, with a longer time step than it was asked for."""

    def make_simulator(self, net, dt, seed):
        return nengo.Simulator(net, dt=dt, seed=seed, progress_bar=False)
'''


@pytest.fixture
def network():
    with nengo.Network(seed=0) as net:
        x, y = nengo.Node([0]), nengo.Node(size_in=1)
        ensemble = nengo.Ensemble(20, 1)
        nengo.Connection(x, ensemble)
        nengo.Connection(ensemble, y)
    return nsl.wrap(net, input=x, output=y)


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(registry, "_REGISTERED", {})


def backend(**changes):
    facts = {
        "name": "mine",
        "session": "nengo_softlif.backends.reference:NengoSession",
        "package": "nengo",
        "modules": ("nengo",),
        "install": "pip install mine",
    }
    return backends.Backend(**facts | changes)


def test_all_backends_are_known_without_importing_one():
    code = (
        "import sys; from nengo_softlif import backends; infos = backends.available(); "
        "assert [i.name for i in infos] == ['compiled', 'nengo', 'nengo_dl', 'loihi'], infos; "
        "assert all(i.installed and i.version for i in infos), infos; "
        "heavy = {'nengo', 'numba', 'nengo_dl', 'nengo_loihi', 'tensorflow'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_registered_backend_runs(registered, network):
    backends.register(backend())
    assert "mine" in backends.names()
    expected = nsl.predict(network, [[0.5]], backend="nengo", progress=False)
    found = nsl.predict(network, [[0.5]], backend="mine", progress=False)
    np.testing.assert_array_equal(found.output, expected.output)


def test_a_missing_package_says_what_to_install(registered, network):
    backends.register(backend(modules=("no_such_simulator",)))
    info = next(info for info in backends.available() if info.name == "mine")
    assert not info.installed and info.version is None and "no_such_simulator" in info.reason
    with pytest.raises(BackendError, match=r"'mine' can't be used: .*install it with: pip install"):
        nsl.predict(network, [[0.5]], backend="mine")


@pytest.mark.parametrize(
    "failure, words",
    [("raise AttributeError('too new')", "AttributeError: too new"), ("import nowhere", "nowhere")],
)
def test_a_broken_package_is_not_to_be_installed(
    failure, words, registered, network, tmp_path, monkeypatch
):
    (tmp_path / "broken_simulator.py").write_text(failure)
    monkeypatch.syspath_prepend(tmp_path)
    backends.register(backend(session="broken_simulator:Session", modules=("broken_simulator",)))
    with pytest.raises(BackendError, match="importing broken_simulator:Session failed") as error:
        nsl.predict(network, [[0.5]], backend="mine")
    assert words in str(error.value) and "install" not in str(error.value)


def test_something_else_than_a_session_is_refused(registered, network):
    backends.register(backend(session="nengo:Network"))
    with pytest.raises(BackendError, match=r"nengo:Network must be a subclass of .*Session"):
        nsl.predict(network, [[0.5]], backend="mine")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match="'abacus' is unknown; choose one of compiled, nen"):
        backends.get("abacus")
    with pytest.raises(KeyError):
        backends.get("abacus")


def install(folder, files):
    """Install a package into a folder, as `pip install --target` does."""
    source = folder / "source"
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    target = folder / "site"
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", target, source]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target


def test_an_installed_package_adds_a_backend_and_an_energy_model(tmp_path):
    """The example of docs/backends.md, as a package of its own."""
    target = install(
        tmp_path,
        {
            "pyproject.toml": """
                [build-system]
                requires = ["setuptools"]
                build-backend = "setuptools.build_meta"

                [project]
                name = "their-simulator"
                version = "1.2"

                [project.entry-points."nengo_softlif.backends"]
                theirs = "their_simulator:DoublingSession"

                [project.entry-points."nengo_softlif.energy_models"]
                their_chip = "their_simulator.energy:THEIR_CHIP"

                [tool.setuptools]
                packages = ["their_simulator"]
            """,
            "their_simulator/__init__.py": SESSIONS,
            "their_simulator/energy.py": """
                from nengo_softlif.analysis import CostModel

                THEIR_CHIP = CostModel(
                    name="their chip",
                    unit="J",
                    energy_per_synop=1e-12,
                    energy_per_update=2e-12,
                    energy_per_input=0.0,
                )
            """,
        },
    )
    code = """
        import sys
        sys.path.insert(0, sys.argv[1])
        import nengo, nengo_softlif as nsl

        info = {i.name: i for i in nsl.backends.available()}["theirs"]
        assert (info.package, info.version, info.installed) == ("their-simulator", "1.2", True)
        assert "their_simulator" not in sys.modules
        with nengo.Network(seed=0) as net:
            x, y = nengo.Node([0]), nengo.Node(size_in=1)
            ensemble = nengo.Ensemble(20, 1)
            nengo.Connection(x, ensemble)
            nengo.Connection(ensemble, y)
        network = nsl.wrap(net, input=x, output=y)
        found = nsl.predict(network, [[0.5]], backend="theirs", progress=False)
        assert found.backend == "theirs" and found.n_samples == 1
        assert "their_chip" in nsl.analysis.energy_models()
        energy = found.energy("their_chip")
        assert energy.unit == "J" and energy.total > 0, energy
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code), target], check=True)
