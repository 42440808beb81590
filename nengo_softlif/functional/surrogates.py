r"""Surrogate gradients: slopes that stand for the derivative of a spike while training.

A spike is a step function of the distance :math:`u = v - \theta` of the voltage from the threshold;
its derivative is zero or infinite. Training uses the slope of a smoothed spike in its place, while
the spikes themselves stay as they are.

=============================  ==========================================  ======================
surrogate                      slope                                       source
=============================  ==========================================  ======================
`ExponentialSurrogate`         :math:`e^{-k |u|}`                          Bondarev, eq. 13
`GaussianSurrogate`            :math:`k e^{-k^2 u^2} / \sqrt{\pi}`          Rezaabad & Vishw. 2020
`FastSigmoidSurrogate`         :math:`1 / (1 + k |u|)^2`                   Zenke & Ganguli 2018
`ArcTanSurrogate`              :math:`k / 2 / (1 + (\pi k u / 2)^2)`       Fang et al. 2021
`TriangularSurrogate`          :math:`\gamma \max(0, 1 - |u| / w)`         Bellec et al. 2018
`SigmoidSurrogate`             :math:`k\, \sigma(k u) (1 - \sigma(k u))`   Neftci et al. 2019
=============================  ==========================================  ======================

Each also has its ``smoothed`` spike, the integral of the slope that is half of its range at the
threshold.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import erf, expit

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_number

__all__ = [
    "ArcTanSurrogate",
    "ExponentialSurrogate",
    "FastSigmoidSurrogate",
    "GaussianSurrogate",
    "SigmoidSurrogate",
    "Surrogate",
    "TriangularSurrogate",
    "surrogate_from_config",
]


@dataclass(frozen=True)
class Surrogate(ABC):
    """Base class; subclasses are frozen dataclasses, and provide `slope` and `smoothed`.

    A model with a surrogate of your own loads with ``keras.saving.load_model(file,
    custom_objects={"Mine": Mine})``, or after ``keras.saving.register_keras_serializable``.
    """

    def __post_init__(self):
        for name, value in asdict(self).items():
            checked = check_number(f"{type(self).__name__}.{name}", value, above=0)
            object.__setattr__(self, name, checked)

    @abstractmethod
    def slope(self, u: Any, xp: Any = np) -> Any:
        """Slope at a distance from the threshold.

        Parameters
        ----------
        u : (...) array
            Voltage minus threshold.
        xp : namespace, optional
            Provides ``abs``, ``exp``, ``maximum``, ``square`` and ``tanh``, as NumPy and
            `keras.ops` do.

        Returns
        -------
        slope : (...) array
        """

    @abstractmethod
    def smoothed(self, u: np.ndarray) -> np.ndarray:
        """Spike whose derivative is the slope.

        Parameters
        ----------
        u : (...) array_like
            Voltage minus threshold.

        Returns
        -------
        spike : (...) ndarray
            0 far below the threshold.
        """

    def get_config(self) -> dict:
        """Return the name of the class and its parameters, ready for JSON."""
        return {"kind": type(self).__name__, **asdict(self)}


@dataclass(frozen=True)
class ExponentialSurrogate(Surrogate):
    r"""Slope :math:`e^{-k |u|}` (Bondarev, eq. 13, with k = 1).

    Parameters
    ----------
    steepness : float
        k, in 1 / voltage (> 0).

    Examples
    --------
    >>> float(ExponentialSurrogate().slope(0.0))
    1.0
    """

    steepness: float = 1.0

    def slope(self, u, xp=np):
        """Slope at a distance from the threshold, see `Surrogate.slope`."""
        return xp.exp(-self.steepness * xp.abs(u))

    def smoothed(self, u):
        """Spike whose derivative is the slope, see `Surrogate.smoothed`."""
        half = np.exp(-self.steepness * np.abs(u))
        return np.where(np.less(u, 0), half, 2 - half) / self.steepness


@dataclass(frozen=True)
class GaussianSurrogate(Surrogate):
    r"""Slope :math:`k e^{-k^2 u^2} / \sqrt{\pi}`, the density of a normal distribution.

    Parameters
    ----------
    steepness : float
        k, in 1 / voltage (> 0); the default has a variance of 0.15.

    References
    ----------
    .. [1] Rezaabad & Vishwanath (2020), "Long short-term memory spiking networks and their
       applications".

    Examples
    --------
    >>> round(float(GaussianSurrogate(2).slope(0.0)), 3)
    1.128
    """

    steepness: float = 1 / math.sqrt(0.3)

    def slope(self, u, xp=np):
        """Slope at a distance from the threshold, see `Surrogate.slope`."""
        height = self.steepness / math.sqrt(math.pi)
        return height * xp.exp(-xp.square(self.steepness * u))

    def smoothed(self, u):
        """Spike whose derivative is the slope, see `Surrogate.smoothed`."""
        return erf(self.steepness * np.asarray(u, dtype=float)) / 2 + 0.5


@dataclass(frozen=True)
class FastSigmoidSurrogate(Surrogate):
    r"""Slope :math:`1 / (1 + k |u|)^2` of a fast sigmoid.

    Parameters
    ----------
    steepness : float
        k, in 1 / voltage (> 0).

    References
    ----------
    .. [1] Zenke & Ganguli (2018), "SuperSpike: Supervised learning in multilayer spiking neural
       networks".

    Examples
    --------
    >>> float(FastSigmoidSurrogate(1).slope(1.0))
    0.25
    """

    steepness: float = 25.0

    def slope(self, u, xp=np):
        """Slope at a distance from the threshold, see `Surrogate.slope`."""
        return 1 / xp.square(1 + self.steepness * xp.abs(u))

    def smoothed(self, u):
        """Spike whose derivative is the slope, see `Surrogate.smoothed`."""
        u = np.asarray(u, dtype=float)
        return u / (1 + self.steepness * np.abs(u)) + 1 / self.steepness


@dataclass(frozen=True)
class ArcTanSurrogate(Surrogate):
    r"""Slope :math:`k / 2 / (1 + (\pi k u / 2)^2)` of an arc tangent.

    Parameters
    ----------
    steepness : float
        k, in 1 / voltage (> 0).

    References
    ----------
    .. [1] Fang et al. (2021), "Incorporating learnable membrane time constant to enhance learning
       of spiking neural networks".

    Examples
    --------
    >>> float(ArcTanSurrogate(2).slope(0.0))
    1.0
    """

    steepness: float = 2.0

    def slope(self, u, xp=np):
        """Slope at a distance from the threshold, see `Surrogate.slope`."""
        return (self.steepness / 2) / (1 + xp.square((math.pi / 2 * self.steepness) * u))

    def smoothed(self, u):
        """Spike whose derivative is the slope, see `Surrogate.smoothed`."""
        u = np.asarray(u, dtype=float)
        return np.arctan(math.pi / 2 * self.steepness * u) / math.pi + 0.5


@dataclass(frozen=True)
class TriangularSurrogate(Surrogate):
    r"""Slope :math:`\gamma \max(0, 1 - |u| / w)`, zero far from the threshold.

    Parameters
    ----------
    height : float
        :math:`\gamma`, largest slope (> 0); below 1 it dampens gradients through many steps.
    width : float
        w, distance from which on the slope is zero (> 0), usually the threshold.

    References
    ----------
    .. [1] Bellec et al. (2018), "Long short-term memory and learning-to-learn in networks of
       spiking neurons".

    Examples
    --------
    >>> float(TriangularSurrogate().slope(0.5)), float(TriangularSurrogate().slope(-2.0))
    (0.15, 0.0)
    """

    height: float = 0.3
    width: float = 1.0

    def slope(self, u, xp=np):
        """Slope at a distance from the threshold, see `Surrogate.slope`."""
        return self.height * xp.maximum(1 - xp.abs(u) * (1 / self.width), 0.0)

    def smoothed(self, u):
        """Spike whose derivative is the slope, see `Surrogate.smoothed`."""
        x = np.clip(np.asarray(u, dtype=float) / self.width, -1, 1)
        return self.height * self.width * (x - x * np.abs(x) / 2 + 0.5)


@dataclass(frozen=True)
class SigmoidSurrogate(Surrogate):
    r"""Slope of a logistic function, :math:`k\, \sigma(k u) (1 - \sigma(k u))`.

    Parameters
    ----------
    steepness : float
        k, in 1 / voltage (> 0).

    References
    ----------
    .. [1] Neftci, Mostafa & Zenke (2019), "Surrogate gradient learning in spiking neural
       networks".

    Examples
    --------
    >>> float(SigmoidSurrogate(4).slope(0.0))
    1.0
    """

    steepness: float = 4.0

    def slope(self, u, xp=np):
        """Slope at a distance from the threshold, see `Surrogate.slope`."""
        # the logistic function is a hyperbolic tangent
        return (self.steepness / 4) * (1 - xp.square(xp.tanh((self.steepness / 2) * u)))

    def smoothed(self, u):
        """Spike whose derivative is the slope, see `Surrogate.smoothed`."""
        return expit(self.steepness * np.asarray(u, dtype=float))


_KINDS = {
    cls.__name__: cls
    for cls in (
        ArcTanSurrogate,
        ExponentialSurrogate,
        FastSigmoidSurrogate,
        GaussianSurrogate,
        SigmoidSurrogate,
        TriangularSurrogate,
    )
}


def surrogate_from_config(
    config: dict, others: Mapping[str, type[Surrogate]] | None = None
) -> Surrogate:
    """Make a surrogate from what `Surrogate.get_config` returned.

    Parameters
    ----------
    config : dict
    others : mapping of str to type, optional
        Classes by "kind", besides those of this module.

    Returns
    -------
    surrogate : Surrogate

    Raises
    ------
    ParameterError
        If the configuration is of no surrogate.

    Examples
    --------
    >>> surrogate_from_config({"kind": "ArcTanSurrogate", "steepness": 2})
    ArcTanSurrogate(steepness=2.0)
    """
    parameters = dict(config)
    kinds = {**_KINDS, **(others or {})}
    kind = parameters.pop("kind", None)
    if kind not in kinds:
        raise ParameterError(
            f"surrogate kind must be one of {', '.join(kinds)} (got {kind!r}); give a class of "
            "your own to keras.saving.load_model in custom_objects"
        )
    try:
        return kinds[kind](**parameters)
    except TypeError as error:
        raise ParameterError(f"surrogate: {kind} has no such parameter ({error})") from error
