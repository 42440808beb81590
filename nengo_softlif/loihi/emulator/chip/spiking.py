"""What compartments do at a spike: go to zero and wait, or subtract the threshold."""

from nengo_softlif.compiled.compiler import compiled

__all__ = ["fire"]


@compiled
def fire(segment, threshold, ref_count, voltage, spiked):
    """Find the spikes of a segment of compartments, and reset them.

    Parameters
    ----------
    segment : Segment
    threshold, ref_count, voltage, spiked : (n_compartments,) ndarray
        Those of the segment; the last three are changed.
    """
    if segment.subtracts:
        _subtract_threshold(voltage, threshold, spiked)
    else:
        _reset_to_zero(voltage, threshold, segment.refractory, ref_count, spiked)


@compiled
def _reset_to_zero(voltage, threshold, refractory, ref_count, spiked):
    """Find the spikes, and hold the voltage at zero for the refractory period."""
    zero = voltage.dtype.type(0)
    for i in range(len(voltage)):
        v = voltage[i] if ref_count[i] <= 0 else zero
        spikes = v > threshold[i]
        voltage[i] = zero if spikes else v
        spiked[i] = spikes
        wait = refractory if spikes else ref_count[i]
        ref_count[i] = wait - 1 if wait > 1 else 0


@compiled
def _subtract_threshold(voltage, threshold, spiked):
    """Find the spikes, and keep what exceeds the threshold."""
    for i in range(len(voltage)):
        spikes = voltage[i] >= threshold[i]
        voltage[i] = voltage[i] - threshold[i] if spikes else voltage[i]
        spiked[i] = spikes
