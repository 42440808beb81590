"""Spiking layers on Keras' PyTorch backend, which has no loops in compiled code."""

import subprocess
import sys
from pathlib import Path

import pytest


def test_every_spiking_layer_trains():
    pytest.importorskip("torch")
    command = [sys.executable, "-m", "tests.layers.spiking_on_torch"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stderr[-2000:]
