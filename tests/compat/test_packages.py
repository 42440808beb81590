"""The real NengoDL and NengoLoihi, with Keras 3 at work in the same process."""

import pytest

# Everything that others might hold on to; filled before the packages come, compared after.
WATCH = """
import os, sys, warnings
import keras, numpy as np, tensorflow as tf
from tensorflow.python.autograph.impl import api

def meanings():
    return [
        keras.Model, keras.layers.Dense, keras.losses.MeanSquaredError, keras.__version__,
        tf.keras.Model, tf.keras.layers.Dense, tf.losses.MeanSquaredError, tf.metrics.Mean,
        tf.optimizers.Adam, tf.initializers.Zeros, tf.keras.__version__,
        np.array, np.full, np.fromstring, warnings.warn,
        api.StackTraceMapper.get_effective_source_map,
    ]

def fit_keras():
    x = np.random.default_rng(0).normal(size=(64, 4))
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "relu")])
    model.compile("adam", "mse")
    first, *_, last = model.fit(x, x**2, epochs=5, verbose=0).history["loss"]
    assert last < first
    assert isinstance(model, tf.keras.Model)
"""

BEFORE = """
import nengo_softlif
fit_keras()
environment = dict(os.environ)
meant, modules = meanings(), dict(sys.modules)
"""

AFTER = """
fit_keras()
assert all(x is y for x, y in zip(meant, meanings(), strict=True))
assert all(sys.modules[name] is module for name, module in modules.items())
assert keras.__version__.startswith("3.") and np.__version__.startswith("2.")
assert {name for name in set(os.environ) - set(environment) if "KERAS" in name} == set()
assert [name for name, module in sys.modules.items() if "View" in type(module).__name__] == []
"""

RUN = """
import nengo, tf_keras

with nengo.Network(seed=0) as net:
    a = nengo.Node(np.full(1, 0.5))
    b = nengo.Ensemble(50, 1)
    nengo.Connection(a, b)
    p = nengo.Probe(b, synapse=0.02)
    passthrough = nengo.LinearFilter([1, 0.5], [1, -0.5], analog=False)
    q = nengo.Probe(a, synapse=passthrough)

with nengo_loihi.Simulator(net, target="sim", progress_bar=False) as sim:
    sim.run(0.3)
    assert abs(np.mean(sim.data[p][100:]) - 0.5) < 0.1

x = np.linspace(-1, 1, 64)[:, None, None]
with net:
    nengo_dl.configure_settings(stateful=False)
    b.neuron_type = nengo.LIFRate()
    fast = nengo.Probe(b, synapse=None)
with nengo_dl.Simulator(net, minibatch_size=8, progress_bar=False, seed=0) as sim:
    sim.compile(tf_keras.optimizers.Adam(0.001), loss={fast: "mse"})
    losses = sim.fit({a: x}, {fast: x**2}, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    sim.run(0.016)
    sim.freeze_params(net)
with nengo.Simulator(net, progress_bar=False) as reference:
    reference.run(0.016)
np.testing.assert_allclose(sim.data[q][0], reference.data[q], rtol=1e-5)
"""


@pytest.mark.parametrize(
    "first, second", [("nengo_dl", "nengo_loihi"), ("nengo_loihi", "nengo_dl")]
)
def test_beside_keras_3(run_python, first, second):
    imports = f"import {first}\nimport {second}\nassert nengo_loihi.compat.HAS_DL\n"
    run_python(WATCH + BEFORE + imports + RUN + AFTER)


def test_before_keras_3(run_python):
    imports = "import nengo_softlif\nimport nengo_dl, nengo_loihi\n"
    run_python(imports + WATCH + "fit_keras()\nassert keras.__version__.startswith('3.')")


def test_without_tensorflow(run_python):
    printed = run_python(
        """
        import sys
        import nengo_softlif

        class Hidden:
            def find_spec(self, fullname, path=None, target=None):
                if fullname == "tensorflow":
                    raise ModuleNotFoundError("No module named 'tensorflow'", name=fullname)

        sys.meta_path.insert(0, Hidden())
        try:
            import nengo_dl
        except ModuleNotFoundError as error:
            print(error)
        import nengo_loihi
        assert not nengo_loihi.compat.HAS_DL
        """
    )
    assert printed == "No module named 'tensorflow'\n"
