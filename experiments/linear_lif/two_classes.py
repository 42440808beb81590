"""P3 table IV: two classes of pictures, 600 hidden neurons; the confusion of spikes and ReLUs."""

from __future__ import annotations

from benchmarks.markdown import table
from experiments import papers
from experiments.data import TWO_CLASSES
from experiments.linear_lif.chain import DT, comparison, dense_weights, run_chain, run_relus
from experiments.markdown import percent
from experiments.runs import images, trained

TITLE = "Two classes of pictures (P3 table IV)"
NETWORK = "linear_two_classes"
MAX_RATE, TIME = 10.0, 3.0  # Hz, s


def run(quick):
    """Decide with spikes and with ReLUs.

    Returns
    -------
    result : dict
        "confusion", with the decisions of the ReLUs in rows; "errors" as fractions.
    """
    model, _ = trained(NETWORK)
    x, labels = images(NETWORK, "test", quick)
    x = x.reshape(len(x), -1)
    weights = dense_weights(model)
    _, decisions = run_relus(weights, x)
    counts = run_chain(weights, x, max_rate=MAX_RATE, time=TIME)
    return {
        "max_rate": MAX_RATE,
        "time": TIME,
        "dt": DT,
        **comparison(decisions, counts[1].argmax(axis=1), labels, len(TWO_CLASSES)),
    }


def describe(result):
    """Show the table of confusion beside the paper's."""
    rows = [
        (f"ReLUs: {name}", *counts)
        for name, counts in zip(TWO_CLASSES, result["confusion"], strict=True)
    ]
    return (
        f"P3 tells faces from motorbikes (Caltech 101), {papers.TWO_CLASSES_AGREEMENT} % as the "
        "ReLUs do. In their place stand two classes of CIFAR-10, 3072 - 600 - 2 without biases, "
        f"{result['n_items']:,} test images as regular spikes of up to {result['max_rate']:g} Hz "
        f"for {result['time']:g} s in steps of {1000 * result['dt']:g} ms. Agreement "
        f"{percent(result['agreement'])}; error of the ReLUs {percent(result['errors']['relu'])}, "
        f"of the spikes {percent(result['errors']['spikes'])}. As in P3 the larger number of "
        "spikes decides; of equal numbers, mostly none at all, the first class wins.\n\n"
        + table(("", *(f"spikes: {name}" for name in TWO_CLASSES)), rows)
    )
