"""Running a network on `nengo.Simulator` and on ours, and what has to agree."""

import nengo
import numpy as np

import nengo_softlif as nsl

STEPS = 100


def assert_parity(net, steps=STEPS, dt=0.001, tolerance=1e-9, **options):
    """All probes of a network agree in every step, to rounding; returns our simulator, closed."""
    # Nengo's optimizer gives processes other seeds, since it changes the order of operators
    with nengo.Simulator(net, dt=dt, seed=1, progress_bar=False, optimize=False) as reference:
        reference.run_steps(steps)
    with nsl.Simulator(net, dt=dt, seed=1, progress_bar=False, **options) as sim:
        sim.run_steps(steps)
    assert net.all_probes
    for probe in net.all_probes:
        expected, values = reference.data[probe], sim.data[probe]
        assert values.shape == expected.shape
        scale = np.abs(expected).max(initial=1)
        np.testing.assert_allclose(
            values, expected, rtol=tolerance, atol=tolerance * scale, err_msg=str(probe)
        )
    return sim


def in_python(sim):
    """Names of what has no kernel."""
    return [
        type(getattr(op, "neurons", getattr(op, "process", op))).__name__ for op in sim.plan.python
    ]
