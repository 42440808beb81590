"""Weights are found again where they were packed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nengo_softlif.loihi.emulator.chip import packing, routes
from nengo_softlif.loihi.emulator.chip.packing import narrowed, packed
from nengo_softlif.loihi.emulator.chip.routes import Routes

pieces = st.lists(
    st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple), min_size=1, unique=True
)


@settings(max_examples=50, deadline=None)
@given(pieces=pieces, dtype=st.sampled_from([np.int32, np.float32]))
def test_each_piece_is_where_it_is_said_to_be(pieces, dtype):
    arrays = [np.array(piece, dtype=dtype) for piece in pieces]
    starts, whole = packed(arrays)
    assert whole.dtype == dtype
    assert len(whole) <= sum(map(len, pieces))
    for start, array in zip(starts, arrays, strict=True):
        np.testing.assert_array_equal(whole[start : start + len(array)], array)


def test_parts_of_others_take_no_room(monkeypatch):
    # with 256 and 1 in bytes that look like each other when shifted
    arrays = [np.array(a, dtype=np.int32) for a in ([256, 1, 7], [1, 7], [7], [65536])]
    starts, whole = packed(arrays)
    np.testing.assert_array_equal(starts, [0, 1, 2, 3])
    assert len(whole) == 4
    monkeypatch.setattr(packing, "_MAX_SEARCH", 0)  # as for large networks
    starts, whole = packed(arrays)
    np.testing.assert_array_equal(starts, [0, 3, 5, 6])
    np.testing.assert_array_equal(whole, np.concatenate(arrays))


def routes_of(*runs):
    """Routes of source 0, with (target, start, length)."""
    target, start, length = np.array(runs, dtype=np.int64).T
    first = np.array([0, len(runs), len(runs)])
    return Routes(1, 2, first, target.astype(np.int32), start, length.astype(np.int32))


def test_whole_numbers_get_a_unit_in_which_they_are_small():
    weights = np.array([-(2**15), 127 * 2**10, 2**8, 0], dtype=np.int32)
    load, narrow = narrowed(weights, routes_of((0, 0, 4)))
    assert load.unit == 2**8
    assert narrow.dtype == np.int16
    np.testing.assert_array_equal(narrow.astype(np.int32) * load.unit, weights)
    # so many spikes at most have a sum that fits
    assert load.limit * np.abs(narrow).max() < 2**15


@pytest.mark.parametrize(
    "weights, runs",
    [
        (np.array([1, 2**14], np.int32), [(0, 0, 2)]),  # too large for so small a unit
        (np.array([1, 2], np.int32), [(0, 0, 2), (1, 0, 2)]),  # a spike arrives twice
        (np.array([0, 0], np.int32), [(0, 0, 2)]),
        (np.array([1.0, 2.0], np.float32), [(0, 0, 2)]),
    ],
)
def test_what_can_not_be_narrowed_is_left_as_it_is(weights, runs):
    load, same = narrowed(weights, routes_of(*runs))
    assert same is weights
    assert load.unit == 1
    assert load.unit.dtype == weights.dtype
    assert load.limit < 0


class Rows:
    """As `Synapses`: a pool of weights, the first of which learn."""

    n_learned = 3

    def weights(self):
        return np.arange(100, dtype=np.int32) % 50  # each content twice


@pytest.mark.parametrize("collide", [False, True])
def test_runs_of_neighbors_join_and_equal_weights_are_stored_once(collide, monkeypatch):
    if collide:  # then contents with one hash are told apart by what they are
        monkeypatch.setattr(routes.kernels, "hash_contents", lambda *a: a[-1].fill(0))
    # source, target, start, length, in any order
    runs = np.array(
        [
            (1, 4, 14, 4),
            (0, 0, 10, 4),
            (0, 4, 14, 4),  # goes on where the one before ends
            (1, 0, 60, 4),  # in other places, the same weights
            (2, 0, 0, 2),
            (2, 2, 2, 1),  # neighbors, which learn
            (2, 9, 70, 3),
        ]
    ).T
    joined, weights = routes._join(runs, Rows())
    found = [
        (source, target, weights[start : start + length].tolist())
        for source, target, start, length in joined.T
    ]
    assert found == [
        (0, 0, [*range(10, 18)]),
        (1, 0, [*range(10, 18)]),
        (2, 0, [0, 1]),
        (2, 2, [2]),
        (2, 9, [20, 21, 22]),
    ]
    assert joined[2][0] == joined[2][1]
    assert len(weights) == 3 + 8 + 3


def test_runs_are_cut_where_compartments_are_kept_apart():
    place = np.array([5, 6, 0, 1, 2])
    runs = tuple(np.array(row) for row in [(0, 6), (1, 0), (10, 20), (4, 2)])
    moved = routes._move(runs, place, 7)
    assert moved.T.tolist() == [[5, 6, 10, 1], [5, 0, 11, 3], [6, 5, 20, 2]]
