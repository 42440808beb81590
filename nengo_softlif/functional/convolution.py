"""Convolutions, of images in any number of dimensions, as linear maps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np
import scipy.sparse

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.padding import extension, n_windows, zeros_before
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import check_bool

__all__ = ["ConvolutionMap", "convolution_map", "dilated"]


@dataclass(frozen=True, eq=False, repr=False)
class ConvolutionMap(OneLineRepr):
    """Convolution (without flipping the kernel) with explicit zero padding, or its transpose.

    The transpose has the transposed matrix of a convolution that leads from its output to its
    input, and the strides and padding of that.

    Parameters
    ----------
    kernel : (*kernel_size, n_inputs / groups, n_outputs) ndarray
        Weights; ``n_inputs`` and ``n_outputs`` are numbers of channels. Of a transpose,
        (*kernel_size, n_inputs, n_outputs / groups).
    input_shape, output_shape : tuple of int
        Spatial shape and number of channels.
    strides : tuple of int
        Step of the kernel in each spatial dimension.
    padding : tuple of int
        Zeros before the first element in each spatial dimension; negative where the first
        elements are left out. There are as many zeros at the other end as the output needs.
    groups : int
        Into so many parts the channels are divided that have nothing to do with each other.
    channels_last : bool
        Whether channels come behind the spatial dimensions of the shapes, or before them.
    transposed : bool

    Examples
    --------
    >>> kernel = np.array([1.0, 2.0]).reshape(2, 1, 1)
    >>> ConvolutionMap(kernel, (3, 1), (3, 1), (1,), (1,)).matrix().toarray()
    array([[2., 0., 0.],
           [1., 2., 0.],
           [0., 1., 2.]])
    """

    kernel: np.ndarray
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    strides: tuple[int, ...]
    padding: tuple[int, ...]
    groups: int = 1
    channels_last: bool = True
    transposed: bool = False

    @property
    def n_in(self) -> int:
        """Number of inputs."""
        return math.prod(self.input_shape)

    @property
    def n_out(self) -> int:
        """Number of outputs."""
        return math.prod(self.output_shape)

    @property
    def is_plain(self) -> bool:
        """Whether it has channels last, a single group, and is no transpose."""
        return self.channels_last and self.groups == 1 and not self.transposed

    def scaled(self, factor: float) -> ConvolutionMap:
        """Return the map times a number."""
        return replace(self, kernel=self.kernel * factor)

    def ungrouped(self) -> ConvolutionMap:
        """Return the map with an entry in its kernel for each pair of channels.

        Returns
        -------
        map : ConvolutionMap
            The same map, in one group: its kernel is zero between groups.
        """
        if self.groups == 1:
            return self
        if self.transposed:
            return self.transpose().ungrouped().transpose()
        *size, n_in, n_out = self.kernel.shape
        per_group = n_out // self.groups
        kernel = np.zeros((*size, n_in * self.groups, n_out), self.kernel.dtype)
        for group in range(self.groups):
            into = slice(group * per_group, (group + 1) * per_group)
            kernel[..., group * n_in : (group + 1) * n_in, into] = self.kernel[..., into]
        return replace(self, kernel=kernel, groups=1)

    def transpose(self) -> ConvolutionMap:
        """Return the map with the transposed matrix, from outputs to inputs."""
        return replace(
            self,
            kernel=np.swapaxes(self.kernel, -1, -2),
            input_shape=self.output_shape,
            output_shape=self.input_shape,
            transposed=not self.transposed,
        )

    def _space(self, shape):
        return shape[:-1] if self.channels_last else shape[1:]

    def _axes(self):
        """For each spatial dimension: elements, windows, size of the kernel, stride, padding."""
        large, small = self.input_shape, self.output_shape
        if self.transposed:
            large, small = small, large
        space = (self._space(large), self._space(small), self.kernel.shape[:-2])
        return list(zip(*space, self.strides, self.padding, strict=True))

    def named_padding(self) -> tuple[ConvolutionMap, str | None]:
        """Express the padding by the name that frameworks give it.

        Returns
        -------
        map : ConvolutionMap
            The same map; its kernel may have got a border of zeros.
        name : {"valid", "same"} or None
            None if neither does, however the kernel is extended.
        """
        for name in ("valid", "same"):
            extensions = [extension(*axis, name) for axis in self._axes()]
            borders = [border for border in extensions if border is not None]
            if len(borders) == len(extensions):
                padding = tuple(
                    p + before for p, (before, _) in zip(self.padding, borders, strict=True)
                )
                kernel = np.pad(self.kernel, [*borders, (0, 0), (0, 0)])
                return replace(self, kernel=kernel, padding=padding), name
        return self, None

    def matrix(self) -> scipy.sparse.csr_matrix:
        """Write the map as a matrix.

        Returns
        -------
        matrix : (n_out, n_in) scipy.sparse.csr_matrix
            Of the kernel's type, without explicit zeros.
        """
        if self.transposed:
            return self.transpose().matrix().T.tocsr()
        pixels_in, pixels_out, taps = [], [], []
        for n, n_out, size, stride, padding in self._axes():
            out, tap = np.meshgrid(np.arange(n_out), np.arange(size), indexing="ij")
            source = out * stride + tap - padding
            inside = (source >= 0) & (source < n)
            pixels_in.append(source[inside])
            pixels_out.append(out[inside])
            taps.append(tap[inside])
        # all combinations over the spatial dimensions, then over the channels of a group
        weights = self.kernel[np.ix_(*taps)].reshape(-1, *self.kernel.shape[-2:])
        n_in, n_out = self.kernel.shape[-2:]
        group = np.arange(n_out) // (n_out // self.groups)
        channels_in = np.arange(n_in)[:, np.newaxis] + group * n_in
        columns = self._elements(pixels_in, channels_in, self.input_shape)
        rows = self._elements(pixels_out, np.arange(n_out), self.output_shape)
        columns, rows = (np.broadcast_to(index, weights.shape).ravel() for index in (columns, rows))
        matrix = scipy.sparse.csr_matrix(
            (weights.ravel(), (rows, columns)), shape=(self.n_out, self.n_in)
        )
        matrix.eliminate_zeros()
        return matrix

    def _elements(self, pixels, channels, shape):
        """Flat indices: of every combination of pixels on the axes, in all these channels."""
        space = self._space(shape)
        pixel = np.ravel_multi_index(np.ix_(*pixels), space).reshape(-1, 1, 1)
        if self.channels_last:
            return pixel * shape[-1] + channels
        return pixel + channels * math.prod(space)


def convolution_map(
    kernel: np.ndarray,
    input_shape: tuple[int, ...],
    *,
    strides: int | tuple[int, ...] = 1,
    padding: str = "valid",
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
    channels_last: bool = True,
    transposed: bool = False,
    output_shape: tuple[int, ...] | None = None,
) -> ConvolutionMap:
    """Describe the convolution of a framework, by the name of its padding.

    Parameters
    ----------
    kernel : (*kernel_size, n_inputs / groups, n_outputs) array_like
        Weights; (*kernel_size, n_inputs, n_outputs / groups) of a transposed convolution.
    input_shape : tuple of int
        As for `ConvolutionMap`.
    strides, dilation : int or tuple of int
        From one place of the kernel, or one element of it, to the next, in each spatial dimension.
    padding : {"valid", "same", "causal"}
        As in `nengo_softlif.functional.padding`.
    groups : int
    channels_last, transposed : bool
        As for `ConvolutionMap`.
    output_shape : tuple of int, optional
        Needed for a transposed convolution, since several are possible.

    Returns
    -------
    map : ConvolutionMap
        With a kernel of the same type.

    Raises
    ------
    ParameterError
        If sizes don't fit each other.

    Examples
    --------
    >>> convolution_map(np.ones((3, 1, 8)), (10, 1), strides=2, padding="same").output_shape
    (5, 8)
    >>> convolution_map(
    ...     np.ones((3, 8, 1)), (5, 8), strides=2, padding="same", transposed=True,
    ...     output_shape=(10, 1),
    ... ).matrix().shape
    (10, 40)
    """
    kernel = np.asarray(kernel)
    check_bool("channels_last", channels_last)
    if check_bool("transposed", transposed):
        if output_shape is None:
            raise ParameterError(
                "a transposed convolution needs output_shape: several are possible"
            )
        return convolution_map(
            np.swapaxes(kernel, -1, -2),
            output_shape,
            strides=strides,
            padding=padding,
            dilation=dilation,
            groups=groups,
            channels_last=channels_last,
            output_shape=input_shape,
        ).transpose()
    n_space = kernel.ndim - 2
    if len(input_shape) != n_space + 1:
        raise ParameterError(
            f"a kernel of shape {kernel.shape} needs an image of {n_space + 1} dimensions, "
            f"channels included (got shape {tuple(input_shape)})"
        )
    steps = _per_dimension("strides", strides, n_space)
    kernel = dilated(kernel, dilation)
    *size, n_in, n_out = kernel.shape
    *space, channels = input_shape if channels_last else (*input_shape[1:], input_shape[0])
    if n_out % groups:
        raise ParameterError(f"groups must divide the {n_out} output channels (got {groups})")
    if channels != n_in * groups:
        raise ParameterError(
            f"a kernel for {n_in} channels in each of {groups} groups needs an image of "
            f"{n_in * groups} channels (got {channels} in shape {tuple(input_shape)})"
        )
    axes = list(zip(space, size, steps, strict=True))
    windows = [n_windows(*axis, padding) for axis in axes]
    if min(windows, default=1) < 1:
        raise ParameterError(
            f"a kernel of {tuple(size)} does not fit into an image of {tuple(space)}"
        )
    made = (*windows, n_out) if channels_last else (n_out, *windows)
    if output_shape is not None and tuple(output_shape) != made:
        raise ParameterError(
            f"a convolution makes an image of {made} of one of {input_shape} (got {output_shape})"
        )
    before = tuple(zeros_before(*axis, padding) for axis in axes)
    return ConvolutionMap(
        kernel, tuple(input_shape), made, steps, before, groups, channels_last=channels_last
    )


def dilated(kernel: np.ndarray, rates: int | tuple[int, ...]) -> np.ndarray:
    """Put zeros between the elements of a kernel, in place of skipping inputs.

    Parameters
    ----------
    kernel : (*kernel_size, n_inputs, n_outputs) ndarray
    rates : int or tuple of int
        From one element to the next, in each spatial dimension.

    Returns
    -------
    kernel : ndarray
        The same object if all rates are 1.

    Raises
    ------
    ParameterError
        If there isn't a rate for each dimension, or one is below 1.

    Examples
    --------
    >>> dilated(np.array([1, 2, 3]).reshape(3, 1, 1), 2).ravel()
    array([1, 0, 2, 0, 3])
    """
    steps = _per_dimension("dilation", rates, kernel.ndim - 2)
    if set(steps) <= {1}:
        return kernel
    *size, n_in, n_out = kernel.shape
    size = ((n - 1) * step + 1 for n, step in zip(size, steps, strict=True))
    result = np.zeros((*size, n_in, n_out), kernel.dtype)
    result[tuple(slice(None, None, step) for step in steps)] = kernel
    return result


def _per_dimension(name: str, values: int | tuple[int, ...], n_space: int) -> tuple[int, ...]:
    given = (values,) * n_space if isinstance(values, int | Integral) else tuple(values)
    if len(given) != n_space or min(given, default=1) < 1:
        raise ParameterError(
            f"{name} must be an integer of 1 or more, or one for each of the {n_space} spatial "
            f"dimensions (got {values})"
        )
    return given
