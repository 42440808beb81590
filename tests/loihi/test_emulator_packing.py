"""Weights are found again where they were packed."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nengo_softlif.loihi.emulator import packing
from nengo_softlif.loihi.emulator.packing import narrowed, packed

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


def test_whole_numbers_are_narrowed_if_they_fit():
    for weights, dtype in [
        (np.array([-(2**15), 2**15 - 1], np.int32), np.int16),
        (np.array([0, 2**15], np.int32), np.int32),
        (np.array([1.0], np.float32), np.float32),
    ]:
        assert narrowed(weights).dtype == dtype
        np.testing.assert_array_equal(narrowed(weights), weights)
