"""Piecewise linear activations as sums of rectifying populations, which is exact.

Two populations compute what one bounded one would. The second one is silent wherever the first
is below the bound, so it costs memory but few spikes, and it runs wherever ReLUs do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.graph import Activation, Matrix, Neurons, Sum
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer

__all__ = ["PIECEWISE", "Relu", "add_relus", "sum_of_relus"]


_RELU = Activation("relu")


@dataclass(frozen=True, eq=False)
class Relu:
    """A term ``weight * relu(sign * (x - knot))``.

    Parameters
    ----------
    suffix : str
        Names the population, behind the name of the layer.
    weight, knot : float or (size,) ndarray
    sign : {1, -1}
    activation : Activation
        Another curve instead of relu, where that is what is left.
    """

    suffix: str
    weight: float | np.ndarray = 1.0
    knot: float | np.ndarray = 0.0
    sign: int = 1
    activation: Activation = _RELU


def sum_of_relus(source, name, kind, parameters):
    """Apply a piecewise linear activation.

    Parameters
    ----------
    source : Source
    name : str
        Operation that it is applied to.
    kind : str
        One of `PIECEWISE`.
    parameters : dict
        As in Keras' configuration.

    Returns
    -------
    name : str
        Of the operation with the result.
    """
    terms, constant = PIECEWISE[kind](source, parameters)
    return add_relus(source, name, terms, constant, of=kind)


def add_relus(source, name, terms, constant=0.0, *, of):
    """Add populations, and their weighted sum under the name of the layer.

    Parameters
    ----------
    source : Source
    name : str
        Operation that they take.
    terms : list of Relu
    constant : float or (size,) ndarray
        Added to the sum.
    of : str
        Name of the function, for the note.

    Returns
    -------
    name : str
        Of the operation with the result.
    """
    shape = source.output_shape
    size = int(np.prod(shape))
    populations, weights = [], []
    for term in terms:
        taken = name
        knot = np.broadcast_to(term.knot, size).astype(float)
        if term.sign != 1 or knot.any():
            taken = source.add(
                Sum(
                    name=f"{source.name}/{term.suffix}/input",
                    inputs=(name,),
                    shape=shape,
                    weights=(float(term.sign),),
                    bias=-term.sign * knot if knot.any() else None,
                )
            )
        population = source.add(
            Neurons(
                name=f"{source.name}/{term.suffix}",
                inputs=(taken,),
                shape=shape,
                activation=term.activation,
            )
        )
        if np.ndim(term.weight):
            matrix = scipy.sparse.coo_matrix(scipy.sparse.diags(term.weight.astype(float)))
            weighted = f"{source.name}/{term.suffix}/weighted"
            population = source.add(
                Matrix(name=weighted, inputs=(population,), shape=shape, weights=matrix)
            )
        populations.append(population)
        weights.append(1.0 if np.ndim(term.weight) else float(term.weight))
    n = len(terms)
    source.notes.append(
        f"{of} became {n} rectifying population{'s' * (n > 1)}, whose weighted sum it is"
    )
    bias = np.broadcast_to(constant, size).astype(float)
    return source.add(
        Sum(
            name=source.name,
            inputs=tuple(populations),
            shape=shape,
            weights=tuple(weights),
            bias=bias if bias.any() else None,
        )
    )


def clipped(low, high, slope=1.0, center=0.0):
    """Terms and constant of ``clip(slope * (x - center), low, high)``, ``slope`` above 0."""
    terms = [
        Relu("above", slope, center + np.divide(low, slope)),
        Relu("excess", -slope, center + np.divide(high, slope)),
    ]
    return terms, low


def _relu(source, parameters):
    """Keras: clip(x if x > threshold else 0, 0, max_value) - slope * relu(threshold - x)."""
    threshold = parameters.get("threshold") or 0.0
    highest = parameters.get("max_value")
    slope = parameters.get("negative_slope") or 0.0
    if threshold > 0 or (threshold < 0 and highest is None):
        jump = Activation("thresholded_relu", {"alpha": float(threshold)})
        terms = [Relu("above", activation=jump)]
    else:
        terms = [Relu("positive")]
    if highest is not None:
        if highest <= threshold and threshold > 0:
            raise UnsupportedLayer(
                f"max_value={highest} must be above threshold={threshold}; choose a larger one"
            )
        terms.append(Relu("excess", -1.0, float(highest)))
    if slope:
        terms.append(Relu("negative", -slope, float(threshold), -1))
    return terms, 0.0


def _leaky(source, parameters):
    slope = parameters.get("negative_slope", parameters.get("alpha", 0.2))
    return [Relu("positive"), Relu("negative", -np.asarray(slope, float), sign=-1)], 0.0


def _hard_sigmoid(source, parameters):
    # Keras 3 has relu6(x + 3) / 6, tf_keras clip(0.2 x + 0.5, 0, 1)
    if source.is_tf_keras:
        return clipped(0.0, 1.0, slope=0.2, center=-2.5)
    return clipped(0.0, 1.0, slope=1 / 6, center=-3.0)


def _soft_shrink(source, parameters):
    threshold = float(parameters.get("threshold", 0.5))
    return [Relu("positive", knot=threshold), Relu("negative", -1.0, -threshold, -1)], 0.0


PIECEWISE = {
    "hard_sigmoid": _hard_sigmoid,
    "hard_tanh": lambda source, parameters: clipped(-1.0, 1.0),
    "leaky_relu": _leaky,
    "relu": _relu,
    "relu6": lambda source, parameters: _relu(source, {"max_value": 6.0}),
    "soft_shrink": _soft_shrink,
    "sparse_sigmoid": lambda source, parameters: clipped(0.0, 1.0, slope=0.5, center=-1.0),
}
