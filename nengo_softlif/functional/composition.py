r"""Composition of linear maps, into one convolution wherever that is exact.

A convolution that follows a convolution is often one convolution again: average pooling over
2 x 2 pixels and a 5 x 5 kernel make a 10 x 10 kernel with stride 2. With explicit zero padding,
in one dimension,

.. math::

   y_i = \sum_m k_m x_{i s + m - p}, \quad z_o = \sum_j k'_j y_{o s' + j - p'}
   \quad\Rightarrow\quad
   z_o = \sum_{m, j} k_m k'_j \, x_{o s s' + (j s + m) - (p' s + p)}

so that kernel, stride and padding of both compose. The step is exact unless the second kernel
reaches over the border of :math:`y`, where it finds zeros, at a place where the first one would
still see a part of :math:`x`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.convolution import ConvolutionMap
from nengo_softlif.functional.linear import IndexMap, to_matrix

__all__ = ["compose", "find_box"]


def find_box(indices, shape):
    """Find out whether flat indices enumerate a box of an array, in order.

    Parameters
    ----------
    indices : (n,) array_like of int
        Flat indices into an array of the given shape; a negative one is in no box.
    shape : tuple of int
        Shape of the array.

    Returns
    -------
    box : tuple of (start, stop), or None
        For each dimension; None if the indices are no box, or not in order.

    Examples
    --------
    >>> find_box([4, 5, 7, 8], (3, 3))
    ((1, 3), (1, 3))
    """
    indices = np.asarray(indices)
    if len(indices) == 0 or indices.min() < 0:
        return None
    first = np.unravel_index(indices[0], shape)
    last = np.unravel_index(indices[-1], shape)
    box = tuple((int(a), int(b) + 1) for a, b in zip(first, last, strict=True))
    if any(start >= stop for start, stop in box):
        return None
    expected = np.ravel_multi_index(np.ix_(*(range(*edge) for edge in box)), shape)
    return box if np.array_equal(expected.ravel(), indices) else None


def compose(second, middle, first):
    """Compose three linear maps into one, a convolution wherever that is exact.

    Parameters
    ----------
    second, first : ConvolutionMap, IndexMap, or (n_out, n_in) ndarray or sparse matrix
        The last and the first map to be applied. Of convolutions, those with channels last can
        become one; a transposed one becomes a matrix.
    middle : IndexMap
        Applied between them.

    Returns
    -------
    linear_map : ConvolutionMap, IndexMap or (n_out, n_in) scipy.sparse.csr_matrix
        ``second(middle(first(x)))``.

    Raises
    ------
    ParameterError
        If the sizes don't fit.

    Examples
    --------
    Averaging over two elements, then a kernel of three:

    >>> pool = ConvolutionMap(np.full((2, 1, 1), 0.5), (12, 1), (6, 1), (2,), (0,))
    >>> kernel = np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1)
    >>> conv = ConvolutionMap(kernel, (6, 1), (4, 1), (1,), (0,))
    >>> both = compose(conv, IndexMap(np.arange(6), 6), pool)
    >>> both.kernel.ravel(), both.strides
    (array([0.5, 0.5, 1. , 1. , 1.5, 1.5]), (2,))
    """
    for after, before in ((middle, first), (second, middle)):
        n_in, n_out = _size(after)[1], _size(before)[0]
        if n_in != n_out:
            raise ParameterError(
                "a map must have as many inputs as the one before it has outputs (got "
                f"{n_in} inputs after {n_out} outputs)"
            )
    first, second = _composable(first), _composable(second)
    if isinstance(first, IndexMap):
        first, middle = None, _follow(middle, first)
    if isinstance(second, IndexMap):
        second, middle = None, _follow(second, middle)

    merged = None
    if first is None and second is None:
        merged = middle
    elif isinstance(first, ConvolutionMap) and isinstance(second, ConvolutionMap):
        merged = _convolve_both(second, middle, first)
    elif isinstance(second, ConvolutionMap) and first is None:
        box = find_box(middle.targets, second.input_shape)
        merged = None if box is None else _with_inputs(second, box).scaled(middle.scale)
    elif isinstance(first, ConvolutionMap) and second is None:
        box = find_box(_sources(middle), first.output_shape)
        merged = None if box is None else _with_outputs(first, box).scaled(middle.scale)
    if merged is not None:
        return merged

    matrix = to_matrix(middle)
    if first is not None:
        matrix = matrix @ to_matrix(first)
    if second is not None:
        matrix = to_matrix(second) @ matrix
    return to_matrix(matrix)


def _size(linear_map):
    if isinstance(linear_map, (ConvolutionMap, IndexMap)):
        return linear_map.n_out, linear_map.n_in
    return linear_map.shape


def _composable(linear_map):
    """The same map, a convolution in its plain form or a matrix."""
    if not isinstance(linear_map, ConvolutionMap):
        return linear_map
    ungrouped = linear_map.ungrouped()
    return ungrouped if ungrouped.is_plain else linear_map.matrix()


def _with_inputs(conv, box):
    """The map of the inputs inside of a box, (start, stop) for each dimension; others are zero."""
    (*space, (first, last)) = box
    return replace(
        conv,
        kernel=conv.kernel[..., first:last, :],
        input_shape=tuple(stop - start for start, stop in box),
        padding=tuple(p + start for p, (start, _) in zip(conv.padding, space, strict=True)),
    )


def _with_outputs(conv, box):
    """The map to the outputs inside of a box; see `_with_inputs`."""
    (*space, (first, last)) = box
    return replace(
        conv,
        kernel=conv.kernel[..., first:last],
        output_shape=tuple(stop - start for start, stop in box),
        padding=tuple(
            p - start * s
            for p, s, (start, _) in zip(conv.padding, conv.strides, space, strict=True)
        ),
    )


def _follow(second, first):
    """Compose two index maps."""
    targets = np.where(first.targets >= 0, second.targets[first.targets], -1)
    return IndexMap(targets, second.n_out, first.scale * second.scale)


def _sources(index_map):
    """For each output the input it comes from; -1 where there is none."""
    sources = np.full(index_map.n_out, -1)
    (used,) = np.nonzero(index_map.targets >= 0)
    sources[index_map.targets[used]] = used
    return sources


def _convolve_both(second, middle, first):
    (used,) = np.nonzero(middle.targets >= 0)
    box_out = find_box(used, first.output_shape)
    box_in = find_box(middle.targets[used], second.input_shape)
    if box_out is None or box_in is None:
        return None
    first = _with_outputs(first, box_out).scaled(middle.scale)
    second = _with_inputs(second, box_in)
    if first.output_shape != second.input_shape or not _is_exact(second, first):
        return None

    sizes = [
        (after - 1) * stride + before
        for after, before, stride in zip(
            second.kernel.shape[:-2], first.kernel.shape[:-2], first.strides, strict=True
        )
    ]
    shape = (*sizes, first.input_shape[-1], second.output_shape[-1])
    kernel = np.zeros(shape, np.result_type(first.kernel, second.kernel))
    for tap in np.ndindex(*second.kernel.shape[:-2]):
        window = tuple(
            slice(j * stride, j * stride + size)
            for j, stride, size in zip(tap, first.strides, first.kernel.shape[:-2], strict=True)
        )
        kernel[window] += first.kernel @ second.kernel[tap]
    return ConvolutionMap(
        kernel,
        first.input_shape,
        second.output_shape,
        tuple(a * b for a, b in zip(first.strides, second.strides, strict=True)),
        tuple(
            after * stride + before
            for after, stride, before in zip(
                second.padding, first.strides, first.padding, strict=True
            )
        ),
    )


def _is_exact(second, first):
    """Whether beyond the border of its output the first map would see nothing but zeros."""
    for dimension in range(len(first.strides)):
        size, stride, padding = (
            values[dimension] for values in (first.kernel.shape, first.strides, first.padding)
        )
        lowest = -second.padding[dimension]
        highest = (
            (second.output_shape[dimension] - 1) * second.strides[dimension]
            + second.kernel.shape[dimension]
            - 1
            - second.padding[dimension]
        )
        n_mid, n_in = first.output_shape[dimension], first.input_shape[dimension]
        sees_start = lowest < 0 and -stride - padding + size > 0
        sees_end = highest >= n_mid and n_mid * stride - padding < n_in
        if sees_start or sees_end:
            return False
    return True
