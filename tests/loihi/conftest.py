import numpy as np
import pytest

pytest.importorskip("nengo_loihi")


@pytest.fixture
def rng():
    return np.random.RandomState(0)


@pytest.fixture(autouse=True)
def strict_emulator(monkeypatch):
    """Overflow in the emulator is an error, not a warning."""
    from nengo_loihi.emulator import EmulatorInterface

    monkeypatch.setattr(EmulatorInterface, "strict", True)
