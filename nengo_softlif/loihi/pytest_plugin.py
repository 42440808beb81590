"""Pytest plugin that puts our simulator into NengoLoihi's test suite.

``pytest -p nengo_softlif.compat.pytest_plugin -p nengo_softlif.loihi.pytest_plugin --pyargs
nengo_loihi`` runs the suite with `Simulator` and `CompiledEmulator` in place of NengoLoihi's.
"""

import pytest

__all__ = ["EXCEPTIONS"]

# Tests that can't pass, and why; docs/loihi_emulator.md says more.
EXCEPTIONS = {
    "test_progressbar_values": "expects a warning that there is no progress bar; ours has one",
}


def pytest_configure():
    """Replace the classes before the first test module imports them."""
    import nengo_loihi
    from nengo_loihi import emulator

    from nengo_softlif.loihi import Simulator
    from nengo_softlif.loihi.emulator.chip import CompiledEmulator

    nengo_loihi.Simulator = Simulator
    emulator.EmulatorInterface = CompiledEmulator


def pytest_collection_modifyitems(items):
    """Skip the exceptions."""
    for item in items:
        if item.name in EXCEPTIONS:
            item.add_marker(pytest.mark.skip(reason=EXCEPTIONS[item.name]))
