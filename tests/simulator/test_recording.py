"""What is recorded and fed in is in memory that the returned objects own."""

import gc

import numpy as np
import pytest
from nengo.builder.signal import Signal

from nengo_softlif.simulator.kernels import moving
from nengo_softlif.simulator.layout import Layout
from nengo_softlif.simulator.memory import State
from nengo_softlif.simulator.program import Instruction, Program
from nengo_softlif.simulator.recording import Player, Recorder

N_STEPS, SIZE = 6, 1000


@pytest.fixture
def counting():
    """A signal that grows by 1 in each step, its layout, and the instruction that does it."""
    signal = Signal(np.zeros(SIZE))
    layout = Layout(np.dtype(float), 0.001, {signal})
    one = layout.memory.weights(np.ones(SIZE))
    return signal, layout, Instruction(moving.add, x=one, y=layout.address(signal), n=SIZE)


@pytest.mark.parametrize("sampled", [slice(None), np.array([0, 3, 5]), np.array([], int)])
def test_rows_are_there_as_long_as_the_recording(counting, sampled):
    signal, layout, grow = counting
    recorder = Recorder(signal, layout)
    program = Program([grow, *recorder.instructions], layout.memory)
    state = State(layout.memory)
    state.reset()
    recordings = []
    for start in (0, N_STEPS):
        recording = recorder.start(state, N_STEPS, sampled)
        gc.collect()
        other = [np.full(SIZE, -1.0) for _ in range(3 * N_STEPS)]  # would be where freed rows were
        program.bind(state).run(N_STEPS)
        steps = start + 1 + np.arange(N_STEPS)[sampled]
        np.testing.assert_array_equal(recording(), np.tile(steps, (SIZE, 1)).T)
        assert all(np.all(values == -1) for values in other)
        recordings.append((recording(), steps))
    for rows, steps in recordings:
        np.testing.assert_array_equal(rows, np.tile(steps, (SIZE, 1)).T)


def test_before_the_end_there_are_the_rows_of_the_steps_that_were_run(counting):
    signal, layout, grow = counting
    recorder = Recorder(signal, layout)
    program = Program([grow, *recorder.instructions], layout.memory)
    state = State(layout.memory)
    state.reset()
    recording = recorder.start(state, N_STEPS)
    assert recording().shape == (0, SIZE)
    program.bind(state).run(2)
    assert recording().shape == (2, SIZE)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_any_type_and_order_are_played_in_the_memory_s_precision(dtype):
    signal = Signal(np.zeros(3))
    layout = Layout(np.dtype(dtype), 0.001, {signal})
    player, recorder = Player(signal, layout), Recorder(signal, layout)
    program = Program([*player.instructions, *recorder.instructions], layout.memory)
    state = State(layout.memory)
    state.reset()
    rows = np.arange(12).reshape(3, 4).T  # integers, not contiguous
    values = player.start(state, rows)
    recording = recorder.start(state, len(rows))
    program.bind(state).run(len(rows))
    assert recording().dtype == values.dtype == dtype
    np.testing.assert_array_equal(recording(), rows)
