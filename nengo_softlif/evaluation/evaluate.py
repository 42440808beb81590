"""Run labelled samples through a network on any backend."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from nengo_softlif.errors import EvaluationInterrupted, ParameterError
from nengo_softlif.evaluation.evaluations import (
    Evaluation,
    Evaluations,
    MultiLabelEvaluation,
    RegressionEvaluation,
)
from nengo_softlif.evaluation.presentation import Presentation
from nengo_softlif.evaluation.results import Prediction
from nengo_softlif.evaluation.run import Block, Run, checked_network
from nengo_softlif.evaluation.targets import Classes, MultiLabels, Targets, Values, as_targets
from nengo_softlif.networks import RunnableNetwork
from nengo_softlif.networks.names import ByName
from nengo_softlif.validation import check_name, check_number

__all__ = ["evaluate"]

AnyEvaluation = Evaluation | MultiLabelEvaluation | RegressionEvaluation | Evaluations


def evaluate(
    network: RunnableNetwork,
    x: Any,
    y: Any = None,
    *,
    backend: str = "compiled",
    presentation: Presentation | None = None,
    output: str | None = None,
    classes: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None,
    task: str | Mapping[str, str] | None = None,
    threshold: float = 0.0,
    keep: str | Collection[str] = (),
    seed: int = 0,
    batch_size: int | None = None,
    threads: int | None = None,
    progress: bool = True,
) -> AnyEvaluation:
    """Run samples through a spiking network, and compare its outputs with labels or targets.

    Every sample is shown from the same initial state, and its outputs are averaged over its readout
    window. The largest output is the predicted class.

    Parameters
    ----------
    network, x, backend, presentation, keep, seed, batch_size, threads, progress
        As for `nengo_softlif.predict`.
    y : array_like, or dict of array_like, optional
        What the outputs are compared with; None if it comes with a stream. **Classes**:
        (n_samples,) integers from 0, booleans, names out of ``classes``, or one-hot rows. **Two
        classes by one output**: integers, booleans, or floats of 0 and 1 only. **Several labels at
        once**: (n_samples, n_outputs) zeros and ones. **Regression**: (n_samples, ...) real
        numbers, shaped as the output. For several outputs in one run, a dict by their names.
    output : str, optional
        Name of the output that is compared; needed if there are several and ``y`` is no dict.
    classes : sequence, or dict of sequence, optional
        Names of the classes in the order of the network's outputs, for labels that are names; for
        several outputs a dict of those by output.
    task : {"classes", "multi-label", "regression"}, or dict of those, optional
        What ``y`` means. By default its type and shape tell, as above. For several outputs a dict
        by output may name some of them.
    threshold : float
        Outputs above it predict a label, for two classes by one output and for several labels at
        once: 0 for logits, as conversion leaves them when it drops a last sigmoid; 0.5 for
        probabilities.

    Returns
    -------
    result : Evaluation, MultiLabelEvaluation, RegressionEvaluation or Evaluations
        An `Evaluation` has ``error``, ``error_interval`` and ``accuracy_over_time``; a
        `RegressionEvaluation` ``rmse``, ``mae``, ``r2`` and ``correlation``; `Evaluations` one of
        these for each output. All have what a `Prediction` has.

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
    check_number("threshold", threshold)
    several = isinstance(y, Mapping)
    first: dict[str, Targets] = {}  # a stream keeps the tasks that its first block looks like

    def targets_of(labels: Any, n_samples: int) -> dict[str, Targets]:
        nonlocal several, first
        several = isinstance(labels, Mapping)  # those of a stream come with the samples
        names = _compared(network, labels, output)
        by_output = labels if several else {names[0]: labels}
        targets = {
            name: as_targets(
                by_output[name],
                n_samples=n_samples,
                shape=tuple(network.output_shapes[name]),
                classes=_classes_of(classes, name, names),
                threshold=threshold,
                task=first[name].task if name in first else _task_of(task, name, names),
                dropped=getattr(network, "dropped", {}).get(name),
            )
            for name in names
        }
        thresholds = [getattr(t, "threshold", None) for t in targets.values()]
        if threshold and thresholds == [None] * len(thresholds):
            raise ParameterError(
                f"threshold is for two classes by one output and for several labels at once (got "
                f"{threshold!r}, and neither of them); leave it out"
            )
        first = first or targets
        return targets

    run = Run(
        network,
        Block.of_all(network, x, y, targets_of),
        backend=backend,
        presentation=presentation,
        keep=keep,
        seed=seed,
        batch_size=batch_size,
        threads=threads,
        progress=progress,
    )
    try:
        run()
    except KeyboardInterrupt as interrupt:
        partial = _result(run, several)
        raise EvaluationInterrupted(run.progress_so_far(), partial) from interrupt
    return _result(run, several)


