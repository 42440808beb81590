"""Samples for a network of any input, from a data set by name or from an npz file."""

from __future__ import annotations

__all__ = ["read_samples"]


def read_samples(data, keys, input_shapes):
    """Read samples for a network with one input, and perhaps their labels or targets.

    Parameters
    ----------
    data : str
        Name of a data set, or path of an npz file.
    keys : sequence of str
        Names of the arrays, samples first.
    input_shapes : dict of str to tuple of int
        Of the network. Images of integers become fractions from 0 to 1; everything else stays as
        it is, for `nengo_softlif.evaluate` to check.

    Returns
    -------
    arrays : list of ndarray

    Raises
    ------
    DatasetError
        If the network has several inputs, or `nengo_softlif.datasets` can't read the data.
    """
    from nengo_softlif import datasets
    from nengo_softlif.datasets.arrays import read_arrays
    from nengo_softlif.datasets.images import as_images, file_of
    from nengo_softlif.errors import DatasetError

    if len(input_shapes) > 1:
        raise DatasetError(
            f"commands take networks with one input (got {', '.join(input_shapes)}); run this one "
            "in Python, with nengo_softlif.evaluate"
        )
    shape = tuple(next(iter(input_shapes.values())))
    if data in datasets.names():
        whole = datasets.load(data, test_only=all(key.endswith("test") for key in keys))
        return [getattr(whole, key) for key in keys]
    path = file_of(data, keys)
    found = read_arrays(path, keys)
    if single := [key for key in keys if found[key].ndim == 0]:
        raise DatasetError(
            f"{path}: {' and '.join(single)} must hold one entry for each sample (got a single "
            "value)"
        )
    samples, *others = (found[key] for key in keys)
    if samples.dtype.kind in "iu" and _are_images(samples.shape[1:], shape):
        samples = as_images(samples, path.stem, keys[0])
    elif (*samples.shape[1:], 1) == shape:  # grey images without channels
        samples = samples[..., None]
    return [samples, *others]


def _are_images(found, shape):
    """Whether samples are grey or colour images, as the network takes them."""
    return len(shape) == 3 and shape[-1] in (1, 3) and found in (shape, (*shape, 1)[:2])
