"""A convolutional autoencoder in spikes, trained by membrane potentials, then a readout."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.data import load
from experiments.markdown import percent
from nengo_softlif.conversion import compare_spikes
from nengo_softlif.files import replaced
from nengo_softlif.functional.surrogates import ArcTanSurrogate
from nengo_softlif.layers import DiscreteLIF, LeakyIntegrator, OverTime, RepeatSteps

TITLE = "Convolutional autoencoder in spikes (Panda & Roy 2016)"
WEIGHTS = Path(__file__).parent / "weights" / "autoencoder.npz"
STEPS = 8
FILTERS, SIZES = (48, 96), (5, 3)  # of the encoders, with strides of 2
EPOCHS, READOUT_EPOCHS = 3, 12
N_COMPARED, N_DRAWN = 1000, 10
PUBLISHED = 0.9908  # 0.92 % error, as their abstract has it


def run(quick):
    """Evaluate the readout in spikes; train first if the weights are not there.

    Returns
    -------
    result : dict
        Accuracies; mean squared errors of what is decoded, by layer; spikes that differ from
        Keras; images and what is decoded of them.
    """
    digits = load("mnist", quick=quick)
    if quick or not WEIGHTS.exists():
        encoders, readout, errors = _train(digits, quick)
        if not quick:
            _store(encoders, readout, errors)
    else:
        encoders, readout, errors = _stored()
    model = _classifier(encoders, readout)
    spiking = nsl.convert(model)
    found = {}
    for part in ("validation", "test"):
        x, labels = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
        result = spiking.evaluate(x, labels, progress=False)
        found[part] = result.accuracy
    compared = compare_spikes(model, spiking, digits.x_test[:N_COMPARED])
    shown = digits.x_test[:N_DRAWN]
    first, decoder, _ = encoders[0]
    decoded = ops.convert_to_numpy(decoder(first(_steps()(shown))))
    return {
        **found,
        "interval": [1 - error for error in reversed(result.error_interval)],
        "n_items": len(digits.x_test),
        "n_train": len(digits.x_train),
        "errors": errors,
        "compared": sum(layer.n_compared for layer in compared),
        "differing": compared.n_differing,
        "rates": {name: rates.mean for name, rates in result.firing_rates.items()},
        "images": np.round(shown[..., 0], 2).tolist(),
        "decoded": np.round(decoded[..., 0], 2).tolist(),
    }


def _steps():
    return RepeatSteps(STEPS, name="steps")


def _encoder(index):
    """An encoder, its decoder, and its input's shape."""
    shape = ((28, 28, 1), (14, 14, FILTERS[0]))[index]
    convolution = layers.Conv2D(
        FILTERS[index],
        SIZES[index],
        strides=2,
        padding="same",
        use_bias=False,
        kernel_initializer=keras.initializers.VarianceScaling(4.0),
        name=f"conv{index + 1}_weights",
    )
    encoder = keras.Sequential(
        [
            keras.Input((STEPS, *shape)),
            OverTime(convolution),
            DiscreteLIF(0.9, 1.0, surrogate=ArcTanSurrogate(2), name=f"conv{index + 1}"),
        ]
    )
    decoder = keras.Sequential(
        [
            keras.Input(encoder.output_shape[1:]),
            OverTime(
                layers.Conv2DTranspose(shape[-1], SIZES[index], strides=2, padding="same"),
                name="decoded",
            ),
            LeakyIntegrator(name="potential"),
            layers.Rescaling(1 / STEPS),
        ]
    )
    return encoder, decoder, shape


def _train(digits, quick):
    """Layer after layer, each to give back what it gets; then the readout, with labels."""
    keras.utils.set_random_seed(0)
    encoders, errors = [], []
    inputs = keras.Input(digits.x_train.shape[1:])
    given = _steps()(inputs)
    for index in range(len(FILTERS)):
        encoder, decoder, shape = _encoder(index)
        spikes = encoder(given)
        potential = decoder(spikes)
        target = ops.mean(given, axis=1)
        error = ops.mean(ops.square(potential - target), axis=(1, 2, 3))
        model = keras.Model(inputs, error)
        model.compile(keras.optimizers.Adam(2e-3), loss=lambda _, error: error)
        nothing = np.zeros(len(digits.x_train), np.float32)
        history = model.fit(
            digits.x_train,
            nothing,
            batch_size=100,
            epochs=1 if quick else EPOCHS,
            verbose=2,
        )
        size = float(np.mean(np.square(_activity(inputs, target, digits.x_train[:1000]))))
        errors.append(history.history["loss"][-1] / size)
        encoder.trainable = False
        encoders.append((encoder, decoder, shape))
        given = spikes
    counts = keras.Model(inputs, ops.sum(given, axis=1))
    return encoders, _readout(counts, digits, quick), errors


def _activity(inputs, activity, x):
    return keras.Model(inputs, activity).predict(x, verbose=0)


