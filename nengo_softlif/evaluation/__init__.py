"""Run samples through a network: predictions, accuracy over time, firing rates, comparison."""

from nengo_softlif.evaluation.evaluate import evaluate
from nengo_softlif.evaluation.evaluations import (
    Evaluation,
    Evaluations,
    MultiLabelEvaluation,
    RegressionEvaluation,
)
from nengo_softlif.evaluation.predict import predict
from nengo_softlif.evaluation.presentation import Presentation
from nengo_softlif.evaluation.results import Prediction

__all__ = [
    "Evaluation",
    "Evaluations",
    "MultiLabelEvaluation",
    "Prediction",
    "Presentation",
    "RegressionEvaluation",
    "evaluate",
    "predict",
]
