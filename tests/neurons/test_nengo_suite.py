"""Nengo's own tests for neuron types pass with ours."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nengo

CONFIG = Path(__file__).with_name("nengo.ini")


def test_nengos_tests_pass_with_our_types():
    """The part of them that takes a neuron type; docs/neurons.md has the command for all."""
    site_packages = Path(nengo.__file__).parents[1]
    command = [sys.executable, "-m", "pytest", "-c", CONFIG, "--pyargs", "nengo.tests.test_neurons"]
    # the seeds of Nengo's tests depend on their path relative to the root
    command += ["--rootdir", site_packages, "-k", "LIF", "-q", "-p", "no:cacheprovider"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        command, env=environment, cwd=CONFIG.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|skipped|failed)", done.stdout)}
    assert counts["passed"] >= 20
    assert counts["skipped"] == 4  # the exceptions in nengo.ini, and no more
