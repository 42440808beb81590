"""The same spiking network on several simulators, in one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nengo_softlif import backends as simulators
from nengo_softlif.errors import BackendError

__all__ = ["Comparison", "compare", "table"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What one backend made of the data: one line of the table.

    Parameters
    ----------
    backend : str
    result : Evaluation or None
        What `nengo_softlif.evaluate` returned, or None if the backend could not run.
    reason : str
        Why it could not run and what to do; empty if it ran.
    reference_error : float or None
        Share of the same images that the reference gets wrong.
    """

    backend: str
    result: object
    reason: str = ""
    reference_error: float | None = None


def compare(spiking, x, y, *, backends, reference=None, **options):
    """Run a spiking network on several backends, going on where one is missing or can't take it.

    Parameters
    ----------
    spiking : SpikingNetwork
    x : (n_images, height, width, channels) array_like
    y : (n_images,) array_like of int
    backends : dict of str to (int or None)
        Names of backends, each with the greatest number of images to give it (None for all).
    reference : (n_images,) array_like of int, optional
        Labels that another network gives to ``x``, usually the Keras model.
    **options
        Passed on to `nengo_softlif.evaluate`.

    Returns
    -------
    comparisons : iterator of Comparison
        For each backend in turn, as soon as it is done. The last one if a run was interrupted.

    Raises
    ------
    BackendError
        At once if there is no backend of one of the names. One that is not installed, or
        can't take the network, is a comparison without a result.
    SoftLIFError
        While iterating, if `nengo_softlif.evaluate` refuses the data or the options.
    """
    for name in backends:
        if name not in simulators.names():
            simulators.get(name)  # raises, with the names that there are
    return _run(spiking, x, y, backends, reference, options)


def _run(spiking, x, y, backends, reference, options):
    from nengo_softlif.evaluation.evaluate import evaluate

    for backend, max_items in backends.items():
        try:
            result = evaluate(spiking, x, y, backend=backend, max_items=max_items, **options)
        except BackendError as error:
            yield Comparison(backend, None, reason=str(error))
            continue
        wrong = None
        if reference is not None and result.n_items:
            wrong = float(np.mean(np.asarray(reference)[result.indices] != result.labels))
        yield Comparison(backend, result, reference_error=wrong)
        if result.interrupted:
            return


def table(comparisons, *, title=None):
    """Lay out comparisons as a table for `rich`.

    Parameters
    ----------
    comparisons : list of Comparison
    title : str, optional

    Returns
    -------
    table : rich.table.Table
    """
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    with_reference = any(c.reference_error is not None for c in comparisons)
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    made.add_column("\nBackend", no_wrap=True)
    made.add_column("\nImages", justify="right", no_wrap=True)
    made.add_column("\nError", justify="right", no_wrap=True)
    made.add_column("95 %\ninterval", justify="right", no_wrap=True)
    if with_reference:
        made.add_column("Error\nas rates", justify="right", no_wrap=True)
    # the names of layers may be long: this column gives way, so that nothing is cut off
    made.add_column("Mean\nrate in Hz", justify="right", overflow="fold")
    made.add_column("Images\nper s", justify="right", no_wrap=True)
    for c in comparisons:
        made.add_row(*_cells(c, with_reference=with_reference))
    remarks = [f"{c.backend}: {escape(c.reason)}" for c in comparisons if c.reason]
    remarks += [
        f"{c.backend}: interrupted" for c in comparisons if c.result and c.result.interrupted
    ]
    if remarks:
        made.caption = "\n".join(remarks)
        made.caption_justify = "left"
        made.caption_style = "yellow"
    return made


def _cells(comparison, *, with_reference):
    from rich.markup import escape

    result = comparison.result
    if result is None or result.n_items == 0:
        return [comparison.backend, "none", "not run"]
    low, high = result.error_interval
    cells = [
        comparison.backend,
        f"{result.n_items:,}",
        f"{100 * result.error:.2f} %",
        f"{100 * low:.2f} to {100 * high:.2f} %",
    ]
    if with_reference:
        wrong = comparison.reference_error
        cells.append("" if wrong is None else f"{100 * wrong:.2f} %")
    rates = [f"{escape(name)} {r.mean:.1f}" for name, r in result.firing_rates.items()]
    return [*cells, "\n".join(rates), f"{result.items_per_second:.3g}"]
