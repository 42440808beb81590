"""RESULTS.md and its figures, made of the JSON files alone."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

from nengo_softlif.errors import SoftLIFError
from nengo_softlif.files import replaced

__all__ = ["EXPERIMENTS", "PAPERS", "module", "write_report"]

# By the authors of the papers, in the order of the report. Each is a module of this package.
PAPERS = {
    "hunsberger": (
        "errors",
        "presentation_time",
        "efficiency",
        "mlp",
        "modifications",
        "firing_rates",
        "curves",
        "spike_statistics",
    ),
    "lu": (
        "linear_lif.neuron",
        "linear_lif.mlp",
        "linear_lif.two_classes",
        "linear_lif.convnet",
        "linear_lif.deep",
        "linear_lif.encoding_time",
        "linear_lif.steps",
    ),
    "spiking": (
        "spiking.bondarev",
        "spiking.equality",
        "spiking.comparison",
        "spiking.chip",
        "spiking.events",
        "spiking.fine_tuned",
        "spiking.sequential",
        "spiking.gated",
    ),
    "review": (
        "review.pairing_curves",
        "review.diehl_cook",
        "review.mixture",
        "review.stdp_convolution",
        "review.belief_network",
        "review.event_driven_cd",
        "review.autoencoder",
        "review.liquid",
        "review.neucube",
        "review.supervised",
        "review.bp_stdp",
        "review.spike_prop",
        "review.spike_trains",
    ),
}
EXPERIMENTS = tuple(name for names in PAPERS.values() for name in names)


def module(name):
    """Return the module of an experiment."""
    return import_module(f"experiments.{name}")


def write_report(folder):
    """Write ``RESULTS.md`` and ``figures`` beside the ``results`` of a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    path : Path
        Of RESULTS.md.

    Raises
    ------
    SoftLIFError
        If there are no results, or one can't be read.
    """
    from experiments import goals  # imports Keras, which the command's --help does without

    folder = Path(folder)
    results = {
        name: _read(path)
        for name in EXPERIMENTS
        if (path := folder / "results" / f"{name}.json").exists()
    }
    if not results:
        raise SoftLIFError(f"no results in {folder / 'results'}; measure some, see --help")
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    parts = [_head(results)]
    if reached := goals.describe({name: stored["result"] for name, stored in results.items()}):
        parts.append(f"## Goals\n\n{reached}")
    for name, stored in results.items():
        experiment = module(name)
        if hasattr(experiment, "draw"):
            experiment.draw(stored["result"], folder / "figures")
        parts.append(f"## {experiment.TITLE}\n\n{experiment.describe(stored['result'])}")
    path = folder / "RESULTS.md"
    with replaced(path) as partial:
        partial.write_text("\n\n".join(parts) + "\n")
    return path


def _read(path):
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise SoftLIFError(f"{path} is damaged ({error}); measure it again") from error


def _head(results):
    lines = [
        "# Results",
        'P1 is Hunsberger & Eliasmith (2015), "Spiking Deep Networks with LIF Neurons"; P2 is '
        'Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic '
        'Hardware"; P3 is Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based '
        'Spiking Neural Networks and Its Mapping Relationship to Deep Neural Networks". '
        "Made by `python -m experiments` from the files in `results/`; "
        "[docs/experiments.md](../docs/experiments.md) says what is run and how.",
    ]
    made_on = {}
    for name, stored in results.items():
        versions = ", ".join(f"{k} {v}" for k, v in stored["versions"].items())
        key = f"{stored['cpu']}, {stored['cores']} cores, Python {stored['python']}, {versions}"
        made_on.setdefault(key, []).append((name, stored))
    for machine, parts in made_on.items():
        days = sorted({stored["date"] for _, stored in parts})
        lines.append(f"{' and '.join(days)}, on {machine}. {_minutes(dict(parts))}")
    quick = [name for name, stored in results.items() if stored["quick"]]
    if quick:
        lines.append(f"**Made with `--quick`, so that they measure nothing: {', '.join(quick)}.**")
    return "\n\n".join(lines)


def _minutes(results):
    """How long the experiments took, by paper."""
    took = {
        title: sum(results[name]["took_seconds"] for name in names if name in results) / 60
        for title, names in zip(
            ("P1 and P2", "P3", "Trained in spikes", "Learning rules"), PAPERS.values(), strict=True
        )
    }
    return "; ".join(f"{title}: {m:.0f} minutes" for title, m in took.items() if m) + "."
