"""Windows along one axis of an image: how many there are, and what the names of paddings mean.

A convolution or pooling with padding "valid" has windows inside of the image only; with "same" as
many as it takes to cover the image with their strides, of the zeros that are missing half, rounded
down, before it (the rule of TensorFlow and Nengo); with "causal" the last element of a window is
the one that it belongs to, all zeros come before.
"""

from __future__ import annotations

from nengo_softlif.errors import ParameterError

__all__ = ["PADDINGS", "extension", "n_windows", "zeros_before"]

PADDINGS = ("valid", "same", "causal")


def n_windows(n: int, size: int, stride: int, padding: str) -> int:
    """Count the windows along an axis.

    Parameters
    ----------
    n : int
        Elements of the axis.
    size, stride : int
        Elements of a window, and from one window to the next.
    padding : {"valid", "same", "causal"}

    Returns
    -------
    n_windows : int
        Below 1 if none fits.

    Raises
    ------
    ParameterError
        If there is no padding of that name.

    Examples
    --------
    >>> n_windows(5, 2, 2, "valid"), n_windows(5, 2, 2, "same")
    (2, 3)
    """
    _check(padding)
    return (n - size) // stride + 1 if padding == "valid" else -(-n // stride)


def zeros_before(n: int, size: int, stride: int, padding: str) -> int:
    """Count the zeros before the first element of an axis.

    Parameters
    ----------
    n, size, stride, padding
        As for `n_windows`.

    Returns
    -------
    n_zeros : int

    Raises
    ------
    ParameterError
        If there is no padding of that name.

    Examples
    --------
    >>> [zeros_before(5, 4, 1, padding) for padding in ("valid", "same", "causal")]
    [0, 1, 3]
    """
    _check(padding)
    if padding == "valid":
        return 0
    if padding == "causal":
        return size - 1
    return max((n_windows(n, size, stride, padding) - 1) * stride + size - n, 0) // 2


def _check(padding):
    if padding not in PADDINGS:
        raise ParameterError(f"padding must be one of {', '.join(PADDINGS)} (got {padding!r})")


def extension(
    n: int, n_out: int, size: int, stride: int, before: int, padding: str
) -> tuple[int, int] | None:
    """Find out how a kernel has to be extended by zeros for its padding to be one with a name.

    Parameters
    ----------
    n, size, stride : int
        As for `n_windows`.
    n_out : int
        Number of windows.
    before : int
        Zeros before the first element; negative where the first elements are left out.
    padding : {"valid", "same"}

    Returns
    -------
    extension : tuple of (int, int), or None
        Zeros before and after the kernel; None if none will do.

    Examples
    --------
    >>> extension(6, 3, size=3, stride=2, before=0, padding="same")
    (0, 0)
    >>> extension(6, 3, size=3, stride=2, before=1, padding="same")
    (0, 1)
    """
    if padding == "valid":
        # there are n_out windows for kernels of at least `shortest`, at most `longest`
        longest = n - (n_out - 1) * stride
        shortest = longest - stride + 1
        after = max(shortest - size + before, 0)
        return None if before > 0 or size - before + after > longest else (-before, after)
    if n_out != n_windows(n, size, stride, padding):
        return None
    at_end = (n_out - 1) * stride + size - n - before
    front = max(at_end - 1 - before, -before, 0)
    return front, max(before + front - at_end, 0)
