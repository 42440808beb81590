"""Plain 2D convolution in NumPy: what tests of NengoLoihi compare with.

Nengo 3 had this as ``nengo._vendor.npconv2d.conv2d``; names and signatures are those.
"""

import numpy as np


def conv2d(x, w, pad="SAME", stride=(1, 1)):
    """Correlate images with a kernel.

    Parameters
    ----------
    x : (n_images, height, width, n_channels) ndarray
        Images.
    w : (kernel_height, kernel_width, n_channels, n_filters) ndarray
        Kernel.
    pad : {"SAME", "VALID"}
        How the borders are padded.
    stride : tuple of int
        Vertical and horizontal stride.

    Returns
    -------
    y : (n_images, out_height, out_width, n_filters) ndarray
    """
    geometry = [_geometry(x.shape[i + 1], w.shape[i], stride[i], pad) for i in range(2)]
    padded = np.pad(x, [(0, 0), *(padding for _, padding in geometry), (0, 0)])
    out_size = tuple(size for size, _ in geometry)
    y = np.zeros((len(x), *out_size, w.shape[3]))
    for offset in np.ndindex(w.shape[:2]):
        y += padded[_window(offset, out_size, stride)] @ w[offset]
    return y


def conv2d_gradx(w, dy, xsize, pad="SAME", stride=(1, 1)):
    """Convolve images the other way round, as a transposed convolution does.

    Parameters
    ----------
    w : (kernel_height, kernel_width, n_channels, n_filters) ndarray
        Kernel.
    dy : (n_images, height, width, n_channels) ndarray
        Images.
    xsize : tuple of int
        Height and width of the result.
    pad, stride
        As in `conv2d`, for which the result has the size of the input, and ``dy`` of the output.

    Returns
    -------
    dx : (n_images, *xsize, n_filters) ndarray
    """
    paddings = [_geometry(xsize[i], w.shape[i], stride[i], pad)[1] for i in range(2)]
    padded_size = [xsize[i] + sum(paddings[i]) for i in range(2)]
    padded = np.zeros((len(dy), *padded_size, w.shape[3]))
    for offset in np.ndindex(w.shape[:2]):
        padded[_window(offset, dy.shape[1:3], stride)] += dy @ w[offset]
    (top, _), (left, _) = paddings
    return padded[:, top : top + xsize[0], left : left + xsize[1]]


def _geometry(size, kernel_size, stride, pad):
    """Size of the output and padding before and after, along one axis."""
    if pad == "VALID":
        return (size - kernel_size) // stride + 1, (0, 0)
    out_size = -(-size // stride)
    total = max((out_size - 1) * stride + kernel_size - size, 0)
    return out_size, (total // 2, total - total // 2)


def _window(offset, out_size, stride):
    """Index of the pixels that one kernel entry meets."""
    rows, columns = (
        slice(offset[i], offset[i] + (out_size[i] - 1) * stride[i] + 1, stride[i]) for i in range(2)
    )
    return slice(None), rows, columns
