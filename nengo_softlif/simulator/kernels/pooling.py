"""Max pooling of spikes."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, integers

__all__ = ["spiking_max_pool"]


@kernel
def spiking_max_pool(at, real):
    """``sums += x``; by how much the largest of each window has grown goes to y.

    at: x, y, sums, largest, n_in, channels, windows (pixels, a row for each), number of windows,
    pixels of a window, room for a number for each channel.
    """
    n_in, channels, n_windows, n_taps = at[4], at[5], at[7], at[8]
    n_out = n_windows * channels
    x, y = array(at[0], n_in, real), array(at[1], n_out, real)
    sums, largest = array(at[2], n_in, real), array(at[3], n_out, real)
    windows, now = integers(at[6], n_windows * n_taps), array(at[9], channels, real)
    for i in range(n_in):
        sums[i] += x[i]
    for w in range(n_windows):
        pixel = windows[w * n_taps] * channels
        for c in range(channels):
            now[c] = sums[pixel + c]
        for tap in range(1, n_taps):
            pixel = windows[w * n_taps + tap] * channels
            for c in range(channels):
                now[c] = max(now[c], sums[pixel + c])
        o = w * channels
        for c in range(channels):
            y[o + c] = now[c] - largest[o + c]
            largest[o + c] = now[c]
