"""Models of Keras 3 in `nengo_dl.Converter`, and our layers as ensembles."""

from __future__ import annotations

import collections.abc
from collections.abc import Iterator
from typing import Any

import nengo_dl
from nengo_dl.converter import LayerConverter

from nengo_softlif.layers import LinearResetLIF, SoftLIF
from nengo_softlif.nengodl.keras3.layers import Translation, layer_class
from nengo_softlif.neurons import LinearResetLIFRate, SoftLIFRate

__all__ = ["ConvertRateLayer", "TranslatedKeys", "register"]


class TranslatedKeys(collections.abc.Mapping):
    """Nengo objects by layers or tensors, of Keras 3 as well as of Keras 2.

    Parameters
    ----------
    objects : Mapping
        Nengo objects by layers or tensors of Keras 2.
    translation : Translation
    """

    def __init__(self, objects: collections.abc.Mapping, translation: Translation):
        self._objects = objects
        self._translation = translation

    def __getitem__(self, key: Any) -> Any:
        return self._objects[self._translation.key(key)]

    def __iter__(self) -> Iterator:
        return iter(self._objects)

    def __len__(self) -> int:
        return len(self._objects)


class ConvertRateLayer(LayerConverter):
    """Converts our activation layers to ensembles of the rate neurons with their curve."""

    _PARAMETERS = {
        SoftLIF: (SoftLIFRate, ("tau_rc", "tau_ref", "amplitude", "sigma", "noise")),
        LinearResetLIF: (LinearResetLIFRate, ("tau_rc", "leak", "amplitude", "sigma", "noise")),
    }

    def convert(self, node_id: int) -> Any:
        """Return the neurons, connected to the input of the layer."""
        layer = self.layer.adapted
        neuron_type, names = self._PARAMETERS[type(layer)]
        neurons = neuron_type(**{name: getattr(layer, name) for name in names})
        output = self.add_nengo_obj(node_id, activation=neurons)
        self.add_connection(node_id, output)
        return output

    @classmethod
    def convertible(cls, layer: Any, converter: nengo_dl.Converter) -> tuple[bool, str | None]:
        """Return whether the layer can be converted, and the reason against."""
        if layer.adapted.rate_regularizer is not None and not converter.inference_only:
            return False, (
                f"Layer {layer.name} has a rate_regularizer, which has no counterpart in Nengo; "
                "give a probe of the neurons a loss instead"
            )
        if getattr(layer.adapted, "inhibition", None) is not None:
            return False, (
                f"Layer {layer.name} has inhibition, which nengo_dl.Converter has no connection "
                "for; call nengo_softlif.convert(model), and run its network in nengo_dl.Simulator"
            )
        return super().convertible(layer, converter)


def register() -> None:
    """Have `nengo_dl.Converter` convert our activation layers. May be called again."""
    for cls in (SoftLIF, LinearResetLIF):
        nengo_dl.Converter.converters[layer_class(cls)] = ConvertRateLayer
