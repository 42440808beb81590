"""Layers that move elements, and layers that do nothing when a network runs."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from nengo_softlif.conversion.keras.linear import add_matrix
from nengo_softlif.conversion.keras.probing import probe
from nengo_softlif.conversion.keras.unsupported import UnsupportedLayer
from nengo_softlif.functional.linear import IndexMap, to_matrix

__all__ = ["KEEPS_ORDER", "PARSERS"]


def _vanish(source):
    return source.input


def _permute(source):
    dims = [d - 1 for d in source.config["dims"]]
    moved = np.arange(np.prod(source.input_shape)).reshape(source.input_shape).transpose(dims)
    return _take(source, moved)


def _crop(source):
    return _take(source, _inside(source.input_shape, source.config["cropping"]))


def _pad(source):
    if source.config.get("padding") is None:
        raise UnsupportedLayer("its padding is unknown")
    inside = _inside(source.output_shape, source.config["padding"])
    index_map = IndexMap(inside.ravel(), int(np.prod(source.output_shape)))
    return add_matrix(source, to_matrix(index_map))


def _inside(shape, margins):
    """Flat indices of what is within margins of an array."""
    n_space = len(shape) - 1
    if isinstance(margins, int):
        margins = [(margins, margins)] * n_space
    elif isinstance(margins[0], int) and n_space == 1:
        margins = [tuple(margins)]
    slices = tuple(slice(a, n - b) for (a, b), n in zip(margins, shape, strict=False))
    return np.arange(np.prod(shape)).reshape(shape)[slices]


def _upsample(source):
    if source.config.get("interpolation", "nearest") != "nearest":
        return _channel_by_channel(source)
    size = source.config["size"]
    indices = np.arange(np.prod(source.input_shape)).reshape(source.input_shape)
    for axis, factor in enumerate((size,) if isinstance(size, int) else size):
        indices = np.repeat(indices, factor, axis=axis)
    return _take(source, indices)


def _repeat(source):
    indices = np.arange(np.prod(source.input_shape))
    return _take(source, np.tile(indices, (source.config["n"], 1)))


def _take(source, indices):
    """The result's elements are those of the input at ``indices``."""
    indices = indices.ravel()
    matrix = scipy.sparse.coo_matrix(
        (np.ones(len(indices)), (np.arange(len(indices)), indices)),
        shape=(len(indices), int(np.prod(source.input_shape))),
    )
    return add_matrix(source, matrix)


def _channel_by_channel(source):
    """Read what a layer does to images of one channel, which is the same for all."""
    *space, n_channels = source.input_shape
    *space_after, _ = source.output_shape
    channel = 1 if getattr(source.layer, "data_format", None) == "channels_first" else -1

    def function(x):
        return np.squeeze(np.asarray(source.layer(np.expand_dims(x, channel))), channel)

    matrix, constant = probe(function, tuple(space), tuple(space_after))
    matrix = scipy.sparse.kron(matrix, scipy.sparse.identity(n_channels))
    return add_matrix(source, matrix, np.repeat(constant, n_channels) if constant.any() else None)


def _masking(source):
    value = source.config.get("mask_value", 0.0)
    if value != 0:
        raise UnsupportedLayer(
            f"it sets time steps whose elements are all {value:g} to 0, which depends on the data; "
            "put zeros there yourself and use mask_value=0, which changes nothing"
        )
    source.notes.append("masking dropped: time steps of zeros are zeros without it")
    return source.input


# The elements of the result are those of the input, in their order.
KEEPS_ORDER = (
    "Flatten",
    "Reshape",
    # act in training only
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    # image augmentation
    "RandomBrightness",
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "Identity",
)

PARSERS = {
    **dict.fromkeys(KEEPS_ORDER, _vanish),
    **dict.fromkeys(("CenterCrop", "Resizing"), _channel_by_channel),
    "Masking": _masking,
    "Permute": _permute,
    "RepeatVector": _repeat,
}
for _n in (1, 2, 3):
    PARSERS[f"Cropping{_n}D"] = _crop
    PARSERS[f"UpSampling{_n}D"] = _upsample
    PARSERS[f"ZeroPadding{_n}D"] = _pad
