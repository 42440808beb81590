"""Linear maps between images: convolutions, and maps that only move elements."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse

__all__ = ["ConvolutionMap", "IndexMap", "convolution_map", "to_matrix", "ungrouped"]


@dataclass(frozen=True, eq=False)
class ConvolutionMap:
    """Convolution (without flipping the kernel) with explicit zero padding, channels last.

    Parameters
    ----------
    kernel : (*kernel_size, n_inputs, n_outputs) ndarray
        Weights; ``n_inputs`` and ``n_outputs`` are numbers of channels.
    input_shape, output_shape : tuple of int
        Spatial shape and number of channels.
    strides : tuple of int
        Step of the kernel in each spatial dimension.
    padding : tuple of int
        Zeros before the first element in each spatial dimension; negative where the first
        elements are left out. There are as many zeros at the other end as the output needs.
    """

    kernel: np.ndarray
    input_shape: tuple
    output_shape: tuple
    strides: tuple
    padding: tuple

    @property
    def n_in(self):
        """Number of inputs."""
        return int(np.prod(self.input_shape))

    @property
    def n_out(self):
        """Number of outputs."""
        return int(np.prod(self.output_shape))

    def scaled(self, factor):
        """Return the map times a number."""
        return replace(self, kernel=self.kernel * factor)

    def with_inputs(self, box):
        """Return the map of the inputs inside of a box, all others being zero.

        Parameters
        ----------
        box : sequence of (start, stop)
            For each dimension of ``input_shape``.
        """
        (*space, (first, last)) = box
        return replace(
            self,
            kernel=self.kernel[..., first:last, :],
            input_shape=tuple(stop - start for start, stop in box),
            padding=tuple(p + start for p, (start, _) in zip(self.padding, space, strict=True)),
        )

    def with_outputs(self, box):
        """Return the map to the outputs inside of a box; see `with_inputs`."""
        (*space, (first, last)) = box
        return replace(
            self,
            kernel=self.kernel[..., first:last],
            output_shape=tuple(stop - start for start, stop in box),
            padding=tuple(
                p - start * s
                for p, s, (start, _) in zip(self.padding, self.strides, space, strict=True)
            ),
        )

    def named_padding(self):
        """Express the padding by the name that frameworks give it.

        Returns
        -------
        map : ConvolutionMap
            The same map; its kernel may have got a border of zeros.
        name : {"valid", "same"} or None
            None if neither does, however the kernel is extended.
        """
        for name, extend in (("valid", _extend_to_valid), ("same", _extend_to_same)):
            dimensions = zip(
                self.input_shape[:-1],
                self.output_shape[:-1],
                self.kernel.shape[:-2],
                self.strides,
                self.padding,
                strict=True,
            )
            extensions = [extend(*dimension) for dimension in dimensions]
            if None not in extensions:
                padding = tuple(
                    p + before for p, (before, _) in zip(self.padding, extensions, strict=True)
                )
                kernel = np.pad(self.kernel, [*extensions, (0, 0), (0, 0)])
                return replace(self, kernel=kernel, padding=padding), name
        return self, None


def convolution_map(kernel, input_shape, output_shape, strides, padding, groups=1):
    """Describe the convolution of a framework, by the name of its padding.

    Parameters
    ----------
    kernel : (*kernel_size, n_inputs / groups, n_outputs) array_like
        Weights.
    input_shape, output_shape, strides : tuple of int
        As for `ConvolutionMap`.
    padding : {"valid", "same"}
        As in TensorFlow: of what is missing, half, rounded down, comes first.
    groups : int
        Into so many parts the channels are divided that have nothing to do with each other.

    Returns
    -------
    map : ConvolutionMap
        With an entry in its kernel for each pair of channels, zero between groups.
    """
    kernel = ungrouped(np.asarray(kernel), groups)
    before = [0] * len(strides)
    if padding == "same":
        before = [
            max((n_out - 1) * stride + size - n_in, 0) // 2
            for n_in, n_out, size, stride in zip(
                input_shape[:-1], output_shape[:-1], kernel.shape[:-2], strides, strict=True
            )
        ]
    return ConvolutionMap(kernel, input_shape, output_shape, tuple(strides), tuple(before))


def ungrouped(kernel, groups):
    """Write the kernel of a grouped convolution with an entry for each pair of channels.

    Parameters
    ----------
    kernel : (*kernel_size, n_inputs / groups, n_outputs) ndarray
    groups : int

    Returns
    -------
    kernel : (*kernel_size, n_inputs, n_outputs) ndarray
        Zero between groups.
    """
    if groups == 1:
        return kernel
    *size, n_in, n_out = kernel.shape
    full = np.zeros((*size, n_in * groups, n_out))
    inputs, outputs = np.arange(n_in * groups), np.arange(n_out)
    pairs = zip(np.split(inputs, groups), np.split(outputs, groups), strict=True)
    for of_group, into_group in pairs:
        full[..., of_group[:, np.newaxis], into_group] = kernel[..., into_group]
    return full


def _extend_to_valid(n_in, n_out, size, stride, padding):
    """Zeros to put before and after the kernel in one dimension, or None."""
    before = -padding
    # the output has n_out elements for kernels of at least `shortest`, at most `longest`
    longest = n_in - (n_out - 1) * stride
    shortest = longest - stride + 1
    after = max(shortest - size - before, 0)
    if before < 0 or size + before + after > longest:
        return None
    return before, after


def _extend_to_same(n_in, n_out, size, stride, padding):
    """Zeros to put before and after the kernel in one dimension, or None."""
    if n_out != -(-n_in // stride):
        return None
    at_end = (n_out - 1) * stride + size - n_in - padding
    before = max(at_end - 1 - padding, -padding, 0)
    after = max(padding + before - at_end, 0)
    return before, after


@dataclass(frozen=True, eq=False)
class IndexMap:
    """Puts each input to one place, or nowhere: slices, crops, pads and permutations.

    Parameters
    ----------
    targets : (n_in,) array_like of int
        Index of the output that each input goes to; -1 for nowhere.
    n_out : int
        Number of outputs. Those that nothing goes to are zero.
    scale : float
        Factor on all of them.
    """

    targets: np.ndarray
    n_out: int
    scale: float = 1.0

    @property
    def n_in(self):
        """Number of inputs."""
        return len(self.targets)


def to_matrix(linear_map):
    """Write a linear map as a matrix.

    Parameters
    ----------
    linear_map : ConvolutionMap, IndexMap, or (n_out, n_in) ndarray or sparse matrix
        Any linear map.

    Returns
    -------
    matrix : (n_out, n_in) scipy.sparse.csr_matrix
        Without explicit zeros.
    """
    if isinstance(linear_map, ConvolutionMap):
        matrix = _convolution_matrix(linear_map)
    elif isinstance(linear_map, IndexMap):
        (used,) = np.nonzero(linear_map.targets >= 0)
        matrix = scipy.sparse.csr_matrix(
            (np.full(len(used), linear_map.scale), (linear_map.targets[used], used)),
            shape=(linear_map.n_out, linear_map.n_in),
        )
    else:
        matrix = scipy.sparse.csr_matrix(linear_map)
    matrix.eliminate_zeros()
    return matrix


def _convolution_matrix(conv):
    n_space = len(conv.strides)
    pixels_in, pixels_out, taps = [], [], []
    for n_in, n_out, size, stride, padding in zip(
        conv.input_shape[:-1],
        conv.output_shape[:-1],
        conv.kernel.shape[:n_space],
        conv.strides,
        conv.padding,
        strict=True,
    ):
        out, tap = np.meshgrid(np.arange(n_out), np.arange(size), indexing="ij")
        source = out * stride + tap - padding
        inside = (source >= 0) & (source < n_in)
        pixels_in.append(source[inside])
        pixels_out.append(out[inside])
        taps.append(tap[inside])
    # all combinations over the spatial dimensions, then over the channels
    source = np.ravel_multi_index(np.ix_(*pixels_in), conv.input_shape[:-1]).reshape(-1, 1, 1)
    target = np.ravel_multi_index(np.ix_(*pixels_out), conv.output_shape[:-1]).reshape(-1, 1, 1)
    weights = conv.kernel[np.ix_(*taps)].reshape(-1, *conv.kernel.shape[-2:])
    channels_in = np.arange(conv.input_shape[-1])[:, np.newaxis]
    channels_out = np.arange(conv.output_shape[-1])
    columns = np.broadcast_to(source * conv.input_shape[-1] + channels_in, weights.shape)
    rows = np.broadcast_to(target * conv.output_shape[-1] + channels_out, weights.shape)
    return scipy.sparse.csr_matrix(
        (weights.ravel(), (rows.ravel(), columns.ravel())), shape=(conv.n_out, conv.n_in)
    )
