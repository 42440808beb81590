"""What outputs are compared with: classes, several labels at once, or numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit, softmax

from nengo_softlif.errors import DatasetError, ParameterError
from nengo_softlif.evaluation.labels import as_array, as_integers
from nengo_softlif.validation import check_choice

__all__ = ["TASKS", "Classes", "MultiLabels", "Targets", "Values", "as_targets"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Targets(ABC):
    """Targets of samples for one output.

    Parameters
    ----------
    true : (n_samples, ...) ndarray
        What is right for each sample.

    Attributes
    ----------
    task : str
        As `nengo_softlif.evaluate` takes it.
    """

    true: np.ndarray
    task: ClassVar[str]

    @abstractmethod
    def score(self, sums: np.ndarray, n_summed: int) -> np.ndarray:
        """Compare outputs with the targets.

        Parameters
        ----------
        sums : (n_samples, n_outputs) ndarray
            Outputs summed over the readout window so far.
        n_summed : int
            Steps in the window.

        Returns
        -------
        scores : (n_samples,) ndarray
            For each sample the fraction that is right, or the squared error.
        """

    def part(self, indices: np.ndarray) -> Targets:
        """Targets of some of the samples."""
        return replace(self, true=self.true[indices])

    def followed_by(self, others: Sequence[Targets]) -> Targets:
        """Targets of these samples and of those that came later."""
        return replace(self, true=np.concatenate([self.true, *(other.true for other in others)]))


@dataclass(frozen=True, eq=False, kw_only=True)
class Classes(Targets):
    """One class for each sample: the largest output, or an only output above a threshold.

    Parameters
    ----------
    true : (n_samples,) ndarray of int
    names : tuple or None
    threshold : float or None
        For a single output.
    """

    task = "classes"

    names: tuple[Any, ...] | None = None
    threshold: float | None = None

    def predict(self, sums: np.ndarray, n_summed: int = 1) -> np.ndarray:
        """Predicted classes, (n,) ndarray of int, of outputs (n, n_outputs)."""
        if self.threshold is None:
            return sums.argmax(axis=1)
        return (sums[:, 0] > self.threshold * n_summed).astype(int)

    def score(self, sums: np.ndarray, n_summed: int) -> np.ndarray:
        return self.predict(sums, n_summed) == self.true


@dataclass(frozen=True, eq=False, kw_only=True)
class MultiLabels(Targets):
    """Any number of labels for each sample: the outputs above a threshold.

    Parameters
    ----------
    true : (n_samples, n_outputs) ndarray of bool
    threshold : float
    """

    task = "multi-label"

    threshold: float

    def predict(self, sums: np.ndarray, n_summed: int = 1) -> np.ndarray:
        """Predicted labels, (n, n_outputs) ndarray of bool."""
        return sums > self.threshold * n_summed

    def score(self, sums: np.ndarray, n_summed: int) -> np.ndarray:
        return (self.predict(sums, n_summed) == self.true).mean(axis=1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Values(Targets):
    """Numbers for each sample.

    Parameters
    ----------
    true : (n_samples, n_outputs) ndarray
    shape : tuple of int
        Of the output, for one sample.
    dropped : {None, "sigmoid", "softmax"}
        The last activation of the model, which the network has left out.
    """

    task = "regression"
    shape: tuple[int, ...]
    dropped: str | None = None

    def predict(self, output: np.ndarray) -> np.ndarray:
        """What is compared with the targets, of mean outputs (n_samples, n_outputs)."""
        if self.dropped is None:
            return output
        if self.dropped == "sigmoid":
            return expit(output)
        return softmax(output.reshape(len(output), *self.shape), axis=-1).reshape(output.shape)

    def score(self, sums: np.ndarray, n_summed: int) -> np.ndarray:
        return ((self.predict(sums / n_summed) - self.true) ** 2).mean(axis=1)


TASKS = tuple(kind.task for kind in (Classes, MultiLabels, Values))


def as_targets(
    y: Any,
    *,
    n_samples: int,
    shape: tuple[int, ...],
    classes: Sequence[Any] | None = None,
    threshold: float = 0.0,
    task: str | None = None,
    dropped: str | None = None,
) -> Targets:
    """Find out what labels or targets mean for an output, and check them.

    Parameters
    ----------
    y : array_like
    n_samples : int
    shape : tuple of int
        Of the output, for one sample.
    classes, threshold, task
        As for `nengo_softlif.evaluate`.
    dropped : {None, "sigmoid", "softmax"}
        The last activation of the model, if the network has left it out.

    Returns
    -------
    targets : Targets

    Raises
    ------
    DatasetError
        If they fit no task, or not the one that was named.
    ParameterError
        If there is no such task, or ``classes`` are given for another one than "classes".
    """
    if task is not None:
        check_choice("task", task, TASKS)
        if classes is not None and task != "classes":
            raise ParameterError(
                f"classes are names of classes, which the task {task!r} has not (got "
                f"{classes!r:.80}); leave classes out, or pass task='classes'"
            )
    n_outputs = int(np.prod(shape))
    y = given = as_array(y)
    task = task or _task(given, n_samples, shape, classes)
    if task == "regression":
        return Values(true=_values(given, n_samples, shape), shape=shape, dropped=dropped)
    if task == "multi-label":
        return MultiLabels(true=_multi_labels(given, n_samples, n_outputs), threshold=threshold)
    if n_outputs == 1 and classes is None and given.dtype.kind in "iu" and not _is_binary(given):
        raise DatasetError(
            f"labels for a single output must be 0 or 1 (got {given.min()} to {given.max()}); pass "
            "task='regression' if they are numbers that the output shall reach"
        )
    labels = as_integers(y, n_samples=n_samples, n_classes=max(n_outputs, 2), classes=classes)
    names = None if classes is None else tuple(classes)
    return Classes(true=labels, names=names, threshold=threshold if n_outputs == 1 else None)


def _task(
    given: np.ndarray, n_samples: int, shape: tuple[int, ...], classes: Sequence[Any] | None
) -> str:
    """The task that labels look like."""
    if classes is not None or given.dtype.kind in "OSU":
        return "classes"
    if given.dtype.kind not in "biuf":
        raise DatasetError(f"labels must be numbers, booleans or names (got dtype {given.dtype})")
    n_outputs = int(np.prod(shape))
    is_real = given.dtype.kind == "f"
    is_whole = given.dtype.kind in "biu" or bool(np.array_equal(given, np.rint(given)))
    of_outputs = given.shape == (n_samples, *shape) or given.shape == (n_samples, n_outputs)
    if is_real and n_outputs == 1 and (of_outputs or given.shape == (n_samples,)):
        # numbers for a single output are targets, except zeros and ones, as Keras takes them for
        # binary cross-entropy
        return "classes" if given.size and _is_binary(given) else "regression"
    is_fraction = given.ndim > 1 and not is_whole
    if not of_outputs and (is_fraction or (given.ndim > 2 and given.size > n_samples)):
        return "regression"  # no labels of classes, but of a wrong shape
    if not of_outputs or n_outputs == 1:
        return "classes"
    if is_whole and _is_binary(given):
        one_each = given.reshape(n_samples, -1).sum(axis=1) == 1
        return "classes" if one_each.all() else "multi-label"
    return "regression"


def _is_binary(given: np.ndarray) -> bool:
    return bool(np.isin(given, (0, 1)).all())


def _values(given: np.ndarray, n_samples: int, shape: tuple[int, ...]) -> np.ndarray:
    n_outputs = int(np.prod(shape))
    if given.dtype.kind not in "fiub":
        raise DatasetError(f"targets must be real numbers (got dtype {given.dtype})")
    fits = given.shape in ((n_samples, *shape), (n_samples, n_outputs))
    if not fits and not (n_outputs == 1 and given.shape == (n_samples,)):
        raise DatasetError(
            f"targets must have the shape {(n_samples, *shape)} of the outputs (got {given.shape})"
        )
    values = given.reshape(n_samples, n_outputs).astype(float)
    if bad := int((~np.isfinite(values)).any(axis=1).sum()):
        raise DatasetError(f"targets must be finite numbers (got NaN or infinity in {bad} samples)")
    return values


def _multi_labels(given: np.ndarray, n_samples: int, n_outputs: int) -> np.ndarray:
    if given.shape != (n_samples, n_outputs) or not _is_binary(given):
        raise DatasetError(
            f"labels must be 0 or 1 for each output, of shape ({n_samples}, {n_outputs}) (got "
            f"shape {given.shape}, dtype {given.dtype})"
        )
    return given.astype(bool)
