"""Run labelled samples through a network on any backend."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from nengo_softlif.errors import EvaluationInterrupted, ParameterError
from nengo_softlif.evaluation.labels import as_integers
from nengo_softlif.evaluation.presentation import Presentation
from nengo_softlif.evaluation.results import Evaluation
from nengo_softlif.evaluation.run import Run, checked_network, checked_samples
from nengo_softlif.networks import RunnableNetwork
from nengo_softlif.validation import check_name

__all__ = ["evaluate"]


def evaluate(
    network: RunnableNetwork,
    x: Any,
    y: Any,
    *,
    backend: str = "compiled",
    presentation: Presentation | None = None,
    output: str | None = None,
    classes: Sequence[Any] | None = None,
    keep: str | Collection[str] = (),
    seed: int = 0,
    batch_size: int | None = None,
    threads: int | None = None,
    progress: bool = True,
) -> Evaluation:
    """Classify labelled samples with a spiking network.

    Every sample is shown for the same time, starting from the same initial state. The prediction
    is the largest output, averaged over the readout window.

    Parameters
    ----------
    network, x, backend, presentation, keep, seed, batch_size, threads, progress
        As for `nengo_softlif.predict`.
    y : (n_samples,) array_like
        Labels: integers from 0, booleans, names out of ``classes``, or one-hot rows.
    output : str, optional
        Name of the output that classifies; needed if there are several.
    classes : sequence, optional
        Names of the classes in the order of the network's outputs, for labels that are names.

    Returns
    -------
    result : Evaluation
        With ``error``, ``error_interval``, ``accuracy_over_time``, ``firing_rates``, ``energy()``
        and everything that a `Prediction` has.

    Raises
    ------
    DatasetError
        If samples or labels don't fit the network, or values the encoding.
    BackendError
        If the backend is not installed, or its simulator refuses the network.
    UnknownNameError
        If there is no backend or output of that name.
    ParameterError
        If an option is out of range.
    EvaluationInterrupted
        After Ctrl-C; its ``result`` has the samples that were done.

    Examples
    --------
    >>> result = evaluate(spiking, x_test, y_test, backend="nengo_dl")  # doctest: +SKIP
    >>> result.summary()  # doctest: +SKIP
    """
    network = checked_network(network)
    name = _classifying(network, output)
    samples = checked_samples(network, x)
    labels = as_integers(
        y,
        n_samples=len(samples),
        n_classes=int(np.prod(network.output_shapes[name])),
        classes=classes,
    )
    run = Run(
        network,
        samples,
        [name],
        backend=backend,
        presentation=presentation,
        keep=keep,
        seed=seed,
        batch_size=batch_size,
        threads=threads,
        progress=progress,
        labels=labels,
    )
    try:
        run()
    except KeyboardInterrupt as interrupt:
        partial = _evaluation(run, labels, classes)
        raise EvaluationInterrupted(run.progress_so_far(), partial) from interrupt
    return _evaluation(run, labels, classes)


def _classifying(network: RunnableNetwork, output: str | None) -> str:
    if output is not None:
        check_name("output", output, network.outputs)
        return output
    if len(network.outputs) != 1:
        raise ParameterError(
            f"the network has several outputs, {', '.join(network.outputs)}; pass output=name"
        )
    return next(iter(network.outputs))


def _evaluation(run: Run, labels: np.ndarray, classes: Sequence[Any] | None) -> Evaluation:
    facts = run.facts()
    (output,) = facts["outputs"].values()
    return Evaluation(
        labels=labels[: run.tally.n_samples],
        predictions=output.reshape(len(output), int(np.prod(output.shape[1:]))).argmax(axis=1),
        accuracy_over_time=run.tally.accuracy_over_time,
        classes=None if classes is None else tuple(classes),
        **facts,
    )
