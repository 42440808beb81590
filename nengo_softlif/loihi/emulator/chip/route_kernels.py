"""Compiled loops over runs of weights, of which large networks have millions until they join."""

from nengo_softlif.compiled.compiler import compiled

__all__ = ["are_alike", "count_moved", "hash_contents", "join", "move"]

_FACTOR = 0x9E3779B97F4A7C15 - 2**64  # odd; as a signed number


@compiled
def count_moved(target, length, stretch):
    """Number of runs after `move`."""
    total = 0
    for run in range(len(target)):
        total += stretch[target[run] + length[run] - 1] - stretch[target[run]] + 1
    return total


@compiled
def move(runs, place, stretch, bounds, numbers, moved):
    """Go over to our numbers, and cut runs where the compartments are no longer neighbors.

    Parameters
    ----------
    runs : (source, target, start, length), each (n,) ndarray of int64
    place : (n_compartments,) ndarray
        Where we keep each of NengoLoihi's compartments.
    stretch : (n_compartments,) ndarray
        Number of the stretch of neighbors that it is in.
    bounds : (n_stretches + 1,) ndarray
        First compartment of each stretch.
    numbers : (n_sources,) ndarray
        Our number of each source of a pass.
    moved : (4, n_moved) ndarray of int64
        Is filled; ``n_moved`` is from `count_moved`.
    """
    source, target, start, length = runs
    n_sources, k = len(numbers), 0
    for run in range(len(target)):
        in_pass = source[run] % n_sources
        ours = source[run] - in_pass + numbers[in_pass]
        begin, end = target[run], target[run] + length[run]
        while begin < end:
            until = min(end, bounds[stretch[begin] + 1])
            moved[0, k] = ours
            moved[1, k] = place[begin]
            moved[2, k] = start[run] + begin - target[run]
            moved[3, k] = until - begin
            begin = until
            k += 1


@compiled
def join(runs, n_learned, first):
    """Find where joined runs begin: not behind a run of neighbors, and not if either learns.

    Parameters
    ----------
    runs : (4, n) ndarray of int64
        Sorted by source and target.
    n_learned : int
        Weights before this one learn.
    first : (n + 1,) ndarray of int64
        Is filled with their first runs, and with n behind the last one.

    Returns
    -------
    n_joined : int
    """
    source, target, start, length = runs
    n_joined = 0
    for run in range(len(source)):
        follows = (
            run > 0
            and source[run] == source[run - 1]
            and target[run] == target[run - 1] + length[run - 1]
            and start[run] >= n_learned
            and start[run - 1] >= n_learned
        )
        if not follows:
            first[n_joined] = run
            n_joined += 1
    first[n_joined] = len(source)
    return n_joined


@compiled
def hash_contents(start, length, first, stop, hashes):
    """Hash of the weights that each joined run refers to, by their places and lengths.

    Parameters
    ----------
    start, length : (n,) ndarray of int64
    first, stop : (n_joined,) ndarray of int64
    hashes : (n_joined,) ndarray of int64
        Is filled.
    """
    for k in range(len(hashes)):
        value = 0
        for run in range(first[k], stop[k]):
            value = (value ^ (value >> 29)) * _FACTOR + start[run]
            value = (value ^ (value >> 29)) * _FACTOR + length[run]
        hashes[k] = value


@compiled
def are_alike(start, length, first, stop, like):
    """Whether joined runs refer to the same weights as others.

    Parameters
    ----------
    start, length : (n,) ndarray of int64
    first, stop : (n_joined,) ndarray of int64
    like : (n_joined,) ndarray of int64
        Number of the one to compare each with.

    Returns
    -------
    alike : bool
        Of all of them.
    """
    for k in range(len(like)):
        n, other = stop[k] - first[k], first[like[k]]
        if stop[like[k]] - other != n:
            return False
        for run in range(n):
            if start[first[k] + run] != start[other + run]:
                return False
            if length[first[k] + run] != length[other + run]:
                return False
    return True
