"""The ratios to reach, and what was measured instead."""

from __future__ import annotations

from benchmarks import training_report
from benchmarks.competitors import OURS

NENGO = ("nengo.Simulator",)
NENGO_DL = ("NengoDL, minibatch 1", "NengoDL, minibatch 32", "NengoDL, minibatch 128")
LIBRARIES = ("snnTorch", "SpikingJelly")
BY_HAND = ("PyTorch by hand",)
COMPILED = ("PyTorch by hand, torch.compile",)

# experiment, what it is, [(against, rows of which the fastest counts, ratio to reach)]
THROUGHPUT = (
    (
        "convnet",
        "ConvNet, 100 steps",
        (
            ("NengoDL", NENGO_DL, 12),
            ("the fastest PyTorch SNN library", LIBRARIES, 8),
            ("PyTorch by hand", BY_HAND, 5),
            ("PyTorch by hand, torch.compile", COMPILED, None),
            ("nengo.Simulator", NENGO, 70),
        ),
    ),
    (
        "convnet_lif",
        "the same, LIF neurons and alpha synapse",
        (
            ("NengoDL", NENGO_DL, 30),
            ("nengo.Simulator", NENGO, 30),
            ("PyTorch by hand", BY_HAND, None),
            ("PyTorch by hand, torch.compile", COMPILED, None),
        ),
    ),
    (
        "convnet_10hz",
        "the ConvNet at 10 Hz",
        (
            ("NengoDL", NENGO_DL, 40),
            ("the fastest PyTorch SNN library", LIBRARIES, 25),
            ("PyTorch by hand", BY_HAND, None),
            ("PyTorch by hand, torch.compile", COMPILED, None),
        ),
    ),
    (
        "large",
        "27,088 neurons at 10 Hz",
        (
            ("NengoDL", NENGO_DL, 40),
            ("the fastest PyTorch SNN library", LIBRARIES, None),
            ("PyTorch by hand", BY_HAND, None),
        ),
    ),
    (
        "latency",
        "one image at a time",
        (
            ("nengo.Simulator", NENGO, 30),
            ("NengoDL, minibatch 1", ("NengoDL",), 20),
            ("PyTorch by hand", BY_HAND, None),
        ),
    ),
)
MODELS = {
    "integrator, 1,000 neurons": 5,
    "circular convolution, 64 dimensions": 5,
    "PES learning": 3,
}
LOIHI = {"data set": 1000, "one image": 300}
STARTUP_SECONDS = 3


def ratios(results):
    """Compare ours with the others wherever both were measured.

    Parameters
    ----------
    results : dict of str to dict
        The JSON files by experiment.

    Returns
    -------
    rows : list of (what, against, to reach or None, measured or None)
    """
    rows = []
    for experiment, what, comparisons in THROUGHPUT:
        entries = results.get(experiment, {}).get("entries", {})
        for against, names, goal in comparisons:
            rows.append((what, against, goal, _ratio(entries, names)))
    for name, goal in MODELS.items():
        entries = results.get("models", {}).get("models", {}).get(name, {})
        rows.append((name, NENGO[0], goal, _ratio(entries, NENGO, "steps_per_second")))
    loihi = results.get("loihi", {}).get("entries", {})
    theirs = loihi.get("NengoLoihi's emulator", {}).get("seconds_per_image")
    for what, key in (("data set", "seconds_per_image_of_set"), ("one image", "seconds_per_image")):
        mine = loihi.get("nengo_softlif.loihi", {}).get(key)
        measured = theirs / mine if theirs and mine else None
        rows.append((f"Loihi emulator, {what}", "NengoLoihi's emulator", LOIHI[what], measured))
    return rows + training_report.ratios(results.get("training", {}))


def _ratio(entries, names, key="images_per_second"):
    mine = entries.get(OURS, {}).get(key)
    others = [entries[name][key] for name in names if key in entries.get(name, {})]
    return mine / max(others) if mine and others else None
