"""Data that come as streams: `tf.data`, `keras.utils.PyDataset`, generators and iterators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Any

import numpy as np

from nengo_softlif.errors import DatasetError
from nengo_softlif.networks.samples import shape_of

__all__ = ["blocks", "is_stream"]

_SINGLES = 256  # samples that come one by one and are run together

Shapes = Mapping[str, "tuple[int, ...]"]


def is_stream(x: Any) -> bool:
    """Whether data come as a stream."""
    return _elements(x) is not None


def blocks(
    input_shapes: Shapes, x: Any, y: Any = None, *, has_labels: bool = True
) -> Iterator[tuple[Any, Any]]:
    """Split data into blocks of samples with their labels.

    Parameters
    ----------
    input_shapes : dict of str to tuple of int
        Shape of a sample, for every input of the network.
    x : array_like, dict or list of those, or a stream
        A `tf.data.Dataset`, a `keras.utils.PyDataset`, a generator or another iterator is a
        stream: of samples or of batches, each alone or in a pair with its labels. A stream is read
        once, block by block. Anything else is a single block.
    y : array_like, optional
        Labels of all samples, if they don't come with them.
    has_labels : bool
        Whether labels are wanted. If not, labels that come with the samples are left out.

    Yields
    ------
    x, y
        A block of samples, and its labels or None.

    Raises
    ------
    DatasetError
        If the parts of a stream have no labels, or two kinds of them, or their shape is not that
        of a sample or a batch.

    Examples
    --------
    >>> stream = ((np.ones(2), label) for label in (0, 1, 1))
    >>> [(x.shape, y.tolist()) for x, y in blocks({"x": (2,)}, stream)]
    [((3, 2), [0, 1, 1])]
    """
    elements = _elements(x)
    if elements is None:
        yield x, y
        return
    n_done = 0
    n_labels = _n_labels(y)
    with_labels = has_labels and y is None
    beside = has_labels and y is not None
    for part, labels in _batches(input_shapes, elements, has_labels=with_labels, beside=beside):
        n = _length(input_shapes, part)
        if y is not None:
            labels = _part(y, n_done, n)
            if n_labels < n_done + n:
                raise DatasetError(
                    f"there must be one label for each sample of the stream (got {n_labels} "
                    f"labels, and at least {n_done + n} samples)"
                )
        n_done += n
        yield part, labels
    if n_done == 0:
        raise DatasetError("the stream has no samples; a generator can be read only once")
    if y is not None and n_labels > n_done:
        raise DatasetError(
            f"there must be one label for each sample of the stream (got {n_labels} labels, and "
            f"{n_done} samples)"
        )


def _n_labels(y: Any) -> int:
    if not isinstance(y, Mapping):
        return 0 if y is None else len(y)
    found = {name: len(labels) for name, labels in y.items()}
    if len(set(found.values())) > 1:
        raise DatasetError(f"the outputs have different numbers of labels: {found}")
    return next(iter(found.values()), 0)


def _part(y: Any, start: int, n: int) -> Any:
    """Labels of some samples, by output or not."""
    if isinstance(y, Mapping):
        return {name: np.asarray(labels)[start : start + n] for name, labels in y.items()}
    return np.asarray(y)[start : start + n]


def _elements(x: Any) -> Iterator[Any] | None:
    """Elements of a stream; None for data that are there as a whole."""
    if hasattr(x, "as_numpy_iterator"):  # tf.data.Dataset
        return x.as_numpy_iterator()
    if any(cls.__name__ == "PyDataset" for cls in type(x).__mro__):
        try:
            n_batches = x.num_batches
        except TypeError:  # of len
            n_batches = None
        if n_batches is None:
            raise DatasetError(
                "the PyDataset must have a number of batches (got num_batches of None, without "
                "end); return it from num_batches"
            )
        return (x[i] for i in range(n_batches))
    if isinstance(x, Iterator):
        return x
    is_data = isinstance(x, (Mapping, Sequence, Set)) or hasattr(x, "shape")
    if isinstance(x, Iterable) and not is_data and not hasattr(x, "__array__"):
        return iter(x)  # such as a loader of PyTorch
    return None


def _batches(
    shapes: Shapes, elements: Iterator[Any], *, has_labels: bool, beside: bool
) -> Iterator[tuple[Any, Any]]:
    """Batches of a stream of batches; samples that come one by one are put together."""
    pairs = (_pair(shapes, element, has_labels, beside) for element in elements)
    n_done = 0
    for pair in pairs:
        if not _is_single(shapes, pair[0]):
            n_done += _length(shapes, pair[0])
            yield pair
            continue
        singles = [pair, *islice(pairs, _SINGLES - 1)]
        labels = _stacked([label for _, label in singles], n_done) if has_labels else None
        samples = _stacked([sample for sample, _ in singles], n_done)
        n_done += len(singles)
        yield samples, labels


def _pair(shapes: Shapes, element: Any, has_labels: bool, beside: bool) -> tuple[Any, Any]:
    """Samples, and their labels if these come with them; ``beside``: they are given as y."""
    if isinstance(element, tuple) and len(element) == 1:
        (element,) = element  # samples alone, as Keras has it
    if not has_labels:
        # as Keras, which takes a tuple for samples, labels, and perhaps weights
        several = isinstance(element, tuple) and isinstance(element[0], (tuple, list, Mapping))
        is_pair = (
            isinstance(element, tuple) and len(element) in (2, 3) and (len(shapes) == 1 or several)
        )
        if is_pair and beside:
            raise DatasetError("labels must come with the stream or as y (got both); leave y out")
        return (element[0] if is_pair else element), None
    if isinstance(element, tuple) and len(element) == 2:
        return element
    if isinstance(element, tuple) and len(element) == 3:
        raise DatasetError(
            "elements of the stream must be pairs (samples, labels) (got three parts, the last of "
            "which Keras takes for sample weights); weights are not supported, so map the stream "
            "to pairs, as in stream.map(lambda x, y, weights: (x, y))"
        )
    what = f"a tuple of {len(element)}" if isinstance(element, tuple) else type(element).__name__
    raise DatasetError(
        f"elements of the stream must be pairs (samples, labels) (got {what}); pass the labels as y"
    )


def _arrays(shapes: Shapes, part: Any) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Shape of each array of an element, and of a sample."""
    if isinstance(part, Mapping):
        return [(shape_of(part[name]), shape) for name, shape in shapes.items() if name in part]
    parts = [part] if len(shapes) == 1 else list(part)
    return [(shape_of(p), shape) for p, shape in zip(parts, shapes.values(), strict=False)]


