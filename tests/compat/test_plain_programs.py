"""A program without anything of ours does the same, to the last bit, with our import or without."""

import json
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).with_name("plain_programs.py")

LOAD = f"""
import importlib.util, json, sys, warnings
spec = importlib.util.spec_from_file_location("plain_programs", {str(PROGRAMS)!r})
def load():
    programs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(programs)
    return programs
"""

# Without TensorFlow, which these programs don't use and which takes seconds to import.
WITHOUT_TENSORFLOW = """
class Hidden:
    def find_spec(self, fullname, path=None, target=None):
        if fullname == "tensorflow":
            raise ModuleNotFoundError("No module named 'tensorflow'", name=fullname)
sys.meta_path.insert(0, Hidden())
"""

# NengoLoihi runs on NumPy 2 with these two as they were in NumPy 1.
LIKE_NUMPY_1 = """
import numpy as np
array, full = np.array, np.full
def with_copy_if_needed(*args, copy=True, **kwargs):
    return array(*args, copy=None if copy is False else copy, **kwargs)
np.array = with_copy_if_needed
def without_warning(*args, **kwargs):
    with np.errstate(invalid="ignore"):
        return full(*args, **kwargs)
np.full = without_warning
"""

IMPORT_LOIHI = """
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import nengo_loihi
imported = [str(w.message) for w in caught if "nengo" in str(w.message)]
"""

# The whole of our package in use, also by networks that need it.
USE_OURS = """
import nengo, numpy as np
import nengo_softlif as nsl
with nengo.Network(seed=0) as ours:
    source = nengo.Ensemble(1200, 1, neuron_type=nsl.SpikingLinearResetLIF())
    nengo.Connection(nengo.Node(0.5), source)
    nengo.Probe(source.neurons)
"""
USE_OURS_ON_LOIHI = """
for simulator in (nengo_loihi.Simulator, nsl.loihi.Simulator):
    with simulator(ours) as sim:
        sim.run_steps(5)
assert type(sim.model.split).__name__ == "ExtendedSplit"
assert all(row.applied for row in nsl.compat.status() if row.name in (
    "host-chip-split", "block-shapes", "connections", "reset-by-subtraction"))
"""
USE_OURS_ON_NENGO_DL = """
import nengo_dl
with nengo_dl.Simulator(ours, progress_bar=False) as sim:
    sim.run_steps(5)
assert nsl.compat.status()["grouped-convolutions"].applied
"""


def observed(printed):
    return json.loads(printed.splitlines()[-1])


@pytest.fixture(scope="module")
def run_module_python(tmp_path_factory):
    from tests.compat.conftest import python_runner

    return python_runner(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def loihi_reference(run_module_python):
    """What is seen without our package."""
    return observed(
        run_module_python(
            LOAD
            + WITHOUT_TENSORFLOW
            + LIKE_NUMPY_1
            + IMPORT_LOIHI
            + """
programs = load()
seen = programs.observe_all(programs.NENGO + programs.LOIHI)
assert not any(name.startswith("nengo_softlif") for name in sys.modules)
print(json.dumps({"imported": imported, "seen": seen}))
"""
        )
    )


def test_programs_show_what_they_are_to_show(loihi_reference):
    seen = loihi_reference["seen"]
    assert [message for message in loihi_reference["imported"] if "not been tested" in message]
    for name in (
        "decoded",
        "decoded_in_floats",
        "convolutions",
        "passthrough_nodes",
        "learning",
        "several_cores",
    ):
        result = seen[name]["result"]
        assert any(any(map(any, data)) for data in result["data"]), name
        classes = ["Split", "PassthroughSplit", "HostChipSplit", "CompartmentState"]
        assert result["classes"] == classes
    assert len(seen["convolutions"]["result"]["blocks"]) > 3
    assert len(seen["several_cores"]["result"]["blocks"]) >= 6
    assert seen["passthrough_nodes"]["result"]["merged"]
    assert any("Combining two Lowpass" in w[1] for w in seen["passthrough_nodes"]["warnings"])
    assert seen["refused_synapse"]["result"][0] == "NotImplementedError"


def test_import_before_a_program_changes_nothing(run_module_python, loihi_reference):
    """NumPy is as it is here: our view of it is all that NengoLoihi has."""
    found = observed(
        run_module_python(
            LOAD
            + WITHOUT_TENSORFLOW
            + "import nengo_softlif\n"
            + IMPORT_LOIHI
            + USE_OURS
            + USE_OURS_ON_LOIHI
            + """
programs = load()
seen = programs.observe_all(programs.NENGO + programs.LOIHI)
print(json.dumps({"imported": imported, "seen": seen}))
"""
        )
    )
    assert found["imported"] == loihi_reference["imported"]
    assert found["seen"] == loihi_reference["seen"]


def test_import_after_a_program_changes_nothing(run_module_python, loihi_reference):
    found = observed(
        run_module_python(
            LOAD
            + WITHOUT_TENSORFLOW
            + LIKE_NUMPY_1
            + IMPORT_LOIHI
            + "programs = load()\n"
            + "before = programs.observe_all(programs.NENGO + programs.LOIHI)\n"
            + USE_OURS
            + USE_OURS_ON_LOIHI
            + """
after = programs.observe_all(programs.NENGO + programs.LOIHI)
print(json.dumps([before, after]))
"""
        )
    )
    assert found == [loihi_reference["seen"]] * 2


def test_our_extensions_would_have_changed_the_cores(run_module_python, loihi_reference):
    """Else the tests above could not fail: marked, the same network takes fewer cores."""
    result = observed(
        run_module_python(
            LOAD
            + WITHOUT_TENSORFLOW
            + """
import nengo_softlif as nsl
programs = load()
net = programs.convolutional_network()
nsl.networks.enable_extensions(net)
print(json.dumps(programs.on_loihi(net, 20)))
"""
        )
    )
    plain = loihi_reference["seen"]["convolutions"]["result"]
    assert result["classes"][0] == "ExtendedSplit"
    assert len(result["blocks"]) < len(plain["blocks"])


def test_nengo_dl_merges_the_same_operators(run_module_python):
    """NengoDL imports with our hook alone on this stack, so that is the reference."""
    found = observed(
        run_module_python(
            LOAD
            + """
import types
package = types.ModuleType("nengo_softlif")
package.__path__ = importlib.util.find_spec("nengo_softlif").submodule_search_locations
sys.modules["nengo_softlif"] = package
from nengo_softlif import compat
compat.install(then={})
import nengo_dl
programs = load()
before = programs.observe_all(programs.NENGO_DL)
assert not any(name.startswith("nengo_softlif.nengodl") for name in sys.modules)
del sys.modules["nengo_softlif"]
"""
            + USE_OURS
            + USE_OURS_ON_NENGO_DL
            + """
after = programs.observe_all(programs.NENGO_DL)
print(json.dumps([before, after]))
"""
        )
    )
    before, after = found
    assert after == before
    plan = before["merged_operators"]["result"]["plan"]
    assert ["ConvSet", 2] in plan


def test_nengo_dl_merges_the_same_operators_after_our_import(run_module_python):
    printed = run_module_python(
        LOAD
        + "import nengo_softlif\n"
        + USE_OURS
        + USE_OURS_ON_NENGO_DL
        + """
programs = load()
seen = programs.observe(programs.merged_operators)
print(json.dumps(seen["result"]["plan"]))
"""
    )
    assert ["ConvSet", 2] in observed(printed)
