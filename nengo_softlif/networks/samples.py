"""Samples for a network: checked against its inputs, and taken batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nengo_softlif.errors import DatasetError
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import check_array_like, check_real
from nengo_softlif.validation.arrays import is_sparse

__all__ = ["Samples", "checked_samples", "one_by_one", "shape_of"]

_CHUNK_BYTES = 2**25  # of values that are looked at at a time, so that a file stays a file


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Samples(OneLineRepr):
    """Data that fit the inputs of a network; see `Samples.check`.

    Parameters
    ----------
    arrays : dict of str to (n_samples, size) or (n_samples, n_steps, size) ndarray
        By input; a tuple of (n_steps, size) ndarray if samples have different numbers of time
        steps. They are neither copied nor converted before they are presented.
    ranges : dict of str to (float, float)
        Smallest and largest value of each input.
    n_steps : (n_samples,) ndarray of int, or None
        Time steps of each sample, if inputs vary in time; None if all are constant.
    """

    arrays: dict[str, np.ndarray | tuple[np.ndarray, ...]]
    ranges: dict[str, tuple[float, float]]
    n_steps: np.ndarray | None = None

    @classmethod
    def check(
        cls, input_shapes: Mapping[str, tuple[int, ...]], data: Any, *, first: int = 0
    ) -> Samples:
        """Check data against the inputs of a network.

        Parameters
        ----------
        input_shapes : dict of str to tuple of int
            Shape of a sample, for every input of the network.
        data : array_like, or list or dict of array_like
            As the Keras model takes them: one array for one input; a list in the order of the
            inputs or a dict by their names for several. An array has the shape
            ``(n_samples, *shape)``, or ``(n_samples, n_steps, *shape)`` if its values change in
            every time step. NumPy arrays of any real type, memory maps, lists, pandas objects and
            tensors will do. Samples with different numbers of time steps are a list of arrays of
            the shapes ``(n_steps, *shape)``. For one input, a list with a single array is that
            array, as for Keras; name the input to pass a list with a single sample.
        first : int
            Number of the first sample, in a stream, by which errors name it.

        Returns
        -------
        samples : Samples

        Raises
        ------
        DatasetError
            Naming the input, the shape that it needs and the one that came.

        Examples
        --------
        >>> Samples.check({"x": (2,)}, [np.ones((5, 2)), np.ones((3, 2))]).n_steps
        array([5, 3])
        """
        given = _by_name(list(input_shapes), input_shapes, data)
        arrays, ranges, steps = {}, {}, {}
        for name, shape in input_shapes.items():
            array, n_steps = _shaped(name, tuple(shape), given[name], first)
            arrays[name], ranges[name] = array, _range(name, array, first)
            if n_steps is not None:
                steps[name] = n_steps
        lengths = {name: len(array) for name, array in arrays.items()}
        if len(set(lengths.values())) > 1:
            raise DatasetError(f"the inputs have different numbers of samples: {lengths}")
        n_steps = next(iter(steps.values()), None)
        for i in np.flatnonzero(np.any([found != n_steps for found in steps.values()], axis=0)):
            found = {name: int(of_samples[i]) for name, of_samples in steps.items()}
            raise DatasetError(
                f"the inputs of sample {first + i} have different numbers of time steps: {found}"
            )
        return cls(arrays=arrays, ranges=ranges, n_steps=n_steps)

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    @property
    def time_varying(self) -> tuple[str, ...]:
        """Names of the inputs with values for each time step."""
        return tuple(
            name
            for name, array in self.arrays.items()
            if isinstance(array, tuple) or array.ndim == 3
        )

    def batches(
        self, size: int, n_steps: np.ndarray
    ) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Go through the samples, those that are shown for the same time together.

        Parameters
        ----------
        size : int
            Samples in a batch at most.
        n_steps : (n_samples,) ndarray of int
            Time steps for which each sample is shown. Short presentations come first.

        Yields
        ------
        indices : (n,) ndarray of int
        batch : dict of str to ndarray
        """
        order = np.argsort(n_steps, kind="stable")
        for equal in np.split(order, 1 + np.flatnonzero(np.diff(n_steps[order]))):
            for start in range(0, len(equal), size):
                indices = equal[start : start + size]
                yield indices, {name: _taken(array, indices) for name, array in self.arrays.items()}


