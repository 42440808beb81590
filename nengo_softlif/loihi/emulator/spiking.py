"""What compartments do at a spike: go to zero and wait, or subtract the threshold."""

from nengo_softlif.simulator.compiling import compiled

__all__ = ["reset_to_zero", "subtract_threshold"]


@compiled
def reset_to_zero(begin, end, compartments, segment, state):
    """Find the spikes of a segment, and hold its voltage at zero for the refractory period."""
    threshold, refractory = compartments.threshold, compartments.refractory[segment]
    voltage, ref_count, spiked = state.voltage, state.ref_count, state.spiked
    zero = voltage.dtype.type(0)
    for i in range(begin, end):
        v = voltage[i] if ref_count[i] <= 0 else zero
        spikes = v > threshold[i]
        voltage[i] = zero if spikes else v
        spiked[i] = spikes
        wait = refractory if spikes else ref_count[i]
        ref_count[i] = wait - 1 if wait > 1 else 0


@compiled
def subtract_threshold(begin, end, compartments, state):
    """Find the spikes of a segment, and keep what exceeds the threshold."""
    threshold, voltage, spiked = compartments.threshold, state.voltage, state.spiked
    for i in range(begin, end):
        spikes = voltage[i] >= threshold[i]
        voltage[i] = voltage[i] - threshold[i] if spikes else voltage[i]
        spiked[i] = spikes
