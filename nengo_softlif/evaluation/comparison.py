"""The same spiking network on several simulators, in one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nengo_softlif import backends as simulators
from nengo_softlif.errors import BackendError, EvaluationInterrupted
from nengo_softlif.evaluation.evaluate import evaluate
from nengo_softlif.evaluation.evaluations import Evaluation
from nengo_softlif.evaluation.presentation import Presentation
from nengo_softlif.networks import RunnableNetwork
from nengo_softlif.validation import check_integer, check_labels, check_name

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Comparison", "compare", "table"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """What one backend made of the samples: one row of the table.

    Parameters
    ----------
    backend : str
    result : Evaluation or None
        What `nengo_softlif.evaluate` returned, or None if the backend could not run.
    reason : str
        Why it could not run and what to do; empty if it ran.
    reference_error : float or None
        Fraction of the same samples that the reference gets wrong.
    """

    backend: str
    result: Evaluation | None
    reason: str = ""
    reference_error: float | None = None


def compare(
    network: RunnableNetwork,
    x: np.ndarray,
    y: np.ndarray,
    *,
    backends: Mapping[str, int | None],
    reference: np.ndarray | None = None,
    batch_size: int | None = None,
    threads: int | None = None,
    **options: Any,
) -> Iterator[Comparison]:
    """Run a network on several backends, going on if one is missing or refuses the network.

    Parameters
    ----------
    network : SpikingNetwork or WrappedNetwork
    x : (n_samples, ...) array_like
    y : (n_samples,) array_like of int
    backends : dict of str to (int or None)
        Names of backends, each with the number of samples that it gets: the first ones; None for
        all.
    reference : (n_samples,) array_like of int, optional
        Labels that another network gives to ``x``, usually the Keras model.
    batch_size, threads : int, optional
        For the backends that support them.
    **options
        Passed on to `nengo_softlif.evaluate`.

    Returns
    -------
    comparisons : iterator of Comparison
        For each backend in turn, as soon as it is done.

    Raises
    ------
    UnknownNameError
        At once, if there is no backend of one of the names. One that is not installed, or refuses
        the network, is a comparison without a result.
    ParameterError
        At once, if a number of samples is no integer of 1 or more, or the reference has another
        number of labels than there are samples. While iterating, if `nengo_softlif.evaluate`
        refuses the data or the options.
    EvaluationInterrupted
        While iterating, after Ctrl-C, when the partial result has been yielded.
    """
    for name, count in backends.items():
        check_name("backend", name, dict.fromkeys(simulators.names()))
        if count is not None:
            check_integer(f"backends[{name!r}]", count, minimum=1)
    if reference is not None:
        reference = check_labels("reference", reference, n_samples=len(x))
    return _run(
        network, x, y, backends, reference, {"batch_size": batch_size, "threads": threads}, options
    )


def _run(
    network: RunnableNetwork,
    x: Any,
    y: Any,
    backends: Mapping[str, int | None],
    reference: Any,
    parallel: dict[str, int | None],
    options: dict[str, Any],
) -> Iterator[Comparison]:
    presentation = options.get("presentation")
    for name, count in backends.items():
        if isinstance(presentation, Presentation):  # which may have a time for each sample
            options["presentation"] = presentation.part(0, count)
        try:
            session = simulators.get(name).load()
            supported = {
                "batch_size": session.supports_batches,
                "threads": session.supports_threads,
            }
            chosen = {key: value for key, value in parallel.items() if supported[key]}
            result = evaluate(network, x[:count], y[:count], backend=name, **chosen, **options)
        except BackendError as error:
            yield Comparison(backend=name, result=None, reason=str(error))
            continue
        except EvaluationInterrupted as interrupt:
            yield _comparison(name, interrupt.result, reference)
            raise
        yield _comparison(name, result, reference)


def _comparison(name: str, result: Any, reference: Any) -> Comparison:
    wrong = None
    if reference is not None and result.n_samples:
        wrong = float(np.mean(np.asarray(reference)[result.indices] != result.labels))
    return Comparison(backend=name, result=result, reference_error=wrong)


def table(comparisons: Sequence[Comparison], *, title: str | None = None) -> Table:
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


def _cells(comparison: Comparison, *, with_reference: bool) -> list[str]:
    from rich.markup import escape

    result = comparison.result
    if result is None or result.n_samples == 0:
        return [comparison.backend, "none", "not run"]
    low, high = result.error_interval
    cells = [
        comparison.backend,
        f"{result.n_samples:,}",
        f"{100 * result.error:.2f} %",
        f"{100 * low:.2f} to {100 * high:.2f} %",
    ]
    if with_reference:
        wrong = comparison.reference_error
        cells.append("" if wrong is None else f"{100 * wrong:.2f} %")
    rates = [f"{escape(name)} {r.mean:.1f}" for name, r in result.firing_rates.items()]
    return [*cells, "\n".join(rates), f"{result.samples_per_second:.3g}"]
