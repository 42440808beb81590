"""Data for a network: checked, and item by item."""

from __future__ import annotations

import numpy as np

from nengo_softlif.errors import DatasetError

__all__ = ["as_items", "checked_arrays"]


def checked_arrays(input_shapes, data):
    """Check data against the inputs of a network.

    Parameters
    ----------
    input_shapes : dict of str to tuple of int
        Shape of an item, for every input of the network.
    data : array_like, or list or dict of array_like
        As the Keras model takes them: one array for one input; a list in the order of the
        inputs or a dict by their names for several.

    Returns
    -------
    arrays : dict of str to (n_items, size) ndarray
        Float, one row an item.

    Raises
    ------
    DatasetError
        Naming the input, the shape it needs and the one it got.
    """
    names = list(input_shapes)
    if isinstance(data, dict):
        by_name = data
    elif len(names) == 1:
        by_name = {names[0]: _unlisted(data)}
    else:
        data = list(data)
        if len(data) != len(names):
            raise DatasetError(
                f"the network takes {len(names)} inputs, {', '.join(names)}; data came for "
                f"{len(data)}: pass one array for each"
            )
        by_name = dict(zip(names, data, strict=True))
    if set(by_name) != set(names):
        raise DatasetError(
            f"the network takes {', '.join(names)}; data came for "
            f"{', '.join(map(str, by_name)) or 'nothing'}"
        )
    arrays = {name: _checked(name, shape, by_name[name]) for name, shape in input_shapes.items()}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise DatasetError(f"the inputs have different numbers of items: {lengths}")
    return arrays


def _unlisted(data):
    """The array of a list with one array, which Keras takes for a single input as well."""
    is_list = isinstance(data, (list, tuple)) and len(data) == 1
    return data[0] if is_list and isinstance(data[0], np.ndarray) and data[0].ndim > 1 else data


def _checked(name, shape, values):
    values = np.asarray(values)
    if values.dtype.kind not in "fiub":
        raise DatasetError(f"{name}: values must be numbers (got dtype {values.dtype})")
    if values.ndim == 0 or len(values) == 0:
        raise DatasetError(f"{name}: there are no items (got shape {values.shape})")
    if values.shape[1:] != tuple(shape):
        hint = ""
        if int(np.prod(values.shape[1:])) == int(np.prod(shape)):
            hint = f"; reshape them with x.reshape(-1, {', '.join(map(str, shape))})"
        elif values.shape == tuple(shape):
            hint = "; put a single item into a batch with x[np.newaxis]"
        raise DatasetError(
            f"{name}: items must have shape {tuple(shape)} (got {values.shape[1:]}){hint}"
        )
    # never the whole data set as floats at once: items are converted as they are presented
    values = values.reshape(len(values), -1)
    if values.dtype.kind == "f":
        bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if len(bad):
            raise DatasetError(
                f"{name}: {len(bad)} of {len(values)} items have NaN or infinite values, the "
                f"first is item {bad[0]}"
            )
    return values


def as_items(arrays):
    """List data item by item.

    Parameters
    ----------
    arrays : dict of str to (n_items, size) ndarray
        From `checked_arrays`.

    Returns
    -------
    items : list of dict of str to (size,) ndarray
    """
    n_items = len(next(iter(arrays.values())))
    return [{name: array[i] for name, array in arrays.items()} for i in range(n_items)]
