"""The examples of docs/simulator.md run as they stand."""

import re
from pathlib import Path

import numpy as np
import pytest

DOCS = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()


def test_the_examples_run_and_the_added_kernel_is_used():
    import nengo

    import nengo_softlif as nsl

    names = {}
    for code in re.findall(r"```python\n(.*?)```", DOCS, flags=re.DOTALL):
        exec(code, names)  # our own text
    assert names["outputs"][names["probe"]].shape == (3, 100, 1)

    with nengo.Network(seed=1) as net:
        gain, bias = np.linspace(0.5, 2, 20), np.linspace(-1, 1, 20)
        neurons = names["Quadratic"](a=3.0)
        ens = nengo.Ensemble(20, 1, neuron_type=neurons, gain=gain, bias=bias)
        nengo.Connection(nengo.Node([0.7]), ens, synapse=None)
        probe = nengo.Probe(ens.neurons)
    with nengo.Simulator(net, progress_bar=False) as reference:
        reference.run_steps(3)
    with nsl.Simulator(net, progress_bar=False) as sim:
        sim.run_steps(3)
    assert not sim.plan.python
    np.testing.assert_allclose(sim.data[probe], reference.data[probe], rtol=1e-12)

    # as the page says: a slip is told before anything runs
    with pytest.raises(TypeError, match=r"kernel quadratic .*got no n, unknown size"):
        names["Instruction"](names["quadratic"], current=0, output=0, size=1, a=1.0)
