"""The section of RESULTS.md on learning by spikes."""

from __future__ import annotations

from benchmarks.learning import GOALS, OURS, WHITE
from benchmarks.markdown import table

__all__ = ["learning"]


def learning(result, _results):
    """Times of an image, and how they grow with neurons and rates."""
    steps = list(result["entries"])
    names = [OURS, *(name for name in GOALS if name in result["entries"][steps[0]])]
    rows = []
    for name in names:
        row = [name]
        for step in steps:
            times = result["entries"][step]
            row += [f"{times[name]:.1f} ms", f"{times[name] / times[OURS]:.1f}x"]
        rows.append((*row, f"{GOALS[name]}x" if name in GOALS else ""))
    header = ["", *(cell for step in steps for cell in (f"dt = {step} ms", "ours is faster by"))]
    sizes = [(f"{int(n):,}", f"{taken:.1f} ms") for n, taken in result["sizes"].items()]
    rates = [(f"{rate} Hz", f"{taken:.1f} ms") for rate, taken in result["rates"].items()]
    kernels = [
        (name, f"{taken:.2f} us", f"{result['kernels']['silence'].get(name, 0):.2f} us")
        for name, taken in result["kernels"]["image"].items()
    ]
    of_400 = result["entries"][steps[0]][OURS]
    return "\n\n".join(
        [
            "## Learning by spikes",
            f"Diehl & Cook's network with {result['n_outputs']} outputs: processor time on one "
            f"core of an image that is shown for 350 ms at {WHITE:g} Hz, and silence for 150 ms, "
            "with STDP; the shortest of some images and rounds, in turn. All run the same rule and "
            "constants, except BindsNET, whose own network has its defaults; Brian2 generates C++, "
            "and does not normalise weights. At this rate 60,000 images take "
            f"ours {60_000 * of_400 / 60_000:.1f} minutes.",
            table([*header, "to reach"], rows),
            "![An image by the number of outputs and by the rate of the input](learning.png)",
            table(("outputs", "an image"), sizes),
            table((f"rate of a white pixel, {result['n_outputs']} outputs", "an image"), rates),
            f"Where ours spends a step with {result['n_outputs']} outputs. Beside its steps an "
            "image costs one normalisation of all weights and two changes of all input rates.",
            table(("kernel", "with an image", "in silence"), kernels),
        ]
    )