def checked_samples(input_shapes: Mapping[str, tuple[int, ...]], data: Any) -> Samples:
    """Check data that are constant in time against the inputs of a network.

    Parameters
    ----------
    input_shapes, data
        As for `Samples.check`.

    Returns
    -------
    samples : Samples

    Raises
    ------
    DatasetError
        As `Samples.check`, and if values change over time.
    """
    samples = Samples.check(input_shapes, data)
    if samples.n_steps is not None:
        raise DatasetError(
            f"{', '.join(samples.time_varying)}: samples must be constant in time here, with the "
            f"shape (n_samples, *shape) (got up to {samples.n_steps.max()} time steps); take one "
            "step of them"
        )
    return samples


def one_by_one(arrays: Mapping[str, Any]) -> list[dict[str, np.ndarray]]:
    """List data sample by sample.

    Parameters
    ----------
    arrays : dict of str to (n_samples, size) ndarray
        Of `checked_samples`.

    Returns
    -------
    samples : list of dict of str to (size,) ndarray
    """
    n_samples = len(next(iter(arrays.values())))
    return [{name: array[i] for name, array in arrays.items()} for i in range(n_samples)]


def shape_of(values: Any) -> tuple[int, ...]:
    """Shape of an array_like; (n, -1) of a list of n arrays of different shapes.

    Examples
    --------
    >>> shape_of([[1, 2, 3], [4, 5, 6]]), shape_of([[1, 2, 3], [4, 5]])
    ((2, 3), (2, -1))
    """
    if is_sparse(values):
        return tuple(values.shape)
    try:
        return tuple(np.shape(values))
    except ValueError:
        return len(values), -1


def _taken(array: np.ndarray | tuple[np.ndarray, ...], indices: np.ndarray) -> np.ndarray:
    """Samples of a batch, which have equal numbers of time steps."""
    if isinstance(array, tuple):
        return np.stack([array[i] for i in indices])
    first, last = indices[0], indices[-1]
    is_slice = last - first == len(indices) - 1  # they are in ascending order
    return array[first : last + 1] if is_slice else array[indices]


def _by_name(
    names: list[str], shapes: Mapping[str, tuple[int, ...]], data: Any
) -> Mapping[str, Any]:
    if isinstance(data, Mapping):
        by_name = data
    elif len(names) == 1:
        # Keras takes a list of the one array, too; a list of samples has no batch axis inside
        is_list = isinstance(data, (list, tuple)) and len(data) == 1
        shape = tuple(shapes[names[0]])
        found = shape_of(data[0]) if is_list else ()
        varies = len(found) == len(shape) + 2 and found[2:] == shape
        inside = found[1:] in (shape, (-1,)) or varies
        by_name = {names[0]: data[0] if is_list and inside else data}
    elif isinstance(data, (list, tuple)) and len(data) == len(names):
        by_name = dict(zip(names, data, strict=True))
    else:
        what = f"{len(data)}" if isinstance(data, (list, tuple)) else f"one {type(data).__name__}"
        raise DatasetError(
            f"the network takes {len(names)} inputs, {', '.join(names)} (got {what}); pass a list "
            "of arrays in that order, or a dict by these names"
        )
    if set(by_name) != set(names):
        raise DatasetError(
            f"the network takes {', '.join(names)}; data came for "
            f"{', '.join(map(str, by_name)) or 'nothing'}"
        )
    return by_name


def _shaped(
    name: str, shape: tuple[int, ...], given: Any, first: int
) -> tuple[np.ndarray | tuple[np.ndarray, ...], np.ndarray | None]:
    """Samples as in `Samples.arrays`, and their time steps or None."""
    check_array_like(name, given)
    _check_unpaired(name, shape, given)
    try:
        values = np.asarray(given)
    except (TypeError, ValueError) as err:
        if isinstance(given, (list, tuple)):
            return _sequences(name, shape, given, first)
        raise DatasetError(
            f"{name}: samples must form one array (got {type(given).__name__}: {err}); all must "
            f"have the shape {shape}"
        ) from err
    if values.dtype == object and values.ndim == 1 and shape:
        return _sequences(name, shape, values, first)
    values = check_real(name, values)
    if values.ndim == 0:
        raise DatasetError(f"{_rule(name, shape)} (got the number {values}); pass an array of them")
    if len(values) == 0:
        raise DatasetError(f"{name}: there are no samples (got shape {values.shape})")
    if values.shape[1:] == shape:
        return values.reshape(len(values), -1), None
    if values.ndim == len(shape) + 2 and values.shape[2:] == shape and values.shape[1] > 0:
        n_samples, n_steps = values.shape[:2]
        return values.reshape(n_samples, n_steps, -1), np.full(n_samples, n_steps)
    raise DatasetError(f"{_rule(name, shape)} (got {values.shape[1:]}){_hint(shape, values.shape)}")


