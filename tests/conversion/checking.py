"""Models with random weights, and whether a converted network computes what they do."""

import nengo
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.conversion.build import build


def randomize(model, seed=0):
    """Give all weights values of their own; variances stay positive."""
    rng = np.random.default_rng(seed)
    model.set_weights(
        [
            np.abs(rng.normal(0.4, 0.3, size=w.shape)) - 0.1 * (w.ndim > 1)
            for w in model.get_weights()
        ]
    )
    return model


def check(model, seed=0):
    """Convert and verify on random items; return the network."""
    rng = np.random.default_rng(seed)
    items = [rng.uniform(0, 1, size=(3, *tensor.shape[1:])) for tensor in model.inputs]
    spiking = nsl.convert(model)
    checks = nsl.conversion.verify(model, spiking, items[0] if len(items) == 1 else items)
    assert set(spiking.outputs) <= {c.name for c in checks}
    assert all(c.max_rel <= 1e-4 for c in checks)
    check_compiled(model, spiking, items)
    return spiking


def check_compiled(model, spiking, items):
    """The compiled simulator, too, computes with rates what the model does."""
    built = build(spiking.graph, rates=True)
    with built.net:
        probes = {name: nengo.Probe(node) for name, node in built.outputs.items()}
    inputs = {
        node: x.reshape(len(x), -1) for node, x in zip(built.inputs.values(), items, strict=True)
    }
    with nsl.Simulator(built.net, progress_bar=False) as sim:
        data = sim.run_batch(inputs, 1)
    expected = model(items[0] if len(items) == 1 else items)
    expected = expected if isinstance(expected, (list, tuple)) else [expected]
    for name, want in zip(spiking.graph.outputs, map(np.asarray, expected), strict=True):
        if name not in spiking.graph.logits:
            result = data[probes[name]][:, 0]
            np.testing.assert_allclose(
                result, want.reshape(len(want), -1), atol=1e-4 * np.abs(want).max()
            )
