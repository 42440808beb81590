"""A quick choice from the suites of NengoDL and NengoLoihi; docs/compat.md has all of them."""

import re
import subprocess
import sys

import pytest


def run_pytest(cwd, *args):
    """Run a part of a suite in a process of its own; returns how many tests there were of what."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "nengo_softlif.compat.pytest_plugin", "--pyargs", *args]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    summary = result.stdout.strip().splitlines()[-1]
    assert result.returncode == 0, result.stdout
    return {what: int(number) for number, what in re.findall(r"(\d+) (\w+)", summary)}


@pytest.mark.parametrize(
    "modules, n_passed",
    [
        (["nengo_dl.tests.test_processes", "nengo_dl.tests.test_op_builders"], 15 + 6),
        (["nengo_loihi.tests.test_neurons", "nengo_loihi.tests.test_conv"], 24 + 165),
    ],
)
def test_suite(pytestconfig, modules, n_passed):
    assert run_pytest(pytestconfig.rootpath, *modules)["passed"] >= n_passed
