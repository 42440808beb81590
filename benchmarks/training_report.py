"""The part of RESULTS.md about training, in spikes and in rates."""

from __future__ import annotations

from benchmarks.markdown import table
from benchmarks.sparse_products import PRODUCTS
from benchmarks.trainers import COMPILED, LIBRARIES, OURS

TITLES = {"mlp": "784 - 300 - 300 - 10", "convnet": "conv 32@5x5/2 - conv 64@3x3/2 - 10"}
TARGETS = {64: 1.5, 256: 1.0}  # times the fastest PyTorch SNN library, in CPU time


def ratios(result):
    """Ours, on the backend that is faster, beside the others in CPU time.

    Parameters
    ----------
    result : dict
        The JSON file, empty if there is none.

    Returns
    -------
    rows : list of (what, against, to reach or None, measured or None)
    """
    rows = []
    for name, case in result.get("cases", {}).items():
        goal = TARGETS.get(case["batch_size"])
        for against, names, target in (
            ("the fastest PyTorch SNN library", LIBRARIES, goal),
            (COMPILED, (COMPILED,), None),
        ):
            mine, others = _fastest(case, OURS), _fastest(case, names)
            ratio = others / mine if mine and others else None
            rows.append((f"training step, {name}", against, target, ratio))
    return rows


def training(result, results):
    """Section with a table for each network and batch size."""
    load = result["load_average"]
    parts = [
        "## A training step in spikes",
        f"{result['n_steps']} time steps, {result['input_spikes']:.0%} of the inputs spike in a "
        f"step; {result['n_threads']} threads, float32, Adam. Medians of rounds in which all take "
        f"turns. The machine was shared (load average {load:.1f}), so that CPU time counts; ratios "
        "are those of CPU times to the faster of our backends.",
    ]
    for name, case in result["cases"].items():
        spiking = [e["built"].get("spiking") for e in case["entries"].values() if "built" in e]
        shown = ", ".join(f"{x:.0%}" for x in next((s for s in spiking if s), ()))
        mine = _fastest(case, OURS)
        rows = [_row(row, entry, mine) for row, entry in case["entries"].items()]
        header = ("", "CPU ms a step", "rounds", "wall ms a step", "CPU time by ours", "first loss")
        parts.append(
            f"{name}: {TITLES[case['network']]}. Of the neurons of the layers {shown} spike in a "
            f"step.\n\n{table(header, rows)}"
        )
    return "\n\n".join(parts)


def memory(result, results):
    """Section with peak memory by the number of steps."""
    rows = []
    for name, points in result["entries"].items():
        used = [p["peak_mb"] - p["built_mb"] if p["peak_mb"] else None for p in points]
        rows.append((name, *(f"{x:,.0f} MB" if x else "too much" for x in used)))
    steps = [p["n_steps"] for p in next(iter(result["entries"].values()))]
    n_units = result["n_units"]
    text = (
        "## Memory of training in spikes\n\nWhat the peak grows by when a model is trained: two "
        f"`RecurrentLIF` layers of {n_units} neurons, batches of "
        f"{result['batch_size']}. The compiled graph is part of it."
    )
    return f"{text}\n\n{table(('', *(f'{n} steps' for n in steps)), rows)}"


def rates(result, results):
    """Section with a table of Keras backends that train a network of rate neurons."""
    rows = []
    for name, entry in result["entries"].items():
        if "images_per_second" not in entry:
            failed = next((one["failed"] for one in entry["rounds"] if "failed" in one), "")
            rows.append((name, "failed", "", "", failed))
            continue
        speed, peak = entry["images_per_second"], entry["matrix_gflops"]
        achieved = speed * result["flops"] / 1e9
        rows.append(
            (name, f"{speed:,.0f}", f"{achieved:.0f}", f"{peak:.0f}", f"{achieved / peak:.0%}")
        )
    text = (
        "## Training a soft LIF network for CIFAR-10\n\nThe network of Hunsberger & Eliasmith "
        f"(2016), 49,536 neurons, normalised by batches of {result['batch_size']}; median step of "
        f"the best round, without reading images. A step takes {result['flops'] / 1e6:.0f} million "
        "floating-point operations for an image, in convolutions and other products alone. The "
        "last column is their rate as a percentage of that of a product of two 2,048 x 2,048 "
        "matrices in float32."
    )
    header = ("", "images/s", "GFLOP/s", "matrix product, GFLOP/s", "fraction")
    return f"{text}\n\n{table(header, rows)}"


def products(result, results):
    """Section with a table of matrix products of spikes."""
    rows = []
    for case in result["cases"]:
        cells = [f"{case['batch_size']} x {case['n_in']} to {case['n_out']}"]
        cells.append(f"{case['activity']:.0%}")
        for product in PRODUCTS:
            times = case[product]
            dense = min(times["TensorFlow"], times["NumPy"])
            cells += [f"{times[way]:.0f}" for way in ("TensorFlow", "NumPy", "sparse")]
            cells.append(f"{dense / times['sparse']:.2f}x")
        rows.append(tuple(cells))
    header = ["batch x inputs to units", "active"]
    for product in PRODUCTS:
        header += [f"{product}: TensorFlow", "NumPy", "sparse, Numba", "sparse is faster by"]
    text = (
        "## Products that use the sparsity of spikes\n\nMicroseconds of CPU time on "
        f"{result['n_threads']} thread, the best of rounds in turn. The last column of each "
        "product compares with the faster dense one."
    )
    return f"{text}\n\n{table(tuple(header), rows)}"


def _row(name, entry, mine):
    if entry["status"] != "measured":
        why = entry.get("reason") or f"needs {', '.join(entry['missing'])}"
        return (name, entry["status"], why, "", "", "")
    cpu = [one["cpu_ms"] for one in entry["rounds"]]
    return (
        name,
        f"{entry['cpu_ms']:.1f}",
        f"{min(cpu):.1f} to {max(cpu):.1f}",
        f"{entry['wall_ms']:.1f}",
        f"{entry['cpu_ms'] / mine:.2f}x" if mine else "",
        f"{entry['built']['losses'][0]:.4f}",
    )


def _fastest(case, names):
    entries = (case["entries"].get(name, {}) for name in names)
    return min((e["cpu_ms"] for e in entries if "cpu_ms" in e), default=None)
