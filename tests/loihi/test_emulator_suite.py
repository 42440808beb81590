"""A quick choice from NengoLoihi's own suite; docs/loihi_emulator.md says how to run all of it."""

from tests.compat.test_upstream import run_pytest

OURS = ("-p", "nengo_softlif.loihi.pytest_plugin")
MODULES = (
    "nengo_loihi.emulator.tests.test_interface",
    "nengo_loihi.tests.test_block",
    "nengo_loihi.tests.test_neurons",
    "nengo_loihi.tests.test_probe",
)


def test_the_emulators_own_tests_pass(pytestconfig):
    counts = run_pytest(pytestconfig.rootpath, *OURS, *MODULES)
    assert counts["passed"] == 3 + 4 + 24 + 15
