"""Max pooling of spikes."""

from nengo_softlif.compiled.compiler import kernel
from nengo_softlif.compiled.simd import array, integers, part

__all__ = ["spiking_max_pool"]


@kernel(operands="x y sums largest now windows n_in channels n_windows n_taps")
def spiking_max_pool(at, real):
    """``sums += x``; by how much the largest of each window has grown goes to y.

    A window is a row of n_taps pixels; ``now`` is room for a number for each channel.
    """
    n_in, channels, n_windows, n_taps = at.n_in, at.channels, at.n_windows, at.n_taps
    n_out = n_windows * channels
    x, y = array(at.x, n_in, real), array(at.y, n_out, real)
    sums, largest = array(at.sums, n_in, real), array(at.largest, n_out, real)
    windows, now = integers(at.windows, n_windows * n_taps), array(at.now, channels, real)
    for i in range(n_in):
        sums[i] += x[i]
    for w in range(n_windows):
        pixel = part(sums, windows[w * n_taps] * channels, channels)
        for c in range(channels):
            now[c] = pixel[c]
        for tap in range(1, n_taps):
            pixel = part(sums, windows[w * n_taps + tap] * channels, channels)
            for c in range(channels):
                now[c] = max(now[c], pixel[c])
        grown, before = part(y, w * channels, channels), part(largest, w * channels, channels)
        for c in range(channels):
            grown[c] = now[c] - before[c]
            before[c] = now[c]
