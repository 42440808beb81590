"""How the cost grows: with batch size, steps, neurons and firing rates."""

from __future__ import annotations

from benchmarks import networks
from benchmarks.competitors import COMPETITORS, OURS, Competitor
from benchmarks.measure import Effort, compare
from benchmarks.throughput import N_STEPS

ROWS = (OURS, "NengoDL, minibatch 128", "PyTorch by hand")
BATCH_SIZE = 128
EFFORT = Effort(rounds=3, seconds=0.5)

# the values, and those of --quick
BATCH_SIZES = (1, 4, 16, 64, 256, 1024), (1, 128)
STEPS = (25, 50, 100, 200, 400), (50, 100)
SIZES = (1, 2, 4, 8), (1, 2)  # of the images: 1 to 64 times the neurons
RATES = (1, 3, 10, 30, 100, 200), (10, 100)


def run(workers, quick):
    """Images a second of three competitors along four axes."""
    which = 1 if quick else 0
    convnet = networks.load("convnet")
    axes = {
        "batch size": [(size, convnet, size, N_STEPS) for size in BATCH_SIZES[which]],
        "steps": [(n_steps, convnet, BATCH_SIZE, n_steps) for n_steps in STEPS[which]],
        "neurons": [
            (network.n_neurons, network, max(2, BATCH_SIZE // size**2), N_STEPS)
            for size in SIZES[which]
            for network in [networks.load("convnet", size=size)]
        ],
        "mean rate in Hz": [
            (rate, networks.load("convnet", rate=float(rate)), BATCH_SIZE, N_STEPS)
            for rate in RATES[which]
        ],
    }
    return {
        "curves": {
            axis: [{"value": point[0], **_point(*point[1:], workers)} for point in points]
            for axis, points in axes.items()
        }
    }


def _point(network, batch_size, n_steps, workers):
    images, labels = networks.images(max(batch_size, 64), network.input_shape)
    rows = {}
    for row in ROWS:
        competitor = COMPETITORS[row]
        settings = {**competitor.variants[0], "batch_size": batch_size}
        fixed = Competitor(competitor.file, competitor.needs, (settings,))
        rows[row.split(",")[0]] = (fixed, workers.get(row, competitor))
    entries, _ = compare(rows, network, images, labels, n_steps=n_steps, effort=EFFORT)
    return {"batch_size": batch_size, "n_steps": n_steps, "entries": entries}
