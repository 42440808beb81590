"""Keras models trained as rates, as models that train in spikes for few steps, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nengo_softlif.conversion.balancing import balanced_scales
from nengo_softlif.conversion.keras.calls import calls_of
from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.discrete_lif import STEP
from nengo_softlif.functional.surrogates import Surrogate, TriangularSurrogate
from nengo_softlif.validation import check_integer, check_number, check_type

if TYPE_CHECKING:
    import keras
    from numpy.typing import ArrayLike

__all__ = ["to_rate_model", "to_spiking_model"]


def to_spiking_model(
    model: keras.Model,
    calibration: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike] | None = None,
    *,
    n_steps: int = 8,
    thresholds: Mapping[str, float] | None = None,
    start: float = 0.5,
    surrogate: Surrogate | None = None,
) -> keras.Model:
    """Swap the activations of a model for spiking neurons, to train it on in spikes.

    The result takes the same samples, presents them as constant currents for a few steps of 1 ms,
    and returns the mean of its outputs over these. It starts with a copy of the weights: train it
    with ``fit``, then `nengo_softlif.convert` it, or go back with `to_rate_model`.

    Neurons in the place of ReLUs integrate without a leak and are reset by subtraction. Their
    threshold, chosen by `balanced_scales`, is the activation of one spike in every step. `SoftLIF`
    and `LinearResetLIF` layers become the neurons that they stand for, in steps of 1 ms. What
    neurons receive is divided by the threshold, and spikes are multiplied, so that weights keep
    their scale.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, whose activations are ReLUs, `SoftLIF` or `LinearResetLIF`.
    calibration : array_like, or list or dict of array_like for several inputs, optional
        Samples from which the thresholds are chosen; 50 to 200 are plenty. Models with ReLUs need
        them, unless the thresholds are given.
    n_steps : int
        For which a sample is presented.
    thresholds : dict of str to float, optional
        Activation of one spike in every step, by layer, of all ReLUs.
    start : float
        Voltage at the start of a sample of neurons in the place of ReLUs, in units of the
        threshold, from 0 to 1.
    surrogate : Surrogate, optional
        Of the spikes; a triangle of height 1, as wide as the threshold, by default.

    Returns
    -------
    spiking : keras.Model
        Not compiled.

    Raises
    ------
    ConversionError
        If an activation has another curve, or a layer can't work step by step.
    ParameterError
        If an option is out of range, or there are ReLUs and no calibration samples.

    Examples
    --------
    >>> import keras
    >>> import numpy as np
    >>> keras.utils.set_random_seed(0)
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(2)]
    ... )
    >>> x = np.random.RandomState(0).uniform(size=(50, 4)).astype("float32")
    >>> spiking = to_spiking_model(model, x, n_steps=64)
    >>> bool(np.abs(spiking.predict(x, verbose=0) - model.predict(x, verbose=0)).max() < 0.05)
    True
    """
    from nengo_softlif.conversion.swapping import Swap, curve_of

    n_steps = check_integer("n_steps", n_steps, minimum=1)
    start = check_number("start", start, minimum=0, maximum=1)
    if surrogate is None:
        surrogate = TriangularSurrogate(height=1.0, width=1.0)
    check_type("surrogate", surrogate, Surrogate, "take TriangularSurrogate(1, 1), for instance")
    calls, outputs = calls_of(model)
    relus = [call.name for call in calls if curve_of(call)[0] == "relu"]
    if thresholds is not None:
        thresholds = _checked(thresholds, relus)
    elif relus:
        if calibration is None:
            raise ParameterError(
                "calibration samples are needed to choose the thresholds of ReLUs (got None); give "
                "50 to 200 training samples, as in to_spiking_model(model, x_train[:100])"
            )
        scales = balanced_scales(
            model, calibration, n_steps=n_steps, dt=STEP, start=start, max_pool="spiking"
        )
        thresholds = {name: 1 / (scale * STEP) for name, scale in scales.items()}
    return Swap(thresholds or {}, n_steps, start, surrogate).run(model.name, calls, outputs)


def _checked(thresholds, relus):
    check_type("thresholds", thresholds, Mapping, "give one for each ReLU, such as {'hidden': 1.5}")
    if set(thresholds) != set(relus):
        raise ParameterError(
            f"thresholds must name the ReLUs of the model: {', '.join(map(repr, relus))} (got "
            f"{', '.join(map(repr, thresholds)) or 'none'}); leave them out and give calibration "
            "samples to have them chosen"
        )
    return {
        name: check_number(f"thresholds[{name!r}]", value, above=0)
        for name, value in thresholds.items()
    }


def to_rate_model(spiking: keras.Model, model: keras.Model) -> keras.Model:
    """Put the weights of a model that was trained on in spikes back into one of rates.

    Parameters
    ----------
    spiking : keras.Model
        From `to_spiking_model`.
    model : keras.Model
        That it was made from; it stays as it is.

    Returns
    -------
    rates : keras.Model
        A copy of ``model``, not compiled, with the weights of ``spiking``.

    Raises
    ------
    ParameterError
        If a layer with weights is missing, or has weights of other shapes.

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(2)]
    ... )
    >>> spiking = to_spiking_model(model, [[0.1, 0.2, 0.3, 0.4]])
    >>> to_rate_model(spiking, model).count_params() == model.count_params()
    True
    """
    import keras

    rates = keras.models.clone_model(model)
    trained = {
        inner.name: inner for layer in spiking.layers for inner in (getattr(layer, "layer", layer),)
    }
    for layer in (call.layer for call in calls_of(rates)[0]):
        if not getattr(layer, "weights", None):
            continue
        found = trained.get(layer.name)
        shapes = [tuple(w.shape) for w in layer.weights]
        if found is None or [tuple(w.shape) for w in found.weights] != shapes:
            raise ParameterError(
                f"spiking has no layer {layer.name!r} with weights of the shapes {shapes}; give "
                "the model from which nengo_softlif.conversion.to_spiking_model made it"
            )
        layer.set_weights(found.get_weights())
    return rates
