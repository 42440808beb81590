"""BP-STDP: digits by integrate-and-fire neurons, in a network of Nengo."""

from __future__ import annotations

import nengo
import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments import data
from experiments.markdown import percent
from experiments.review.bp_stdp_training import ENCODING, N_STEPS, SIZES, load, train

TITLE = "BP-STDP: 784-500-150-10 on MNIST"
PUBLISHED = 0.028  # error, Tavanaei & Maida (2019) for the same layers
STEPS = (12, 24, 50)  # of 1 ms, for which an image is shown; the paper shows it for 50
DT = 0.001
N_QUICK, QUICK_SIZES = 100, (784, 30, 20, 10)


def run(quick):
    """Classify the test images.

    Returns
    -------
    result : dict
        "sizes" of the layers, "n_items", by number of steps "errors" and "intervals", firing
        "rates" of the hidden layers and the output in Hz; the "history" of the training.
    """
    split = data.load("mnist", quick=quick)
    x, labels = split.x_test, split.y_test
    if quick:
        x, labels = x[:N_QUICK], labels[:N_QUICK]
        rule, history = train(split, epochs=1, sizes=QUICK_SIZES)
        weights = rule.weights
    else:
        weights, history = load()
    network = in_nengo(weights)
    runs = {n: _evaluate(network, x, labels, n) for n in (STEPS[-1:] if quick else STEPS)}
    rates = runs[STEPS[-1]].firing_rates
    return {
        "sizes": QUICK_SIZES if quick else SIZES,
        "n_items": len(x),
        "errors": {n: run.error for n, run in runs.items()},
        "intervals": {n: run.error_interval for n, run in runs.items()},
        "rates": {name: statistics.mean for name, statistics in rates.items()},
        "history": history,
    }


def in_nengo(weights):
    """Layers of integrate-and-fire neurons as a network that can be evaluated.

    Parameters
    ----------
    weights : list of (n_inputs, n_neurons) ndarray

    Returns
    -------
    network : nengo_softlif.networks.WrappedNetwork
    """
    # a spike has a height of 1, and adds its weight to voltages once
    neurons = nsl.SpikingLinearResetLIF(
        tau_rc=DT,
        leak=False,
        amplitude=DT,
        initial_state={"voltage": nengo.dists.Choice([0.0])},
    )
    with nengo.Network(seed=0) as net:
        image = nengo.Node(np.zeros(len(weights[0])), label="image")
        before = image
        for i, matrix in enumerate(weights):
            n_neurons = matrix.shape[1]
            name = f"hidden{i + 1}" if i < len(weights) - 1 else "output"
            layer = nengo.Ensemble(
                n_neurons,
                1,
                neuron_type=neurons,
                gain=np.ones(n_neurons),
                bias=np.zeros(n_neurons),
                label=name,
            ).neurons
            nengo.Connection(before, layer, transform=matrix.T, synapse=None)
            before = layer
        out = nengo.Node(size_in=weights[-1].shape[1], label="spikes")
        nengo.Connection(before, out, synapse=None)
    return nsl.wrap(net, input=image, output=out)


def _evaluate(network, x, labels, n_steps):
    shown = nsl.Presentation(time=n_steps * DT, classify_from=0.0, encoding=ENCODING)
    return nsl.evaluate(
        network,
        x.reshape(len(x), -1),
        labels,
        presentation=shown,
        seed=0,
        progress=False,
    )


def describe(result):
    """List errors by number of steps."""
    rows = [
        (n, percent(error), f"{percent(low)} to {percent(high)}")
        for (n, error), (low, high) in zip(
            result["errors"].items(), result["intervals"].values(), strict=True
        )
    ]
    validation = result["history"][-1]["accuracy"]
    rates = ", ".join(f"{name} {rate:.0f} Hz" for name, rate in result["rates"].items())
    layers = "-".join(map(str, result["sizes"]))
    return "\n\n".join(
        [
            f"{layers} integrate-and-fire neurons without leak and bias, trained by BP-STDP for "
            f"{len(result['history'])} epochs of {N_STEPS} steps an image, one seed, without "
            "augmentation; a pixel spikes in a step with the probability of its value. Changes of "
            "a batch of 50 images are applied by Adam, where the paper has a plain learning rate; "
            "reset is by subtraction. The last 5,000 training images are for validation: "
            f"{percent(1 - validation)} error with the steps of the training.",
            f"In a `nengo.Network` on {result['n_items']:,} test images, by the steps for which an "
            f"image is shown; the neuron with most spikes is the class. Published: "
            f"{percent(PUBLISHED)} with 50 steps.",
            table(("steps", "error", "95 % Wilson interval"), rows),
            f"Mean firing rates with {list(result['errors'])[-1]} steps: {rates}.",
        ]
    )
