"""One network three ways: converted, fine-tuned in spikes, and trained in spikes."""

from __future__ import annotations

import numpy as np

import nengo_softlif as nsl
from benchmarks.markdown import table
from experiments.figures import logarithmic
from experiments.linear_lif.one_spike_a_step import run_steps
from experiments.markdown import percent
from experiments.runs import images, rate_error, trained
from experiments.spiking.networks import BONDAREV_STEPS
from nengo_softlif.functional.discrete_lif import STEP

TITLE = "Convert, fine-tune, or train in spikes"
STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50)
CONVERTED = "bondarev_relu"
# For each way a label, and the network for each number of steps
WAYS = {
    "converted": ("ReLUs, converted for each T", dict.fromkeys(STEPS, CONVERTED)),
    "tuned": (
        "fine-tuned in spikes for each T",
        {n_steps: f"bondarev_in_spikes_t{n_steps}" for n_steps in (1, 2, 4, 8)},
    ),
    "tuned_4": ("fine-tuned in spikes for T = 4", dict.fromkeys(STEPS, "bondarev_in_spikes_t4")),
    "trained": (
        f"trained in spikes, T = {BONDAREV_STEPS}",
        dict.fromkeys(STEPS, "bondarev_bptt_seed0"),
    ),
}
NEAR = 0.001  # of the error of the ReLUs
MACHINE = "loihi"


def run(quick):
    """Measure error and energy against the number of steps.

    Returns
    -------
    result : dict
        "steps"; "relu", the error of the ReLUs as rates; "ways": for each of `WAYS` its "steps",
        "errors" with "interval", and "microjoules" an image, of which "input" come from the input.
    """
    steps = STEPS[:4] if quick else STEPS
    return {
        "steps": steps,
        "n_items": len(images(CONVERTED, "test", quick)[0]),
        "relu": rate_error(CONVERTED, quick=quick),
        "ways": {
            way: _measure({n: name for n, name in networks.items() if n in steps}, quick)
            for way, (_, networks) in WAYS.items()
        },
    }


def _measure(networks, quick):
    found = {"steps": list(networks), "errors": [], "interval": [], "microjoules": [], "input": []}
    for n_steps, name in networks.items():
        x, labels = images(name, "test", quick)
        if name == CONVERTED:
            result = run_steps(name, "least error", "1/2", n_steps, x, labels, quick)
        else:
            result = _in_spikes(name, n_steps, x, labels)
        energy = result.energy(MACHINE)
        found["errors"].append(result.error)
        found["interval"].append(result.error_interval)
        found["microjoules"].append(1e6 * energy.total)
        found["input"].append(1e6 * energy.input)
    return found


def _in_spikes(name, n_steps, x, labels):
    spiking = nsl.convert(trained(name)[0])
    shown = nsl.Presentation(
        time=n_steps * STEP, classify_from=0.0, encoding=spiking.presentation.encoding
    )
    return spiking.evaluate(x, labels, presentation=shown, seed=0, progress=False)


def describe(result):
    """List errors and energies by number of steps."""
    ways = result["ways"]
    widths = [high - low for found in ways.values() for low, high in found["interval"]]
    currents = ways["converted"]["input"][0]
    return "\n\n".join(
        [
            "784-300-300-10 without biases on MNIST, one training seed each. The ReLUs are "
            "converted with thresholds of least error for each T and a start at half of the "
            "threshold (`balanced_scales`). Fine-tuned: from these ReLUs with `to_spiking_model`, "
            "6 epochs. Trained in spikes: Bondarev's network of the section before, with "
            "Bernoulli input; the others take images as constant currents.",
            "![Error against steps and energy](figures/spiking.comparison.png)",
            f"Error on {result['n_items']:,} test images after T steps. The ReLUs as rates: "
            f"{percent(result['relu'])}. 95 % Wilson intervals are {percent(min(widths), 1)} wide "
            "or more.",
            _by_steps(result, "errors", percent),
            _enough(result),
            f"Microjoules for an image by the energy model `{MACHINE}`, cores alone. Constant "
            f"currents count once an image, {currents:.2f} microjoules whatever T; Bernoulli "
            "input counts each spike.",
            _by_steps(result, "microjoules", "{:.2f}".format),
        ]
    )


def _by_steps(result, what, shown):
    rows = []
    for way, found in result["ways"].items():
        values = dict(zip(found["steps"], found[what], strict=True))
        cells = [shown(values[n]) if n in values else "" for n in result["steps"]]
        rows.append((WAYS[way][0], *cells))
    return table(("", *(f"T = {n}" for n in result["steps"])), rows)


def _enough(result):
    """Say from how many steps on the errors are close to those of the ReLUs."""
    texts = []
    for way, found in result["ways"].items():
        far = np.array(found["errors"]) > result["relu"] + NEAR + 1e-9
        first = np.flatnonzero(far)[-1] + 1 if far.any() else 0
        enough = f"T = {found['steps'][first]}" if first < len(far) else "none of these"
        texts.append(f"{WAYS[way][0]}: {enough}")
    return (
        f"Steps from which on the error is at most {100 * NEAR:g} points above that of the ReLUs: "
        f"{'; '.join(texts)}."
    )


def draw(result, folder):
    """Draw error against steps, and against energy, as ``spiking.comparison.png``."""
    from matplotlib.figure import Figure

    from nengo_softlif.plots.style import INK, color, tidy

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    by_steps, by_energy = figure.subplots(1, 2, sharey=True)
    styles = {"tuned": "o", "tuned_4": ".--"}
    for i, (way, found) in enumerate(result["ways"].items()):
        style = styles.get(way, ".-")
        for ax, x in ((by_steps, found["steps"]), (by_energy, found["microjoules"])):
            errors = 100 * np.array(found["errors"])
            ax.plot(x, errors, style, color=color(i), linewidth=1.2, label=WAYS[way][0])
    for ax, xlabel in (
        (by_steps, "Steps"),
        (by_energy, "Energy of an image (µJ, model of Loihi)"),
    ):
        ax.axhline(100 * result["relu"], color=INK, linewidth=0.8, label="ReLUs, as rates")
        logarithmic(ax, "x")
        logarithmic(ax, "y")
        tidy(ax, xlabel=xlabel, ylabel="Test error (%)")
    by_steps.legend(frameon=False, fontsize=7)
    figure.savefig(folder / "spiking.comparison.png", dpi=110)
