"""Nengo transforms as plain linear maps, and back."""

import nengo
import numpy as np
import scipy.sparse
from nengo.exceptions import BuildError
from nengo.transforms import ChannelShape, SparseMatrix

from nengo_softlif.functional.convolution import ConvolutionMap, convolution_map
from nengo_softlif.functional.linear import IndexMap, to_matrix

__all__ = ["chip_convolution", "describe", "to_transform"]

# From this fraction of nonzero weights on, the indices of a sparse matrix cost more than its zeros.
_DENSE_ABOVE = 0.5


def describe(transform, n_in, *, rng=None):
    """Describe a transform as a plain linear map.

    Parameters
    ----------
    transform : nengo.transforms.Transform
        NoTransform, Dense, Sparse, Convolution or ConvolutionTranspose; with numbers, or, if
        there is a ``rng``, with a distribution.
    n_in : int
        Number of inputs, which a scalar transform does not tell.
    rng : numpy.random.RandomState, optional
        To draw weights from a distribution.

    Returns
    -------
    linear_map : ConvolutionMap, IndexMap, ndarray or scipy.sparse.csr_matrix
        As in `nengo_softlif.functional.linear`.

    Raises
    ------
    nengo.exceptions.BuildError
        If it is another transform, or a distribution without a ``rng``.
    """
    if isinstance(transform, nengo.transforms.NoTransform):
        return IndexMap(np.arange(n_in), n_in)
    init = getattr(transform, "init", None)
    if isinstance(getattr(init, "data", init), nengo.dists.Distribution):
        if rng is not None:
            return _describe_weights(transform, transform.sample(rng=rng), n_in)
        raise BuildError(
            f"{transform}: the weights are a distribution; a passthrough node is merged into "
            "known weights only. Use an array, or set `remove_passthrough=False`."
        )
    return _describe_weights(transform, init, n_in)


def _describe_weights(transform, init, n_in):
    if isinstance(transform, nengo.Dense):
        return _describe_dense(np.asarray(init, dtype=float), n_in)
    if isinstance(transform, nengo.Sparse):
        return _describe_sparse(init)
    if isinstance(transform, (nengo.Convolution, nengo.ConvolutionTranspose)):
        return _describe_convolution(transform, init)
    raise BuildError(
        f"{transform}: a passthrough node can't be merged with a {type(transform).__name__} "
        "transform. Use Dense, Sparse, Convolution or ConvolutionTranspose, or set "
        "`remove_passthrough=False`."
    )


def _describe_dense(init, n_in):
    if init.ndim == 0:
        return IndexMap(np.arange(n_in), n_in, scale=float(init))
    if init.ndim == 1:
        raise BuildError(
            f"a passthrough node can't be merged with a transform of shape {init.shape}. Write "
            "it as a matrix, np.diag(transform)."
        )
    return init


def _describe_sparse(init):
    if isinstance(init, SparseMatrix):
        data = np.broadcast_to(init.data, len(init.indices))
        init = scipy.sparse.csr_matrix((data, init.indices.T), shape=init.shape)
    matrix = to_matrix(init)
    coo = matrix.tocoo()
    is_index_map = (
        coo.nnz > 0
        and np.all(coo.data == coo.data[0])
        and len(np.unique(coo.row)) == len(np.unique(coo.col)) == coo.nnz
    )
    if not is_index_map:
        return matrix
    targets = np.full(coo.shape[1], -1)
    targets[coo.col] = coo.row
    return IndexMap(targets, coo.shape[0], scale=float(coo.data[0]))


def _describe_convolution(transform, kernel):
    return convolution_map(
        kernel,
        transform.input_shape.shape,
        strides=transform.strides,
        padding=transform.padding,
        groups=transform.groups,
        channels_last=transform.channels_last,
        transposed=isinstance(transform, nengo.ConvolutionTranspose),
        output_shape=transform.output_shape.shape,
    )


def to_transform(linear_map, *, dense=False, shared=True):
    """Make a Nengo transform of a linear map.

    Parameters
    ----------
    linear_map : ConvolutionMap, IndexMap, or (n_out, n_in) ndarray or sparse matrix
        As in `nengo_softlif.functional.linear`.
    dense : bool
        Whether it has to be a Dense.
    shared : bool
        Whether it may be a Convolution.

    Returns
    -------
    transform : nengo.Convolution, nengo.Sparse or nengo.Dense
        A Convolution, whose weights are shared, where the map is one with a padding that has a
        name; else a matrix.
    """
    is_plain = isinstance(linear_map, ConvolutionMap) and linear_map.is_plain
    if is_plain and shared and not dense:
        named, padding = linear_map.named_padding()
        fits = all(k <= n for k, n in zip(named.kernel.shape, named.input_shape[:-1], strict=False))
        if padding == "same" or (padding == "valid" and fits):
            return nengo.Convolution(
                named.output_shape[-1],
                named.input_shape,
                kernel_size=named.kernel.shape[:-2],
                strides=named.strides,
                padding=padding,
                init=named.kernel,
            )
    matrix = to_matrix(linear_map)
    if dense or matrix.nnz > _DENSE_ABOVE * np.prod(matrix.shape):
        return nengo.Dense(matrix.shape, init=matrix.toarray())
    return nengo.Sparse(matrix.shape, init=matrix)


def chip_convolution(transform):
    """Rewrite a convolution into the kind that NengoLoihi knows: 2D, without groups.

    Parameters
    ----------
    transform : nengo.Convolution
        With any number of groups, in one or two dimensions.

    Returns
    -------
    transform : nengo.Convolution
        An equal transform; the same object if there is nothing to do.
    """
    if transform.groups == 1 and transform.dimensions != 1:
        return transform
    kernel = _describe_convolution(transform, transform.sample()).ungrouped().kernel
    shape, size, strides = transform.input_shape.shape, transform.kernel_size, transform.strides
    if transform.dimensions == 1:
        # an image of one row
        shape = ChannelShape.from_space_and_channels(
            (1, *transform.input_shape.spatial_shape),
            transform.input_shape.n_channels,
            channels_last=transform.channels_last,
        ).shape
        kernel, size, strides = kernel[np.newaxis], (1, *size), (1, *strides)
    return nengo.Convolution(
        transform.n_filters,
        shape,
        kernel_size=size,
        strides=strides,
        padding=transform.padding,
        channels_last=transform.channels_last,
        init=kernel,
    )
