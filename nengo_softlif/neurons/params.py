"""Parameters that several neuron types share."""

from __future__ import annotations

from nengo.params import Parameter

from nengo_softlif.noise import GaussianNoise


class NoiseParam(Parameter):
    """Training noise of a neuron type, or ``None``."""

    equatable = True

    def coerce(self, instance, noise):
        """Accept a noise description, name the choices otherwise."""
        self.check_type(instance, noise, GaussianNoise)
        return super().coerce(instance, noise)

    def hashvalue(self, instance):
        """Hash by value: equal noise makes equal neuron types."""
        return hash((self.name, self.__get__(instance, type(instance))))
