"""How long a training step takes: soft LIF beside ReLU, and beside NengoDL.

The demo's network, batches of 64, in one process: the variants take turns, so that a machine
that slows down slows all of them. Reported are the wall time of a step in the median and in the
best round, and the ratio to the ReLU network's in the same terms: on a shared machine the best
rounds are the ones that were left alone.

    python benchmarks/training_step.py [--rounds 30] [--output benchmarks/training_step.json]
"""

import argparse
import json
import platform
import time
import warnings

import keras
import numpy as np
import tensorflow as tf

import nengo_softlif as nsl
from nengo_softlif import datasets
from nengo_softlif.demo import architectures
from nengo_softlif.layers import SoftLIF

BATCH = 64
STEPS = 30  # of a round


@keras.saving.register_keras_serializable(package="benchmarks")
class NaiveSoftLIF(SoftLIF):
    """The curve as it stands in the papers, its gradient left to automatic differentiation."""

    def call(self, inputs, training=False):
        x = (inputs - 1.0) / self.sigma
        rho = self.sigma * keras.ops.log(1.0 + keras.ops.exp(keras.ops.clip(x, -30, 30)))
        rho = keras.ops.where(x > 30, inputs - 1.0, rho)
        z = keras.ops.log(1.0 + 1.0 / rho)
        z = keras.ops.where(x < -30, -x - float(np.log(self.sigma)), z)
        rates = 1.0 / (self.tau_ref + self.tau_rc * z)
        if training and self.noise is not None:
            noise = keras.random.normal(keras.ops.shape(inputs), stddev=self.noise.std)
            rates = keras.ops.where(inputs > 1.0, rates + noise, rates)
        return self.amplitude * rates


def variant(model, activation):
    """The model with every soft LIF layer replaced."""

    def clone(layer):
        if isinstance(layer, SoftLIF):
            return activation(layer)
        return layer.__class__.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=clone)
    copy.compile(
        keras.optimizers.Adam(1e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    return copy


def keras_rounds(model, x, y):
    """A function that trains for a round."""
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(BATCH, drop_remainder=True)
    batches = batches.take(STEPS).cache()
    return lambda: model.fit(batches, verbose=0)


def nengo_dl_rounds(model, x, y):
    """The same for NengoDL's own training of the converted network."""
    import nengo
    import nengo_dl
    import tf_keras

    spiking = nsl.convert(model)
    with spiking.net:
        probe = nengo.Probe(spiking.output)
    sim = nengo_dl.Simulator(spiking.net, minibatch_size=BATCH, progress_bar=False)
    loss = tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    sim.compile(optimizer=tf_keras.optimizers.Adam(1e-3), loss={probe: loss})
    inputs = x[: BATCH * STEPS].reshape(BATCH * STEPS, 1, -1)
    labels = y[: BATCH * STEPS].reshape(-1, 1, 1)
    return lambda: sim.fit({spiking.input: inputs}, {probe: labels}, epochs=1, verbose=0)


def measure(rounds, n_rounds):
    """Milliseconds a step, by variant: (n_rounds,) arrays, the variants in turn."""
    for train in rounds.values():
        train()  # compiles
    milliseconds = {name: [] for name in rounds}
    for _ in range(n_rounds):
        for name, train in rounds.items():
            start = time.perf_counter()
            train()
            milliseconds[name].append((time.perf_counter() - start) / STEPS * 1e3)
    return {name: np.array(values) for name, values in milliseconds.items()}


def main():
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--output", default="benchmarks/training_step.json")
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    data = datasets.load("mnist_subset")
    model = architectures.build("convnet", data.input_shape, data.n_classes)
    x, y = data.x_train, data.y_train

    def with_class(cls, **changes):
        return lambda layer: cls(**{**layer.get_config(), **changes})

    activations = {
        "ReLU": lambda layer: keras.layers.ReLU(name=layer.name),
        "soft LIF": with_class(SoftLIF, noise=None),
        "soft LIF, noise": with_class(SoftLIF),
        "soft LIF written naively, noise": with_class(NaiveSoftLIF),
    }
    rounds = {
        name: keras_rounds(variant(model, activation), x, y)
        for name, activation in activations.items()
    }
    rounds["NengoDL: soft LIF, noise"] = nengo_dl_rounds(model, x, y)
    milliseconds = measure(rounds, options.rounds)
    relu = milliseconds["ReLU"]
    rows = {
        name: {
            "median_ms": float(np.median(values)),
            "best_ms": float(np.min(values)),
            "median_ratio": float(np.median(values / relu)),
            "best_ratio": float(np.min(values) / np.min(relu)),
        }
        for name, values in milliseconds.items()
    }
    for name, row in rows.items():
        print(
            f"{name:34s} median {row['median_ms']:6.2f} ms, {row['median_ratio']:.2f} x ReLU; "
            f"best {row['best_ms']:6.2f} ms, {row['best_ratio']:.2f} x ReLU"
        )
    result = {
        "command": "python benchmarks/training_step.py",
        "batch_size": BATCH,
        "steps_a_round": STEPS,
        "rounds": options.rounds,
        "python": platform.python_version(),
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "variants": rows,
    }
    with open(options.output, "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
