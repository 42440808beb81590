"""Random numbers, and the neuron types that draw them in every step.

The generator is the Mersenne Twister (Matsumoto & Nishimura 1998) behind NumPy's `RandomState`,
with its way to make a fraction of two words and a Poisson number of fractions, so that the spikes
are those of Nengo's own steps. Its state is 624 words and the position of the next one.
"""

import math

from nengo_softlif.compiled.activity import BLOCK, active_bits, without_lowest
from nengo_softlif.compiled.compiler import compiled, kernel
from nengo_softlif.compiled.simd import array, integers, number, trailing_zeros

__all__ = ["N_WORDS", "next_fraction", "poisson_spiking", "stochastic_spiking"]

N_WORDS, _SHIFT = 624, 397


@compiled
def _renewed(word, following, shifted):
    """A word of the next 624, from three of these."""
    y = (word & 0x80000000) | (following & 0x7FFFFFFF)
    odd = 0x9908B0DF if y & 1 else 0
    return shifted ^ (y >> 1) ^ odd


@compiled
def renew(words):
    """Make the next 624 words."""
    n_old = N_WORDS - _SHIFT  # words that depend on old ones only
    for i in range(n_old):
        words[i] = _renewed(words[i], words[i + 1], words[i + _SHIFT])
    for i in range(n_old, N_WORDS - 1):
        words[i] = _renewed(words[i], words[i + 1], words[i - n_old])
    words[N_WORDS - 1] = _renewed(words[N_WORDS - 1], words[0], words[_SHIFT - 1])
    words[N_WORDS] = 0


@compiled
def tempered(y):
    """The random bits of a word."""
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C5680
    y ^= (y << 15) & 0xEFC60000
    return y ^ (y >> 18)


@compiled
def next_word(words):
    """The next 32 random bits."""
    if words[N_WORDS] >= N_WORDS:
        renew(words)
    y = tempered(words[words[N_WORDS]])
    words[N_WORDS] += 1
    return y


@compiled
def next_fraction(words):
    """A number from 0 to below 1, of 53 random bits."""
    high, low = next_word(words) >> 5, next_word(words) >> 6
    return (high * 67108864.0 + low) / 9007199254740992.0


@compiled
def next_poisson(words, mean):
    """A Poisson number: by Knuth's product of fractions, or by Hoermann's PTRS (1993)."""
    if mean == 0:
        return 0
    if mean < 10:
        least, product, count = math.exp(-mean), next_fraction(words), 0
        while product > least:
            product *= next_fraction(words)
            count += 1
        return count
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    accepted = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = next_fraction(words) - 0.5
        v = next_fraction(words)
        distance = 0.5 - abs(u)
        count = math.floor((2 * a / distance + b) * u + mean + 0.43)
        if distance >= 0.07 and v <= accepted:
            return count
        if count < 0 or (distance < 0.013 and v > distance):
            continue
        left = math.log(v) + math.log(inverse_alpha) - math.log(a / (distance * distance) + b)
        if left <= -mean + count * math.log(mean) - math.lgamma(count + 1):
            return count


@compiled
def _upper(word):
    """A number not below the fraction that begins with a word."""
    return ((tempered(word) >> 5) + 1) / 134217728.0


@kernel(operands="rates output words n has_negative", reals="dt height")
def poisson_spiking(at, real):
    """Poisson numbers of spikes of a height.

    With ``has_negative`` rates may be negative, and their spikes are.
    """
    n = at.n
    rates, output = array(at.rates, n, real), array(at.output, n, real)
    words = integers(at.words, N_WORDS + 1)
    dt, height = real.dt, real.height
    place = words[N_WORDS]
    for i in range(n):
        output[i] = 0
    for block in range(0, n, BLOCK):  # a rate of 0 draws no fraction
        bits = active_bits(rates, block, n)
        while bits != 0:
            i = block + trailing_zeros(bits)
            bits = without_lowest(bits)
            rate = rates[i]
            mean = dt * abs(rate)
            if mean == 0:  # too low for a floating-point number
                continue
            # Most often there is none: the first fraction is below 1 - mean, and so below
            # exp(-mean). Its upper half suffices to tell.
            if place + 1 < N_WORDS and _upper(words[place]) <= 1 - mean:
                place += 2
                continue
            words[N_WORDS] = place
            spikes = height * number(next_poisson(words, mean), real)
            place = words[N_WORDS]
            output[i] = math.copysign(spikes, rate) if at.has_negative else spikes
    words[N_WORDS] = place


@kernel(operands="rates output words n has_negative", reals="dt height")
def stochastic_spiking(at, real):
    """The expected number of spikes, rounded up or down; operands as for `poisson_spiking`."""
    n = at.n
    rates, output = array(at.rates, n, real), array(at.output, n, real)
    words = integers(at.words, N_WORDS + 1)
    dt, height = real.dt, real.height
    for i in range(n):
        rate = rates[i]
        expected = dt * abs(rate)
        whole = math.floor(expected)
        spikes = height * number(whole + (next_fraction(words) < expected - whole), real)
        output[i] = math.copysign(spikes, rate) if at.has_negative else spikes
