"""Run data through a network: predictions, accuracy over time, firing rates, several backends."""

from nengo_softlif.evaluation.evaluate import evaluate
from nengo_softlif.evaluation.results import Evaluation

__all__ = ["Evaluation", "evaluate"]
