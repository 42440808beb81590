"""Results compared with labels or targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nengo_softlif.analysis.accuracy import error_by_window, wilson_interval
from nengo_softlif.errors import ParameterError
from nengo_softlif.evaluation.results import Prediction
from nengo_softlif.validation import check_name, check_seconds, check_steps

__all__ = ["Evaluation", "Evaluations", "MultiLabelEvaluation", "RegressionEvaluation"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Evaluation(Prediction):
    """What a network made of samples of which each has one class.

    A `Prediction` with labels; ``output`` is the one that classifies.

    Parameters
    ----------
    labels, predictions : (n_samples,) ndarray of int
    accuracy_over_time : (n_steps,) ndarray
        Fraction of samples classified correctly if the presentation ended after each step. A
        sample whose presentation has ended before keeps its prediction.
    classes : tuple or None
        Names of the classes, if they were given.
    threshold : float or None
        Of a single output: above it, the class is 1.
    """

    labels: np.ndarray
    predictions: np.ndarray
    accuracy_over_time: np.ndarray
    classes: tuple[Any, ...] | None = None
    threshold: float | None = None

    @property
    def accuracy(self) -> float:
        """Fraction of samples classified correctly; NaN if none was run."""
        return float(np.mean(self.predictions == self.labels)) if self.n_samples else float("nan")

    @property
    def error(self) -> float:
        """Fraction of samples classified wrongly."""
        return 1 - self.accuracy

    @property
    def error_interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the error: (low, high)."""
        n_wrong = int(np.sum(self.predictions != self.labels))
        return wilson_interval(n_wrong, self.n_samples)

    def error_between(self, classify_from: float, end: float) -> float:
        """Fraction of samples classified wrongly with another readout window.

        Parameters
        ----------
        classify_from, end : float
            Seconds; ``end`` at most the shortest presentation time. The samples were presented for
            longer, which changes nothing before ``end``.

        Returns
        -------
        error : float

        Raises
        ------
        ParameterError
            If the outputs were not kept, the times are not in order, or a sample was not shown
            until ``end``.
        """
        check_seconds("classify_from", classify_from, zero_allowed=True)
        check_seconds("end", end)
        first = check_steps("classify_from", classify_from, self.dt)
        last = check_steps("end", end, self.dt)
        n_steps = self.presentation.n_steps()
        if not first < last <= n_steps:
            raise ParameterError(
                f"classify_from must be before end, and end at most the presentation time of "
                f"{n_steps * self.dt:g} s (got {classify_from:g} s and {end:g} s)"
            )
        outputs = self.output_over_time.reshape(self.n_samples, n_steps, -1)
        if self.threshold is not None:  # of two outputs, the second wins above the threshold
            outputs = np.concatenate([np.zeros_like(outputs), outputs - self.threshold], axis=2)
        return float(error_by_window(outputs, self.labels, [first], [last])[0, 0])

    def _headline(self) -> str:
        if not self.n_samples:
            return "no samples"
        low, high = self.error_interval
        return f"error {self.error:.2%} ({low:.2%} to {high:.2%}) on {self.n_samples:,} samples"

    def _picture(self) -> str:
        from nengo_softlif.plots import inline, plot_accuracy_over_time

        with inline.picture(5, 2.6) as (ax, html):
            plot_accuracy_over_time(
                ax,
                self.times,
                {self.backend: self.accuracy_over_time},
                classify_from=self.classify_from,
            )
        return html.text


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class MultiLabelEvaluation(Prediction):
    """What a network made of samples that have any number of labels.

    Parameters
    ----------
    labels, predictions : (n_samples, n_outputs) ndarray of bool
    accuracy_over_time : (n_steps,) ndarray
        Fraction of correct labels if the presentation ended after each step.
    threshold : float
        Outputs above it predict their label.
    """

    labels: np.ndarray
    predictions: np.ndarray
    accuracy_over_time: np.ndarray
    threshold: float

    @property
    def accuracy(self) -> float:
        """Fraction of correct labels, of all samples and outputs; NaN if no sample was run."""
        return float(np.mean(self.predictions == self.labels)) if self.n_samples else float("nan")

    @property
    def exact_matches(self) -> float:
        """Fraction of samples of which all labels are correct; NaN if none was run."""
        right = (self.predictions == self.labels).all(axis=1)
        return float(right.mean()) if self.n_samples else float("nan")

    def _headline(self) -> str:
        if not self.n_samples:
            return "no samples"
        return (
            f"{self.accuracy:.2%} of labels, all of {self.exact_matches:.2%} of "
            f"{self.n_samples:,} samples"
        )


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RegressionEvaluation(Prediction):
    """What a network made of samples that have numbers as targets.

    If the model ends with a sigmoid or a softmax, which `nengo_softlif.convert` drops, the output
    is the one behind it.

    Parameters
    ----------
    targets : (n_samples, ...) ndarray
        Shaped as ``output``.
    mse_over_time : (n_steps,) ndarray
        Mean squared error if the presentation ended after each step.
    """

    targets: np.ndarray
    mse_over_time: np.ndarray

    @property
    def mse(self) -> float:
        """Mean squared error over samples and outputs; NaN if no sample was run."""
        return float(np.mean((self.output - self.targets) ** 2)) if self.n_samples else float("nan")

    @property
    def rmse(self) -> float:
        """Root of the mean squared error."""
        return float(np.sqrt(self.mse))

    @property
    def mae(self) -> float:
        """Mean absolute error over samples and outputs; NaN if no sample was run."""
        difference = np.abs(self.output - self.targets)
        return float(np.mean(difference)) if self.n_samples else float("nan")

    @property
    def r2(self) -> float:
        """Coefficient of determination, averaged over outputs.

        For each output, 1 less the squared error over the variance of the targets. Outputs whose
        targets are all the same are left out; NaN if none is left.
        """
        output, targets = self._flat()
        if not self.n_samples:
            return float("nan")
        residual = ((targets - output) ** 2).sum(axis=0)
        total = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
        varies = total > 0
        if not varies.any():
            return float("nan")
        return float(np.mean(1 - residual[varies] / total[varies]))

    @property
    def correlation(self) -> float:
        """Pearson correlation of all outputs with their targets; NaN if either is constant."""
        output, targets = self._flat()
        if self.n_samples == 0 or np.ptp(output) == 0 or np.ptp(targets) == 0:
            return float("nan")
        return float(np.corrcoef(output.ravel(), targets.ravel())[0, 1])

    def _flat(self) -> tuple[np.ndarray, np.ndarray]:
        shape = (self.n_samples, int(np.prod(self.output.shape[1:])))
        return self.output.reshape(shape), self.targets.reshape(shape)

    def _headline(self) -> str:
        if not self.n_samples:
            return "no samples"
        return (
            f"RMSE {self.rmse:.4g}, MAE {self.mae:.4g}, R2 {self.r2:.4g}, correlation "
            f"{self.correlation:.4g} on {self.n_samples:,} samples"
        )


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Evaluations(Prediction, Mapping[str, Prediction]):
    """What a network with several outputs made of samples: a result for each output, by name.

    Parameters
    ----------
    results : dict of str to (Evaluation, MultiLabelEvaluation or RegressionEvaluation)
    """

    results: dict[str, Prediction]

    def __getitem__(self, name: str) -> Prediction:
        return check_name("output", name, self.results)

    def __iter__(self) -> Iterator[str]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    @property
    def output(self) -> np.ndarray:
        """Refused, since there are several; see ``results``."""
        raise ParameterError(
            f"there are several outputs, {', '.join(self.results)}; take result[name].output"
        )

    def _headline(self) -> str:
        return "; ".join(f"{name}: {result._headline()}" for name, result in self.results.items())
