"""Kernel of convolutions whose shared weights change at spikes: work for spikes, not for weights.

The equations of `nengo_softlif.processes.STDPConvolution`; ``fired`` has the map that fires at each
place in this step, or -1.
"""

import math
from typing import NamedTuple

from nengo_softlif.compiled.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.compiled.choice import where
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.simd import array, number, trailing_zeros
from nengo_softlif.functional import plasticity as equations

__all__ = ["stdp_convolution"]

_ordered = compiled(equations.ordered)


class _Functions(NamedTuple):
    """The namespace that the equation takes; Numba knows tuples of functions."""

    where: object


@compiled
def _receive(at, x, seen, sums, weights, one):
    """Add the weights of inputs that spike for the first time to all places that see them."""
    n_maps, channels = at.n_maps, at.channels
    n_in = at.height * at.width * channels
    for block in range(0, n_in, BLOCK):
        bits = active_bits(x, block, n_in)
        while bits != 0:
            i = block + trailing_zeros(bits)
            bits = without_lowest(bits)
            channel, place = i % channels, i // channels
            row, column = place // at.width + at.padding, place % at.width + at.padding
            input_ = (row * at.padded_width + column) * channels + channel
            if seen[input_] != 0:
                continue
            seen[input_] = one
            for a in range(at.filter_height):
                for b in range(at.filter_width):
                    tap = (at.filter_height - 1 - a) * at.filter_width + at.filter_width - 1 - b
                    source = (tap * channels + channel) * n_maps
                    target = ((row + a) * at.sums_width + column + b) * n_maps
                    for m in range(n_maps):
                        sums[target + m] += weights[source + m]


@compiled
def _first(at, row, column):
    """Where the potentials of a place start."""
    margin = (at.filter_height - 1) * at.sums_width + at.filter_width - 1
    return (margin + row * at.sums_width + column) * at.n_maps


@compiled
def _fire(at, sums, silenced, fired, threshold, one):
    """The map with the highest potential fires, once at each place."""
    for row in range(at.rows):
        for column in range(at.columns):
            place, start, best = row * at.columns + column, _first(at, row, column), 0
            fired[place] = -one
            if silenced[place] != 0:
                continue
            for m in range(1, at.n_maps):
                if sums[start + m] > sums[start + best]:
                    best = m
            if sums[start + best] >= threshold:
                silenced[place] = one
                fired[place] = best


@compiled
def _next_winner(at, sums, fired, places, maps):
    """The place of the highest potential of those that may still learn, or -1."""
    found, highest = -1, number(0, sums)
    for row in range(at.rows):
        for column in range(at.columns):
            place = row * at.columns + column
            if fired[place] < 0 or places[place] != 0 or maps[int(fired[place])] != 0:
                continue
            potential = sums[_first(at, row, column) + int(fired[place])]
            if found < 0 or potential > highest:
                found, highest = place, potential
    return found


@compiled
def _learn(at, place, winner, weights, seen, places, real, one):
    """Change the weights of a winner, and keep those around it from learning."""
    row, column = place // at.columns, place % at.columns
    for r in range(max(0, row - at.radius), min(at.rows, row + at.radius + 1)):
        for c in range(max(0, column - at.radius), min(at.columns, column + at.radius + 1)):
            places[r * at.columns + c] = one
    functions = _Functions(where)
    for a in range(at.filter_height):
        for b in range(at.filter_width):
            pixel = (row + a) * at.padded_width + column + b
            tap = a * at.filter_width + b
            for channel in range(at.channels):
                k = (tap * at.channels + channel) * at.n_maps + winner
                before = seen[pixel * at.channels + channel] != 0
                weights[k] = _ordered(
                    weights[k], before, real.potentiation, real.depression, functions
                )


@compiled
def _pass_on(at, y, sums, fired, one):
    """Largest spike or potential of each window and map."""
    n_maps, pool = at.n_maps, at.pool_size
    for i in range(at.n_out):
        y[i] = 0
    for row in range(at.rows):
        for column in range(at.columns):
            window = (row + at.rows_before) // pool * at.pooled_columns
            o = (window + (column + at.columns_before) // pool) * n_maps
            if at.potentials != 0:
                start = _first(at, row, column)
                for m in range(n_maps):
                    y[o + m] = max(y[o + m], sums[start + m])  # weights are not negative
            elif fired[row * at.columns + column] >= 0:
                y[o + int(fired[row * at.columns + column])] = one


@kernel(
    operands="x y weights seen sums silenced places maps fired time height width channels padding"
    " padded_width sums_width filter_height filter_width rows columns n_maps n_seen n_sums n_out"
    " n_steps n_winners radius pool_size rows_before columns_before pooled_columns potentials",
    reals="threshold potentiation depression dt",
)
def stdp_convolution(at, real):
    """One step of the neurons, and of the weights of those that win."""
    n_places, n_maps = at.rows * at.columns, at.n_maps
    x = array(at.x, at.height * at.width * at.channels, real)
    y = array(at.y, at.n_out, real)
    n_weights = at.filter_height * at.filter_width * at.channels * n_maps
    weights, seen = array(at.weights, n_weights, real), array(at.seen, at.n_seen, real)
    sums, silenced = array(at.sums, at.n_sums, real), array(at.silenced, n_places, real)
    places, maps = array(at.places, n_places, real), array(at.maps, n_maps, real)
    fired = array(at.fired, n_places, real)
    one = number(1, real)
    step = math.floor(array(at.time, 1, real)[0] / real.dt + number(0.5, real)) - 1
    if step % at.n_steps == 0:
        seen[:] = 0
        sums[:] = 0
        silenced[:] = 0
        places[:] = 0
        maps[:] = 0
    _receive(at, x, seen, sums, weights, one)
    _fire(at, sums, silenced, fired, real.threshold, one)
    n_left = at.n_winners
    for m in range(n_maps):
        if maps[m] != 0:
            n_left -= 1
    while n_left > 0:
        place = _next_winner(at, sums, fired, places, maps)
        if place < 0:
            break
        winner = int(fired[place])
        maps[winner] = one
        _learn(at, place, winner, weights, seen, places, real, one)
        n_left -= 1
    _pass_on(at, y, sums, fired, one)
