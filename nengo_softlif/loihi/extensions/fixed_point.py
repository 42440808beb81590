"""Numbers of a network that was trained in the chip's arithmetic, as the integers of the chip.

NengoLoihi scales floats so that they use the range of the integers as well as possible. Such a
network has a scale already, by which its integers come out as they were trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from nengo.exceptions import BuildError
from nengo_loihi.block import Compartment, LoihiBlock, Synapse
from nengo_loihi.builder import discretize

from nengo_softlif.errors import warn
from nengo_softlif.functional.fixed_point import (
    HIGHEST_THRESHOLD,
    HIGHEST_VOLTAGE,
    LEAK_STEPS,
    THRESHOLD_UNIT,
)
from nengo_softlif.loihi.extensions.discrete_lif import fraction_bits
from nengo_softlif.loihi.extensions.neurons import subtracts_threshold

__all__ = ["discretize_block", "install", "no_common_scale"]

_discretize_block = discretize.discretize_block
_ALL = LEAK_STEPS - 1  # of a current, with which nothing of it stays
_HIGHEST_MANTISSA = 127
_EXPONENTS = range(-1, 8)  # of weights, whose last bit is worth 2 ** (7 + exponent)


def no_common_scale(weight: float, bias: float) -> str:
    """Say that numbers of a block are too far apart.

    Parameters
    ----------
    weight, bias : float
        The largest of each.

    Returns
    -------
    message : str

    Examples
    --------
    >>> no_common_scale(1e12, 2)[:64]
    'weights up to 1e+12 and biases up to 2 find no common scale: a w'
    """
    return (
        f"weights up to {weight:.3g} and biases up to {bias:.3g} find no common scale: a "
        "weight has 8 bits and a bias 12, with an exponent for all of a core, and the threshold 17."
    )


def discretize_block(block: LoihiBlock) -> Any:
    """Turn the numbers of a block into integers, fixed-point numbers without another scale.

    Parameters
    ----------
    block : nengo_loihi.block.LoihiBlock
        Changed in place.

    Returns
    -------
    v_scale : float
        Integer that stands for a voltage of 1.

    Raises
    ------
    nengo.exceptions.BuildError
        If a fixed-point number is none that the chip has, or other numbers are too far apart.
    """
    bits = fraction_bits(block.compartment)
    largest = max((s.max_abs_weight() for s in block.synapses), default=0)
    if bits is None:
        bias = np.abs(block.compartment.bias).max()
        try:
            return _discretize_block(block)
        except AssertionError as error:  # of a threshold, and without a word
            raise BuildError(
                f"{block}: {no_common_scale(largest, bias)} nengo_softlif.loihi.check(network) "
                "says what to do."
            ) from error
    scale = 2.0**bits
    problems = [*_compartment_problems(block.compartment, scale)]
    if problems:
        raise BuildError(f"{block}: " + "; ".join(problems))
    _discretize_compartment(block.compartment, scale)
    block.compartment.discretize_info = {
        "w_max": largest,
        "w_exp": 0,
        "v_scale": scale,
        "b_scale": scale,
        "w_scale": scale,
    }
    n_clipped = sum(_discretize_synapse(synapse, scale) for synapse in block.synapses)
    if n_clipped:
        n_weights = sum(synapse.size() for synapse in block.synapses)
        highest = _HIGHEST_MANTISSA * 2.0 ** (7 + _EXPONENTS[-1]) / scale
        warn(f"{block}: {n_clipped:,} of {n_weights:,} weights are clipped to {highest:g}")
    return scale


def _compartment_problems(comp: Compartment, scale: float) -> Iterator[str]:
    keep = (1 - comp.decay_v.astype(float)) * LEAK_STEPS
    if (wrong := np.nonzero((keep != np.round(keep)) | (keep < 1))[0]).size:
        yield (
            f"decay must be a multiple of 1/4096 above 0 with fraction_bits (got "
            f"{keep[wrong[0]] / LEAK_STEPS:g} of neuron {wrong[0]}); round it with "
            "nengo_softlif.functional.fixed_point.round_decay"
        )
    threshold = comp.vth.astype(float) * scale - (not subtracts_threshold(comp))
    in_units = threshold / THRESHOLD_UNIT
    is_wrong = (in_units != np.round(in_units)) | (in_units < 1) | (in_units > HIGHEST_THRESHOLD)
    if (wrong := np.nonzero(is_wrong)[0]).size:
        yield (
            "threshold is none of the chip, which has multiples of "
            f"{THRESHOLD_UNIT / scale:g}, and with reset='zero' spikes above them (got "
            f"{comp.vth[wrong[0]]:.9g} of neuron {wrong[0]}); round it with "
            "nengo_softlif.functional.fixed_point.round_threshold"
        )
    lowest = -comp.vmin * scale
    if np.isfinite(lowest) and lowest < HIGHEST_VOLTAGE and np.log2(lowest + 1) % 1:
        yield (
            "min_voltage is none of the chip, which has 0 and one unit above minus powers of two "
            f"(got {comp.vmin:.9g}); round it with "
            "nengo_softlif.functional.fixed_point.lowest_voltage"
        )
    if comp.tau_s:
        yield (
            f"synapse must be None into neurons with fraction_bits (got a time constant of "
            f"{comp.tau_s:g} s), whose input currents do not last; leave out the filter"
        )


def _discretize_compartment(comp: Compartment, scale: float) -> None:
    to_int = discretize.array_to_int
    to_int(comp.decay_u, np.full(comp.n_compartments, _ALL))
    to_int(comp.decay_v, comp.decay_v.astype(float) * LEAK_STEPS)
    comp.scale_u = comp.scale_v = False
    to_int(comp.vth, comp.vth.astype(float) * scale - (not subtracts_threshold(comp)))
    mantissa, exponent = discretize.bias_to_manexp(comp.bias.astype(float) * scale)
    to_int(comp.bias, mantissa * 2.0**exponent)
    comp.vmin = int(max(comp.vmin * scale, -HIGHEST_VOLTAGE))
    comp.vmax = HIGHEST_VOLTAGE
    comp.noise_exp, comp.noise_offset = 1, 0


def _discretize_synapse(synapse: Synapse, scale: float) -> int:
    """Give a synapse the smallest exponent with which its weights fit; returns how many don't."""
    largest = max(synapse.max_abs_weight(), 0) * scale
    fits = [e for e in _EXPONENTS if largest < (_HIGHEST_MANTISSA + 0.5) * 2 ** (7 + e)]
    exponent = fits[0] if fits else _EXPONENTS[-1]
    unit = 2 ** (7 + exponent)
    synapse.format(weight_exp=exponent)
    n_clipped = 0
    for weights in synapse.weights:
        mantissa = np.round(weights.astype(float) * scale / unit)
        n_clipped += np.count_nonzero(np.abs(mantissa) > _HIGHEST_MANTISSA)
        mantissa = np.clip(mantissa, -_HIGHEST_MANTISSA, _HIGHEST_MANTISSA)
        discretize.array_to_int(weights, mantissa * unit)
    return int(n_clipped)


def install() -> None:
    """Have NengoLoihi ask `discretize_block`. May be called again."""
    discretize.discretize_block = discretize_block
