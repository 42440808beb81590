"""Pytest plugin that runs the test suites shipped inside NengoDL and NengoLoihi.

``pytest -p nengo_softlif.compat.pytest_plugin --pyargs nengo_dl`` (or ``nengo_loihi``). The two
packages install their tests, but not the ``conftest.py`` that these rely on: command line options,
the ``Simulator`` fixture, defaults of the simulators. All of that is here, and stubs for what
Nengo 4 no longer has.
"""

import importlib.util
import sys
import types

import numpy as np
import pytest
from pytest_rng.plugin import Seed

from nengo_softlif.compat.redirects import private_import
from nengo_softlif.compat.versions import Versions

_MARKERS = (
    "training: needs an automatic gradient",
    "performance: depends on a certain benchmark machine",
    "gpu: needs a GPU",
    "target_sim: for the Loihi emulator only",
    "target_loihi: for the Loihi chip only",
    "hang: hangs on the Loihi chip",
    "requires_multichip_snips: needs a board with several Loihi chips",
)

# Tests that can't pass here, by what they have in common; docs/compat.md says more.
NOT_RUN = {
    "nengo_dl/tests/test_setup.py::test_setup_compat": "reads setup.py, which isn't installed",
    "nengo_dl/tests/test_version.py::test_nengo_version_check": "wants Nengo 3.2 or older",
}
# These read ten MNIST digits from a file that NengoLoihi's package lacks; they can't run anywhere.
_MNIST_FILE = "mnist10.pkl"
_MNIST_TESTS = tuple(
    f"nengo_loihi/tests/test_conv.py::test_{name}"
    for name in ("conv2d_weights", "conv_connection", "conv_deepnet", "conv_split")
)


def pytest_addoption(parser):
    """Add the options that the tests read."""
    dl = parser.getgroup("nengo_dl", "NengoDL's test suite")
    dl.addoption("--dtype", default="float32", choices=("float32", "float64"))
    dl.addoption("--unroll-simulation", default=1, type=int)
    dl.addoption("--device", default=None)
    dl.addoption("--inference-only", action="store_true")
    dl.addoption("--performance", action="store_true")
    loihi = parser.getgroup("nengo_loihi", "NengoLoihi's test suite")
    loihi.addoption("--target", default="sim", choices=("sim",))


def pytest_configure(config):
    """Supply what is missing before the first test module is imported."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if any("nengo_loihi" in arg for arg in config.args):
        _set_up_loihi()
    _supply_stubs()
    config.pluginmanager.register(_Fixtures())


def _set_up_loihi():
    """Make the emulator as strict as its own tests want it."""
    import nengo_loihi
    from nengo_loihi.builder.builder import Model, ValidationLevel
    from nengo_loihi.emulator import EmulatorInterface

    EmulatorInterface.strict = True
    Model.default_validation_level = ValidationLevel.FULL
    nengo_loihi.set_defaults()


def _supply_stubs():
    """Put stubs where the tests look for what is gone or not installed."""
    import nengo

    dl, loihi = private_import("nengo_dl"), private_import("nengo_loihi")
    dl.update({"pytest": lambda: _stub("pytest_7").VIEW})
    loihi.update({"pytest": lambda: _stub("pytest_7").VIEW})
    dl.update({"subprocess": lambda: _stub("child_process").VIEW})
    if Versions("numpy", since="2.4").hold():
        _stub("synapse_filt").supply(nengo.synapses.Synapse)
    if not hasattr(nengo.networks, "Oscillator"):
        nengo.networks.Oscillator = _stub("oscillator").Oscillator
    if _is_missing("nengo._vendor.npconv2d"):
        package = types.ModuleType("nengo._vendor.npconv2d")
        package.conv2d = _stub("npconv2d")
        nengo._vendor.npconv2d = package
        # In sys.modules, as pytest.importorskip looks there.
        sys.modules[package.__name__] = package
        sys.modules[f"{package.__name__}.conv2d"] = package.conv2d
    if _is_missing("pkg_resources"):
        dl.update({"pkg_resources": lambda: _stub("entry_points")})
    if _is_missing("nengo_extras"):
        loihi.update({"nengo_extras.matplotlib": lambda: _stub("image_grid")})
        loihi.update({"nengo_extras.vision": lambda: _stub("gabor")})


def _is_missing(name):
    return importlib.util.find_spec(name) is None


def _stub(name):
    return importlib.import_module(f"nengo_softlif.compat.stubs.{name}")


def pytest_collection_modifyitems(items):
    """Skip what can't run, and take the suites' own view of xfail."""
    for item in items:
        test = _upstream_id(item).partition("[")[0]
        if test in NOT_RUN:
            item.add_marker(pytest.mark.skip(reason=NOT_RUN[test]))
        elif test in _MNIST_TESTS and not item.path.with_name(_MNIST_FILE).exists():
            item.add_marker(pytest.mark.skip(reason=f"needs {_MNIST_FILE}, which isn't installed"))
        for mark in list(item.iter_markers("xfail")):
            # NengoLoihi has a test that passes now and then. Not to depend on an xfail_strict in
            # the configuration file that pytest happens to find above site-packages:
            lenient = pytest.mark.xfail(*mark.args, **{"strict": False, **mark.kwargs})
            item.add_marker(lenient, append=False)


def pytest_runtest_setup(item):
    """Skip what the suites themselves skip."""
    options = item.config.option
    if item.get_closest_marker("target_loihi"):
        pytest.skip("needs a Loihi chip")
    if item.get_closest_marker("performance") and not options.performance:
        pytest.skip("runs with --performance only")
    if item.get_closest_marker("training") and options.inference_only:
        pytest.skip("needs training, not done with --inference-only")
    if item.get_closest_marker("gpu"):
        from nengo_dl.utils import tf_gpu_installed

        if not tf_gpu_installed:
            pytest.skip("needs a GPU")


def _upstream_id(item):
    """Node id of a test in the repository of its package, wherever pytest runs."""
    file = item.module.__name__.replace(".", "/")
    return f"{file}.py::{item.nodeid.partition('::')[2]}"


def _package(request):
    return request.node.module.__name__.partition(".")[0]


class _Fixtures:
    """In a plugin of their own, so that they can be registered after those they replace."""

    @pytest.fixture(scope="module")
    def Simulator(self, request):
        """The simulator of the package that the test belongs to."""
        tests = importlib.import_module(f"{_package(request)}.tests")
        return tests.make_test_sim(request)

    @pytest.fixture
    def seed(self, request):
        """The seed that the test has in the package's own repository."""
        return Seed.generate(_upstream_id(request.node))

    @pytest.fixture
    def rng(self, request):
        """A random number generator, seeded likewise."""
        return np.random.RandomState(Seed.generate(_upstream_id(request.node), extra_salt="rng"))


@pytest.fixture(autouse=True)
def _clear_keras(request):
    """Drop what earlier NengoDL tests left in Keras."""
    if _package(request) == "nengo_dl":
        import tf_keras

        tf_keras.backend.clear_session()
