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

__all__ = ["to_quantized_model", "to_rate_model", "to_spiking_model"]


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
    threshold, that of `QuantizedReLU` or else chosen by `balanced_scales`, is the activation of one
    spike in every step. `SoftLIF` and `LinearResetLIF` layers become the neurons that they stand
    for, in steps of 1 ms. What neurons receive is divided by the threshold, and spikes are
    multiplied, so that weights keep their scale.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, whose activations are ReLUs, `QuantizedReLU`, `SoftLIF` or
        `LinearResetLIF`.
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
    from nengo_softlif.conversion.swapping import Swap

    n_steps = check_integer("n_steps", n_steps, minimum=1)
    start = check_number("start", start, minimum=0, maximum=1)
    if surrogate is None:
        surrogate = TriangularSurrogate(height=1.0, width=1.0)
    check_type("surrogate", surrogate, Surrogate, "take TriangularSurrogate(1, 1), for instance")
    return _swapped(Swap, model, calibration, thresholds, n_steps, start, surrogate)


def to_quantized_model(
    model: keras.Model,
    calibration: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike] | None = None,
    *,
    n_steps: int = 8,
    thresholds: Mapping[str, float] | None = None,
) -> keras.Model:
    """Swap ReLUs for `QuantizedReLU` layers, to train a model on with the rates of few spikes.

    That costs no more than training with ReLUs, and brings `to_spiking_model` to a better start:
    give it the result, which has the thresholds, and train on in spikes if accuracy is still
    missing.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, whose activations are ReLUs.
    calibration, n_steps, thresholds
        As for `to_spiking_model`.

    Returns
    -------
    quantized : keras.Model
        With a copy of the weights; not compiled.

    Raises
    ------
    ConversionError
        If an activation has another curve, or a layer can't work step by step.
    ParameterError
        If an option is out of range, or there are no calibration samples.

    References
    ----------
    .. [1] Bu et al. (2022), "Optimal ANN-SNN conversion for high-accuracy and ultra-low-latency
       spiking neural networks".

    Examples
    --------
    >>> import keras
    >>> import numpy as np
    >>> keras.utils.set_random_seed(0)
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(2)]
    ... )
    >>> x = np.random.RandomState(0).uniform(size=(50, 4)).astype("float32")
    >>> quantized = to_quantized_model(model, x, n_steps=8)
    >>> spiking = to_spiking_model(quantized, n_steps=8)
    >>> bool(np.abs(spiking.predict(x, verbose=0) - quantized.predict(x, verbose=0)).max() < 1e-5)
    True
    """
    from nengo_softlif.conversion.quantizing import Quantize

    n_steps = check_integer("n_steps", n_steps, minimum=1)
    return _swapped(Quantize, model, calibration, thresholds, n_steps, 0.5, None)


def _swapped(swap, model, calibration, thresholds, n_steps, start, surrogate):
    from nengo_softlif.conversion.swapping import curve_of

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
    return swap(thresholds or {}, n_steps, start, surrogate).run(model.name, calls, outputs)


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
        From `to_spiking_model` or `to_quantized_model`.
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

    from nengo_softlif.layers import QuantizedReLU

    rates = keras.models.clone_model(model)
    rates.set_weights(model.get_weights())  # thresholds of QuantizedReLU stay
    trained = {
        inner.name: inner for layer in spiking.layers for inner in (getattr(layer, "layer", layer),)
    }
    for layer in (call.layer for call in calls_of(rates)[0]):
        if not getattr(layer, "weights", None) or isinstance(layer, QuantizedReLU):
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