def _task_of(task: str | Mapping[str, str] | None, name: str, names: Collection[str]) -> str | None:
    if not isinstance(task, Mapping):
        return task
    for key in task:
        check_name("task: output", key, dict.fromkeys(names))
    return task.get(name)


def _classes_of(
    classes: Sequence[Any] | Mapping[str, Sequence[Any]] | None, name: str, names: list[str]
) -> Sequence[Any] | None:
    """Names of the classes of an output."""
    if classes is None:
        return None
    if isinstance(classes, Mapping):
        for output in classes:
            check_name("output", output, dict.fromkeys(names))
        return classes.get(name)
    if isinstance(classes, str) or not isinstance(classes, Sequence | np.ndarray):
        raise ParameterError(
            f"classes must be a list of names, or a dict of lists by output (got {classes!r:.80})"
        )
    if any(np.ndim(one) or not isinstance(one, Hashable) for one in classes):
        raise ParameterError(
            f"classes must be names or numbers, one for each class (got {classes!r:.80})"
        )
    if len(names) > 1:
        raise ParameterError(
            f"classes must be a dict by output, since {', '.join(names)} are compared (got "
            f"{classes!r:.80}); pass classes={{output: [...]}} for outputs with names as labels"
        )
    return classes


def _compared(network: RunnableNetwork, y: Any, output: str | None) -> list[str]:
    """Names of the outputs that are compared with labels or targets."""
    if isinstance(y, Mapping):
        if output is not None:
            raise ParameterError(
                f"output must be left out if labels come by output (got {output!r} and labels for "
                f"{', '.join(map(str, y))})"
            )
        if not y:
            raise ParameterError("labels by output must name at least one output (got none)")
        for name in y:
            check_name("output", name, network.outputs)
        return list(y)
    if output is not None:
        check_name("output", output, network.outputs)
        return [output]
    if len(network.outputs) != 1:
        raise ParameterError(
            f"the network has several outputs, {', '.join(network.outputs)}; pass output=name, or "
            "labels as a dict by these names"
        )
    return list(network.outputs)


def _result(run: Run, several: bool) -> AnyEvaluation:
    facts = run.facts()
    results = {
        name: _of_output(run, facts, name, run.tally.targets_after(name, first))
        for name, first in run.first_targets.items()
    }
    if several:
        return Evaluations(results=dict[str, Prediction](results), **facts)
    (only,) = results.values()
    return only


def _of_output(
    run: Run, facts: dict[str, Any], name: str, targets: Targets
) -> Evaluation | MultiLabelEvaluation | RegressionEvaluation:
    kept = facts["outputs_over_time"]
    facts = {
        **facts,
        "outputs": ByName("output", {name: facts["outputs"][name]}),
        "outputs_over_time": None if kept is None else ByName("output", {name: kept[name]}),
    }
    output, n = facts["outputs"][name], run.tally.n_samples
    over_time = run.tally.score_over_time(name)
    flat = output.reshape(n, run.tally.n_outputs(name))
    if isinstance(targets, Values):
        predicted = {name: targets.predict(flat).reshape(output.shape)}
        facts["outputs"] = ByName("output", predicted)
        return RegressionEvaluation(
            targets=targets.true.reshape(output.shape), mse_over_time=over_time, **facts
        )
    if isinstance(targets, MultiLabels):
        return MultiLabelEvaluation(
            labels=targets.true,
            predictions=targets.predict(flat),
            accuracy_over_time=over_time,
            threshold=targets.threshold,
            **facts,
        )
    assert isinstance(targets, Classes)
    return Evaluation(
        labels=targets.true,
        predictions=targets.predict(flat),
        accuracy_over_time=over_time,
        classes=targets.names,
        threshold=targets.threshold,
        **facts,
    )
