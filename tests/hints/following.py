"""A bad call, what its error advises, and the call with the advice followed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import pytest
from nengo.exceptions import NengoException

import nengo_softlif as nsl
from nengo_softlif.errors import SoftLIFError

__all__ = ["Advice", "converted", "evaluate", "follow", "samples_of", "sequential"]

L = keras.layers
SHORT = {"presentation": nsl.Presentation(time=0.05), "progress": False}


@dataclass(frozen=True)
class Advice:
    """What an error advises.

    Parameters
    ----------
    hint : str
        Of the message, from the words that stand in the source.
    bad : callable
        Raises it.
    followed : callable
        The same with the advice followed; returns whether the result is right.
    """

    hint: str
    bad: Callable[[], object]
    followed: Callable[[], object]


def follow(advice: Advice, errors: type | tuple = (SoftLIFError, NengoException)) -> None:
    """Check that an error has the hint, and that the hint repairs what was wrong."""
    with pytest.raises(errors, match=re.escape(advice.hint)):
        advice.bad()
    assert advice.followed()


def evaluate(network, x, y, **options):
    """Evaluate for a short time."""
    return nsl.evaluate(network, x, y, **{**SHORT, **options})


def sequential(*layers, shape=(4,)):
    """A model whose weights are the same in every test."""
    model = keras.Sequential([keras.Input(shape), *layers])
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.5, size=w.shape) for w in model.get_weights()])
    return model


def samples_of(model):
    """Three samples for each input."""
    rng = np.random.default_rng(1)
    made = [rng.uniform(0, 1, size=(3, *tensor.shape[1:])) for tensor in model.inputs]
    return made[0] if len(made) == 1 else made


def converted(model, **options):
    """Whether a model converts, and its rates are those of the Keras model in every layer."""
    checks = nsl.conversion.verify(model, nsl.convert(model, **options), samples_of(model))
    return bool(checks) and all(check.max_rel < 1e-3 for check in checks)
