"""Parameters that several neuron types share."""

from __future__ import annotations

import math

import numpy as np
from nengo.exceptions import ValidationError
from nengo.params import NumberParam, Parameter

from nengo_softlif.functional.noise import FilteredSpikeNoise, GaussianRateNoise

__all__ = ["FiniteParam", "FloorParam", "NoiseParam"]


class FiniteParam(NumberParam):
    """A number that is neither NaN nor infinite."""

    rule = "must be a finite number"

    def coerce(self, instance, num):
        """Accept a finite number within the limits, say what it must be otherwise."""
        scalar = num.item() if isinstance(num, np.ndarray) and num.shape == () else num
        if isinstance(scalar, (float, np.floating)) and not self.allows(scalar):
            raise ValidationError(f"Value {self.rule} (got {scalar})", attr=self.name, obj=instance)
        return super().coerce(instance, num)

    def allows(self, number):
        """Return whether a float may be the value, whatever the limits."""
        return math.isfinite(number)


class FloorParam(FiniteParam):
    """A number that may be infinite, where that stands for no limit, but not NaN."""

    rule = "must be a number"

    def allows(self, number):
        """Return whether a float may be the value, whatever the limits."""
        return not math.isnan(number)


class NoiseParam(Parameter):
    """Training noise of a neuron type, or ``None``."""

    equatable = True

    def coerce(self, instance, noise):
        """Accept a noise description, name the choices otherwise."""
        self.check_type(instance, noise, (GaussianRateNoise, FilteredSpikeNoise))
        return super().coerce(instance, noise)

    def hashvalue(self, instance):
        """Hash by value: equal noise makes equal neuron types."""
        return hash((self.name, self.__get__(instance, type(instance))))