def _is_single(shapes: Shapes, part: Any) -> bool:
    arrays = _arrays(shapes, part)  # none, if it is of other names than the inputs have
    return bool(arrays) and all(found == tuple(shape) for found, shape in arrays)


def _length(shapes: Shapes, part: Any) -> int:
    found = _arrays(shapes, part)
    return found[0][0][0] if found and found[0][0] else 0


def _stacked(samples: list[Any], first: int) -> Any:
    """Samples, or labels, that came one by one as arrays; the ``first`` has this number."""
    expected = _form(samples[0])
    for i, sample in enumerate(samples):
        if (form := _form(sample)) != expected:
            raise DatasetError(
                f"all elements of the stream must have one form (got {expected} for "
                f"sample {first}, and {form} for sample {first + i}); give all inputs each time, "
                "in the same way"
            )
    if isinstance(samples[0], Mapping):
        return {name: _array([sample[name] for sample in samples], first) for name in samples[0]}
    if isinstance(samples[0], (tuple, list)):
        return [_array(list(arrays), first) for arrays in zip(*samples, strict=True)]
    return _array(samples, first)


def _form(sample: Any) -> str:
    if isinstance(sample, Mapping):
        return f"a dict of {', '.join(sorted(map(str, sample)))}"
    return f"a list of {len(sample)}" if isinstance(sample, (tuple, list)) else "one array"


def _array(values: list[Any], first: int) -> np.ndarray:
    shapes = [shape_of(value) for value in values]
    for i, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise DatasetError(
                f"elements of the stream must have one shape (got {shapes[0]} for sample {first}, "
                f"and {shape} for sample {first + i}); give samples of different lengths as "
                "batches, each a list of arrays"
            )
    return np.stack(values)
