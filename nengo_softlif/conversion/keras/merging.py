"""Layers with several inputs."""

from __future__ import annotations

import numpy as np

from nengo_softlif.conversion.graph import Concatenate, Sum
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer

__all__ = ["PARSERS"]


def _sum_with(weights_of_n):
    def parse(source):
        if len(source.inputs) < 2:
            raise UnsupportedLayer(
                "it combines a layer with a constant; put the constant into the bias of the "
                "layer before it"
            )
        for shape in source.input_shapes:
            if tuple(shape) != tuple(source.output_shape):
                raise UnsupportedLayer(
                    f"inputs of the shapes {source.input_shapes} would be broadcast; give them "
                    "one shape"
                )
        weights = tuple(weights_of_n(len(source.inputs)))
        return source.add(
            Sum(source.name, tuple(source.inputs), source.output_shape, weights=weights)
        )

    return parse


def _concatenate(source):
    axis = source.config.get("axis", -1)
    n_dims = len(source.output_shape)
    axis = axis + n_dims if axis < 0 else axis - 1  # without the batch
    places = np.arange(np.prod(source.output_shape)).reshape(source.output_shape)
    ends = np.cumsum([shape[axis] for shape in source.input_shapes])
    targets = tuple(part.ravel() for part in np.split(places, ends[:-1], axis=axis))
    return source.add(
        Concatenate(source.name, tuple(source.inputs), source.output_shape, targets=targets)
    )


PARSERS = {
    "Add": _sum_with(lambda n: [1.0] * n),
    "Average": _sum_with(lambda n: [1.0 / n] * n),
    "Concatenate": _concatenate,
    "Subtract": _sum_with(lambda n: [1.0, -1.0]),
}