def _hint(shape: tuple[int, ...], given: tuple[int, ...]) -> str:
    """What to do about samples of the wrong shape; a reshape would mix up axes that have moved."""
    found = given[1:]
    if given == shape:
        return "; put a single sample into a batch with x[np.newaxis]"
    if int(np.prod(found)) != int(np.prod(shape)):
        return ""
    if 1 in (len(found), len(shape)) or [n for n in found if n > 1] == [n for n in shape if n > 1]:
        return f"; reshape them with x.reshape({', '.join(map(str, (-1, *shape)))})"
    if found == (shape[-1], *shape[:-1]):
        return "; put the channels last with np.moveaxis(x, 1, -1)"
    if found == (*shape[1:], shape[0]):
        return "; put the channels first with np.moveaxis(x, -1, 1)"
    return ""


def _check_unpaired(name: str, shape: tuple[int, ...], given: Any) -> None:
    """Raise if samples come in a list with something else, such as their labels."""
    if not isinstance(given, list | tuple) or not given:
        return
    if all(isinstance(part, tuple) and len(part) == 2 for part in given):
        if all(shape_of(sample) == shape != shape_of(label) for sample, label in given):
            raise DatasetError(
                f"{name}: samples must come without labels (got a {type(given).__name__} of "
                "pairs); take them apart with x, y = zip(*pairs)"
            )
    elif len(given) == 2 and shape_of(given[0])[1:] == shape != shape_of(given[1])[1:]:
        is_labels = isinstance(given, tuple) or len(shape_of(given[1])) == 1
        if is_labels and shape_of(given[0])[:1] == shape_of(given[1])[:1]:
            raise DatasetError(
                f"{name}: samples must come without labels (got a {type(given).__name__} of both); "
                "pass the two as x and y"
            )


def _sequences(
    name: str, shape: tuple[int, ...], given: Any, first: int
) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Samples with different numbers of time steps, each (n_steps, size), and these numbers."""
    sequences = []
    if missing := [first + i for i, sample in enumerate(given) if sample is None]:
        raise DatasetError(
            f"{name}: {len(missing)} of {len(given)} samples are missing (got None for sample "
            f"{missing[0]}); leave them out"
        )
    found = [shape_of(sample) for sample in given]
    wrong = [i for i, one in enumerate(found) if one[1:] != shape or one[:1] == (0,)]
    # a constant sample is right by itself: those that are neither are to be named first
    for i in sorted(wrong, key=lambda i: found[i] == shape):
        raise DatasetError(f"{_rule(name, shape)} (got {found[i]} for sample {first + i})")
    for i, sample in enumerate(given):
        values = check_real(name, np.asarray(sample), where=f" for sample {first + i}")
        sequences.append(values.reshape(len(values), -1))
    if not sequences:
        raise DatasetError(f"{name}: there are no samples (got {type(given).__name__} of none)")
    return tuple(sequences), np.array([len(values) for values in sequences])


def _rule(name: str, shape: tuple[int, ...]) -> str:
    return (
        f"{name}: samples must have shape {shape}, or (n_steps, {', '.join(map(str, shape))}) if "
        "they change over time"
    )


def _range(
    name: str, array: np.ndarray | tuple[np.ndarray, ...], first: int
) -> tuple[float, float]:
    """Smallest and largest value; refuses values that are not finite."""
    low, high = np.inf, -np.inf
    bad = []
    for start, rows in _in_chunks(array):
        if rows.dtype.kind == "f":
            finite = np.isfinite(rows).reshape(len(rows), -1).all(axis=1)
            if not finite.all():
                bad.append(start + np.flatnonzero(~finite))
                continue
        low, high = min(low, float(rows.min())), max(high, float(rows.max()))
    if bad:
        indices = np.concatenate(bad)
        raise DatasetError(
            f"{name}: {len(indices)} of {len(array)} samples have NaN or infinite values, the "
            f"first is sample {first + indices[0]}"
        )
    return low, high


def _in_chunks(
    array: np.ndarray | tuple[np.ndarray, ...],
) -> Iterator[tuple[int, np.ndarray]]:
    """Some samples at a time, with the index of the first."""
    if isinstance(array, tuple):
        yield from ((i, values[np.newaxis]) for i, values in enumerate(array))
        return
    n_rows = max(1, _CHUNK_BYTES // max(array[0].nbytes, 1))
    for start in range(0, len(array), n_rows):
        yield start, array[start : start + n_rows]
