"""RESULTS.md and its figure, made of the JSON files alone."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import learning_report, targets, training_report
from benchmarks.competitors import OURS
from benchmarks.figures import draw_curves, draw_learning
from benchmarks.markdown import table
from nengo_softlif.files import replaced

TITLES = {
    "convnet": "ConvNet, integrate-and-fire",
    "convnet_lif": "ConvNet, LIF neurons and alpha synapse",
    "convnet_10hz": "ConvNet at a mean rate of 10 Hz",
    "large": "27,088 neurons at a mean rate of 10 Hz",
    "latency": "One image at a time",
}


def write_report(folder):
    """Write ``RESULTS.md`` beside a folder of JSON files.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    path : Path
        Of RESULTS.md.
    """
    results = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    path = Path(folder).parent / "RESULTS.md"
    parts = [_head(results), _ratios(results)]
    parts += [_throughput(TITLES[name], results[name]) for name in TITLES if name in results]
    sections = {
        "models": _models,
        "loihi": _loihi,
        "startup": _startup,
        "memory": _memory,
        "precision": _precision,
        "profile": _profile,
        "training": training_report.training,
        "training_memory": training_report.memory,
        "sparse_products": training_report.products,
        "rate_training": training_report.rates,
        "learning": learning_report.learning,
    }
    parts += [make(results[name], results) for name, make in sections.items() if name in results]
    if "learning" in results:
        draw_learning(results["learning"], path.parent / "learning.png")
    if "curves" in results:
        draw_curves(results["curves"]["curves"], path.parent / "curves.png")
        parts.append(_curves(results["curves"]["curves"]))
    with replaced(path) as partial:
        partial.write_text("\n\n".join(part for part in parts if part) + "\n")
    return path


def number(value, digits=3):
    """A number with so many significant digits, and commas between thousands."""
    if value is None:
        return ""
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def _head(results):
    lines = [
        "# Results",
        "Made by `python -m benchmarks` from the files in `benchmarks/results/`; "
        "[docs/benchmarks.md](../docs/benchmarks.md) says what is compared and how.",
    ]
    machines = {}
    for name, result in results.items():
        key = (
            f"{result['cpu']} ({', '.join(result['vector_instructions'])}), {result['cores']} "
            f"cores, {result['memory_gb']} GB; {result['system']}, Python {result['python']}; "
            + ", ".join(f"{k} {v}" for k, v in result["versions"].items() if v)
        )
        machines.setdefault(key, []).append((name, result))
    for machine, parts in machines.items():
        days = sorted({result["date"] for _, result in parts})
        names = ", ".join(name for name, _ in parts)
        which = f" ({names})" if len(machines) > 1 else ""
        lines.append(f"Measured {' and '.join(days)}{which} on {machine}.")
    quick = [name for name, result in results.items() if result["quick"]]
    if quick:
        lines.append(f"**Measured with `--quick`, so only roughly: {', '.join(quick)}.**")
    return "\n\n".join(lines)


def _ratios(results):
    rows = [
        (what, against, f"{goal}x" if goal else "", f"{measured:.1f}x" if measured else "not yet")
        for what, against, goal, measured in targets.ratios(results)
    ]
    return "## How many times faster\n\n" + table(("", "than", "to reach", "measured"), rows)


def _throughput(title, result):
    network = result["network"]
    shapes = " - ".join("x".join(map(str, shape)) for shape in network["shapes"])
    about = f"{network['neurons']:,} neurons ({shapes}), {result['n_steps']} steps an image."
    if "mean_rates_hz" in network:
        rates = ", ".join(f"{rate:.1f}" for rate in network["mean_rates_hz"])
        share = network["spiking_share"][0]
        about += (
            f" Mean rates {rates} Hz; {share:.1%} of the first layer's neurons spike in a step; "
            f"{network['events_per_step']:,.0f} synaptic events a step, where dense work "
            f"would be {network['dense_events_per_step']:,.0f}."
        )
    rows = []
    ours = result["entries"].get(OURS, {}).get("images_per_second")
    for name, entry in result["entries"].items():
        if entry["status"] != "measured":
            why = entry.get("reason") or f"needs {', '.join(entry['missing'])}"
            rows.append((name, entry["status"], "", why, "", "", "", ""))
            continue
        speeds = [r["images"] / r["seconds"] for r in entry["rounds"]]
        checked = entry.get("checked")
        rows.append(
            (
                name,
                number(entry["images_per_second"]),
                f"{number(min(speeds))} to {number(max(speeds))}",
                ", ".join(f"{k} {v}" for k, v in entry["settings"].items()),
                f"{ours / entry['images_per_second']:.1f}x" if ours else "",
                f"{entry['build_seconds']:.1f} + {entry['first_batch_seconds']:.1f} s",
                f"{checked['accuracy']:.1%}" if checked else "",
                f"{100 * min(checked['same_counts']):.2f} %" if checked else "",
            )
        )
    header = (
        "",
        "images/s",
        "rounds",
        "settings",
        "ours is faster by",
        "build + first batch",
        "accuracy",
        "same spike counts",
    )
    return f"## {title}\n\n{about}\n\n{table(header, rows)}"


def _models(result, results):
    rows = [
        (
            name,
            row,
            number(entry.get("steps_per_second")) or "not installed",
            f"{entry['build_seconds']:.2f} s" if "build_seconds" in entry else "",
            f"{entry['largest_difference']:.1e}" if "largest_difference" in entry else "",
        )
        for name, entries in result["models"].items()
        for row, entry in entries.items()
    ]
    header = ("", "simulator", "steps/s", "build", "largest difference")
    return "## Ordinary Nengo models\n\n" + table(header, rows)


def _loihi(result, results):
    rows = []
    for row, entry in result["entries"].items():
        if entry["status"] != "measured":
            rows.append((row, "not installed", *[""] * 5))
            continue
        exact = entry.get("same_spikes", {})
        rows.append(
            (
                row,
                number(entry["seconds_per_image"]) + " s",
                number(entry.get("seconds_per_image_of_set")),
                f"{entry['build_seconds']:.1f} s",
                f"{entry['accuracy']:.1%} of {entry['images']}",
                ("yes" if all(exact.values()) else "no") if exact else "",
                f"{entry['relative_difference']:.0e}" if exact else "",
            )
        )
    header = (
        "",
        "one image",
        "an image of a data set",
        "build",
        "accuracy",
        "same spikes",
        "output",
    )
    return "## The ConvNet on Loihi's emulator\n\n" + table(header, rows)


def _startup(result, results):
    rows = []
    for row, entry in result["entries"].items():
        if entry["status"] != "measured":
            rows.append((row, "not installed", "", "", "", ""))
            continue
        first, *later = entry["starts"]
        best = min(later, key=lambda start: start["total"])
        parts = list(best)[1:]
        rows.append(
            (row, f"{first['total']:.2f} s", f"{best['total']:.2f} s")
            + tuple(f"{best[part]:.2f} s" for part in parts)
        )
    header = ("", "first start", "later", "imported, loaded", "built", "first step done")
    return (
        "## Start-up\n\nA fresh interpreter until the ConvNet has run one step; at the first start "
        "the cache of compiled kernels is empty.\n\n" + table(header, rows)
    )


def _memory(result, results):
    rows, sizes = [], []
    for row, entry in result["entries"].items():
        if entry["status"] != "measured":
            rows.append((row, "not installed", "", ""))
            continue
        peaks = [batch["peak_mb"] for batch in entry["batches"]]
        sizes = [batch["batch_size"] for batch in entry["batches"]]
        if None in peaks:
            shown = [f"{p:,.0f} MB" if p else f"over {result['memory_gb']} GB" for p in peaks]
            rows.append((row, *shown, ""))
            continue
        more = (peaks[-1] - peaks[0]) / (sizes[-1] - sizes[0])
        rows.append((row, *(f"{peak:,.0f} MB" for peak in peaks), f"{more:.2f} MB"))
    header = ("", *(f"{size} images" for size in sizes), "for one more image")
    return "## Peak memory of the process\n\n" + table(header, rows)


def _precision(result, results):
    rows = [
        (
            TITLES[name],
            f"{part['same_counts']:.2%}",
            f"{part['relative_error_until_then']:.0e}",
            f"{part['same_decisions']:.2%}",
            f"{part['reference_error']:.2%}",
            f"{part['our_error']:.2%}",
        )
        for name, part in result["networks"].items()
    ]
    header = (
        "",
        "neurons with the same count",
        "relative error of the output",
        "same decisions",
        "error of nengo.Simulator",
        "our error",
    )
    text = "## Agreement with nengo.Simulator\n\nIn double precision after 200 steps of an image "
    text += f"(first two columns), and in single precision on {result['n_images']:,} images.\n\n"
    return text + table(header, rows)


def _profile(result, results):
    limits = result["limits"]
    rows = [(key.replace("_", " "), number(value)) for key, value in limits.items()]
    text = "## Where the time goes\n\n"
    kinds = sorted({kind for part in result["networks"].values() for kind in part["shares"]})
    shares = [
        (
            TITLES[name],
            number(part["microseconds_per_step"]),
            *(f"{part['shares'].get(kind, 0):.0%}" for kind in kinds),
        )
        for name, part in result["networks"].items()
    ]
    text += "One item on one thread, all spikes counted.\n\n"
    text += table(("", "us a step", *kinds), shares)
    text += "\n\nWhat the machine can do, measured in the same run:\n\n"
    text += table(("", "measured"), rows)
    for name in ("convnet", "convnet_10hz", "large"):
        part = results.get(name, {})
        speed = part.get("entries", {}).get(OURS, {}).get("images_per_second")
        events = part.get("network", {}).get("events_per_step")
        if speed and events:
            rate = speed * events * part["n_steps"] / 1e9
            text += f"\n\n{TITLES[name]}: {rate:.1f} G synaptic events a second."
    return text


def _curves(curves):
    parts = ["## How the cost grows\n\n![Images a second along four axes](curves.png)"]
    for axis, points in curves.items():
        names = list(points[0]["entries"])
        rows = [
            (
                f"{point['value']:,}",
                *(number(point["entries"][n].get("images_per_second")) for n in names),
            )
            for point in points
        ]
        parts.append(table((axis, *(f"{name}, images/s" for name in names)), rows))
    return "\n\n".join(parts)