def _readout(counts, digits, quick):
    """Weights and bias of the output, from spike counts of all steps.

    Images are not distorted, so that their spikes are counted once. Counts are standardised while
    training, which then becomes a part of the weights.
    """
    x = [
        counts.predict(part, batch_size=500, verbose=0).astype(np.uint8)
        for part in (digits.x_train, digits.x_validation)
    ]
    model = keras.Sequential(
        [
            keras.Input(x[0].shape[1:]),
            layers.Flatten(),
            layers.BatchNormalization(center=False, scale=False, name="standardised"),
            layers.Dropout(0.1),
            layers.Dense(10, name="out"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    n_batches = READOUT_EPOCHS * len(x[0]) // 200
    falling = keras.optimizers.schedules.CosineDecay(2e-3, n_batches)
    model.compile(keras.optimizers.AdamW(falling), loss, metrics=["accuracy"])
    model.fit(
        x[0],
        digits.y_train,
        validation_data=(x[1], digits.y_validation),
        batch_size=200,
        epochs=1 if quick else READOUT_EPOCHS,
        verbose=2,
    )
    weights, bias = model.get_layer("out").get_weights()
    standardised = model.get_layer("standardised")
    mean, variance = standardised.get_weights()
    weights = weights / np.sqrt(variance + standardised.epsilon)[:, np.newaxis]
    return weights, (bias - mean @ weights) / STEPS


def _classifier(encoders, readout):
    """Encoders and readout, without decoders."""
    parts = [keras.Input((28, 28, 1), name="image"), _steps()]
    for encoder, _, _ in encoders:
        parts += encoder.layers
    out = layers.Dense(10, name="out")
    parts += [OverTime(layers.Flatten(name="flat")), out, LeakyIntegrator(name="sum")]
    model = keras.Sequential(parts, name="autoencoder")
    out.set_weights(readout)
    return model


def _store(encoders, readout, errors):
    arrays = {"errors": np.array(errors), "readout0": readout[0], "readout1": readout[1]}
    for index, (encoder, decoder, _) in enumerate(encoders):
        for part, model in (("encoder", encoder), ("decoder", decoder)):
            for place, weights in enumerate(model.get_weights()):
                arrays[f"{part}{index}_{place}"] = weights
    with replaced(WEIGHTS) as partial:
        np.savez_compressed(partial, **arrays)


def _stored():
    encoders = [_encoder(index) for index in range(len(FILTERS))]
    with np.load(WEIGHTS) as arrays:
        for index, (encoder, decoder, _) in enumerate(encoders):
            for part, model in (("encoder", encoder), ("decoder", decoder)):
                model.set_weights(
                    [arrays[f"{part}{index}_{place}"] for place in range(len(model.weights))]
                )
        readout = arrays["readout0"], arrays["readout1"]
        return encoders, readout, arrays["errors"].tolist()


def draw(result, folder):
    """Draw images, and what is decoded of their spikes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.8), layout="constrained")
    rows = figure.subplots(2, N_DRAWN)
    for axes_of_row, name in zip(rows, ("images", "decoded"), strict=True):
        for axes, image in zip(axes_of_row, result[name], strict=True):
            axes.imshow(image, cmap="Greys", vmin=0, vmax=1)
            axes.set_axis_off()
    figure.savefig(folder / "review.autoencoder.png", dpi=100)


def describe(result):
    """Accuracy beside the authors', and what is decoded."""
    rates = ", ".join(f"{name} {rate:.0f} Hz" for name, rate in result["rates"].items())
    rows = [
        (
            "validation",
            percent(result["validation"]),
            "",
        ),
        (
            f"test, {result['n_items']:,}",
            f"{percent(result['test'])} ({percent(result['interval'][0])} to "
            f"{percent(result['interval'][1])})",
            percent(PUBLISHED),
        ),
    ]
    return "\n\n".join(
        [
            f"Two layers of convolutions ({FILTERS[0]} of {SIZES[0]} x {SIZES[0]}, {FILTERS[1]} of "
            f"{SIZES[1]} x {SIZES[1]}, strides of 2, no biases), trained one after the other, "
            f"without labels, for {EPOCHS} epochs of {result['n_train']:,} images in {STEPS} "
            "steps: a decoder's membranes, which don't spike, integrate the spikes of the layer, "
            "and their potential at the end is to be what the layer was given. Errors go back "
            "through spikes and time. What is left of the squared input: "
            f"{percent(result['errors'][0], 1)} and {percent(result['errors'][1], 1)}. Then the "
            "layers stay as they are, and one layer of weights is trained with labels from their "
            f"spike counts. Mean firing rates: {rates}. "
            f"{result['differing']:,} of {result['compared']:,} spikes differ from Keras.",
            table(("images", "accuracy in spikes", "Panda & Roy"), rows),
            "![Images, and what is decoded of the spikes of the first "
            "layer](figures/review.autoencoder.png)",
        ]
    )
