"""Fixtures."""

import nengo
import pytest


@pytest.fixture
def single_precision():
    """Nengo builds in single precision."""
    nengo.rc["precision"]["bits"] = "32"
    yield
    nengo.rc["precision"]["bits"] = "64"
