"""Kernels that work on events give what NumPy gives, at any activity and in any precision."""

import nengo
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from nengo.builder.signal import Signal
from numba import types
from numba.core.ccallback import CFunc

from nengo_softlif.compiled.fields import Fields
from nengo_softlif.functional.convolution import convolution_map
from nengo_softlif.simulator.kernels.plasticity import stdp
from nengo_softlif.simulator.kernels.processes import periodic
from nengo_softlif.simulator.kernels.propagation import (
    add_active,
    add_bands,
    multiply_few,
    scatter_to_one,
)
from nengo_softlif.simulator.kernels.recording import play, record
from nengo_softlif.simulator.kernels.rows import add_rows
from nengo_softlif.simulator.layout import Layout
from nengo_softlif.simulator.lowering import propagation
from nengo_softlif.simulator.lowering.rows import add_convolution, add_dense
from nengo_softlif.simulator.lowering.sparse import add_sparse
from nengo_softlif.simulator.memory import State
from nengo_softlif.simulator.program import Instruction, Program

ACTIVITIES = ["none", "one", 0.01, 0.1, 0.5, 1.0]
PRECISIONS = [np.float32, np.float64]


def activity(n, share, rng):
    """Some values, a fraction of which aren't zero; or none, or one."""
    x = np.zeros(n)
    if share == "one":
        x[rng.randint(n)] = 1000.0
    elif share != "none":
        active = rng.rand(n) < share
        x[active] = rng.randn(active.sum())
    return x


class Bench:
    """Two signals, and instructions between them."""

    def __init__(self, n_in, n_out, dtype, seed=0):
        self.layout = Layout(np.dtype(dtype), 0.001, set())
        # neighbours, which must stay as they are
        self.before = self.layout.room(16)
        self.x = self.layout.room(n_in)
        self.y = self.layout.room(n_out)
        self.after = self.layout.room(16)
        self.n_in, self.n_out = n_in, n_out
        self.start = np.random.RandomState(seed).randn(n_out).astype(dtype)

    def run(self, instructions, x):
        program = Program(instructions, self.layout.memory)
        state = State(self.layout.memory)  # after the program, whose parameters are there too
        view = state.view
        view(self.x, self.n_in)[:] = x
        view(self.y, self.n_out)[:] = self.start
        view(self.after, 16)[:] = view(self.before, 16)[:] = 7
        program.bind(state).run(1)
        assert np.all(view(self.after, 16) == 7) and np.all(view(self.before, 16) == 7)
        np.testing.assert_array_equal(view(self.x, self.n_in), x.astype(view(self.x, 1).dtype))
        return view(self.y, self.n_out).copy()

    def check(self, instructions, matrix, x):
        x = x.astype(self.start.dtype)
        matrix = scipy.sparse.csr_matrix(matrix)
        y = self.run(instructions, x)
        expected = self.start + matrix @ x.astype(float)
        scale = 1 + abs(matrix) @ np.abs(x.astype(float))
        assert np.all(np.abs(y - expected) <= 20 * np.finfo(y.dtype).eps * scale)
        return y


def both_ways(instructions):
    """The same instruction of `add_rows`, always scattering and always gathering."""
    (instruction,) = instructions
    assert instruction.kernel is add_rows
    for threshold in (2**40, 0):
        yield [Instruction(add_rows, **{**instruction.values, "gather_from": threshold})]


@pytest.mark.parametrize("dtype", PRECISIONS)
@settings(max_examples=25, deadline=None)
@given(
    n_in=st.integers(1, 300),
    n_out=st.integers(1, 130),
    share=st.sampled_from(ACTIVITIES),
    seed=st.integers(0, 99),
)
def test_dense_rows(dtype, n_in, n_out, share, seed):
    rng = np.random.RandomState(seed)
    matrix, x = rng.randn(n_out, n_in), activity(n_in, share, rng)
    bench = Bench(n_in, n_out, dtype)
    instructions = add_dense(matrix.T, bench.x, bench.y, bench.layout)
    bench.check(instructions, matrix, x)
    for way in both_ways(instructions):
        bench.check(way, matrix, x)


@pytest.mark.parametrize("dtype", PRECISIONS)
@settings(max_examples=25, deadline=None)
@given(
    space=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.sampled_from(["valid", "same"]),
    channels=st.integers(1, 70),
    # two positions of 64 channels are gathered as one
    filters=st.just(64) | st.integers(1, 130),
    share=st.sampled_from(ACTIVITIES),
    seed=st.integers(0, 99),
)
def test_rows_of_images(dtype, space, size, strides, padding, channels, filters, share, seed):
    rng = np.random.RandomState(seed)
    size = tuple(np.minimum(size, space))
    transform = nengo.Convolution(
        filters, (*space, channels), kernel_size=size, strides=strides, padding=padding
    )
    kernel = rng.randn(*size, channels, filters)
    described = convolution_map(kernel, (*space, channels), strides=strides, padding=padding)
    assert described.output_shape == transform.output_shape.shape
    matrix = described.matrix()
    n_in, n_out = matrix.shape[1], matrix.shape[0]
    bench = Bench(n_in, n_out, dtype)
    instructions = add_convolution(described, 1.0, bench.x, bench.y, bench.layout)
    x = activity(n_in, share, rng)
    bench.check(instructions, matrix, x)
    for way in both_ways(instructions):
        bench.check(way, matrix, x)


@pytest.mark.parametrize("dtype", PRECISIONS)
@settings(max_examples=30, deadline=None)
@given(
    n_in=st.integers(1, 200),
    n_out=st.integers(1, 130),
    density=st.sampled_from([0, 0.02, 0.3, 1]),
    share=st.sampled_from(ACTIVITIES),
    seed=st.integers(0, 99),
)
def test_sparse_columns(dtype, n_in, n_out, density, share, seed):
    rng = np.random.RandomState(seed)
    matrix = scipy.sparse.random(n_out, n_in, density, "csr", random_state=rng)
    bench = Bench(n_in, n_out, dtype)
    instructions = add_sparse(matrix, bench.x, bench.y, bench.layout)
    bench.check(instructions, matrix, activity(n_in, share, rng))


@pytest.mark.parametrize("dtype", PRECISIONS)
@settings(max_examples=30, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 200)),
    transposed=st.booleans(),
    share=st.sampled_from(ACTIVITIES),
    seed=st.integers(0, 99),
)
def test_few_inputs_or_outputs(dtype, shape, transposed, share, seed):
    rng = np.random.RandomState(seed)
    n_out, n_in = shape[::-1] if transposed else shape
    matrix = rng.randn(n_out, n_in)
    bench = Bench(n_in, n_out, dtype)
    instructions = propagation.dot_inc(Product(bench, matrix), bench.layout)
    bench.check(instructions, matrix, activity(n_in, share, rng))


@pytest.mark.parametrize("kind", ["csr", "csc"])
@pytest.mark.parametrize(("n_in", "n_out"), [(1, 4), (2, 16), (40, 40), (64, 3)])
def test_weights_that_are_stored_twice_count_twice(n_in, n_out, kind):
    rng = np.random.RandomState(0)
    once = scipy.sparse.random(n_out, n_in, 0.7, "coo", random_state=rng)
    places = np.tile([once.row, once.col], 2)
    matrix = scipy.sparse.coo_matrix((np.tile(once.data, 2), places), once.shape)
    # SciPy adds them up where it changes the format from COO
    major = places[0] if kind == "csr" else places[1]
    minor = places[1] if kind == "csr" else places[0]
    order = np.argsort(major, kind="stable")
    first = np.searchsorted(major[order], np.arange((n_out if kind == "csr" else n_in) + 1))
    twice = getattr(scipy.sparse, f"{kind}_matrix")(
        (matrix.data[order], minor[order], first), shape=once.shape
    )
    assert twice.nnz == 2 * once.nnz
    bench = Bench(n_in, n_out, np.float64)
    bench.check(
        add_sparse(twice, bench.x, bench.y, bench.layout), 2 * once, activity(n_in, 1.0, rng)
    )
    assert twice.nnz == 2 * once.nnz


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("share", ACTIVITIES)
def test_sums_of_equal_weights_as_in_pooling(dtype, share):
    rng = np.random.RandomState(0)
    matrix = np.kron(np.eye(35), np.full((1, 4), 0.25))
    bench = Bench(140, 35, dtype)
    instructions = add_sparse(scipy.sparse.csr_matrix(matrix), bench.x, bench.y, bench.layout)
    assert instructions[0].kernel is scatter_to_one
    bench.check(instructions, matrix, activity(140, share, rng))


@pytest.mark.parametrize("dtype", PRECISIONS)
@settings(max_examples=25, deadline=None)
@given(
    space=st.tuples(st.integers(2, 7), st.integers(2, 7)),
    channels=st.integers(16, 70),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    share=st.sampled_from(ACTIVITIES),
    seed=st.integers(0, 99),
)
def test_overlapping_average_pooling_goes_by_bands(dtype, space, channels, strides, share, seed):
    rng = np.random.RandomState(seed)
    ones = np.broadcast_to(np.eye(channels), (3, 3, channels, channels))
    conv = convolution_map(ones, (*space, channels), strides=strides, padding="same")
    matrix = conv.matrix()
    # at the border, where there is less of the window, Keras weights what there is more
    matrix = scipy.sparse.diags(1 / np.asarray(matrix.sum(axis=1)).ravel()) @ matrix
    n_out, n_in = matrix.shape
    bench = Bench(n_in, n_out, dtype)
    instructions = add_sparse(matrix, bench.x, bench.y, bench.layout)
    assert instructions[0].kernel is add_bands
    bench.check(instructions, matrix, activity(n_in, share, rng))


@pytest.mark.parametrize("dtype", PRECISIONS)
@settings(max_examples=25, deadline=None)
@given(
    space=st.tuples(st.integers(3, 6), st.integers(3, 6)),
    channels=st.integers(1, 20),
    filters=st.integers(12, 40),
    zeros=st.sampled_from([0, 0.1, 0.4]),
    share=st.sampled_from(ACTIVITIES),
    seed=st.integers(0, 99),
)
def test_locally_connected_layers_go_by_rows(dtype, space, channels, filters, zeros, share, seed):
    rng = np.random.RandomState(seed)
    matrix = convolution_map(np.ones((3, 3, channels, filters)), (*space, channels)).matrix()
    matrix.data = np.where(rng.rand(matrix.nnz) < zeros, 0, rng.randn(matrix.nnz))
    matrix.eliminate_zeros()
    n_out, n_in = matrix.shape
    bench = Bench(n_in, n_out, dtype)
    instructions = add_sparse(matrix, bench.x, bench.y, bench.layout)
    assert instructions[0].kernel is add_rows
    bench.check(instructions, matrix, activity(n_in, share, rng))


class Product:
    """What `dot_inc` needs of an operator, on the signals of a bench."""

    def __init__(self, bench, matrix):
        self.A = Signal(matrix)
        self.X, self.Y = Signal(np.zeros(bench.n_in)), Signal(np.zeros(bench.n_out))
        bench.layout.places.update({self.X: bench.x, self.Y: bench.y})


@pytest.mark.parametrize("n", [1, 15, 16, 17, 63, 64, 65, 128, 129])
def test_an_event_at_either_end_is_seen(n):
    for where in {0, n - 1}:
        x = np.zeros(n)
        x[where] = -3.0
        bench = Bench(n, 20, np.float64)
        matrix = np.random.RandomState(n).randn(20, n)
        rows = add_dense(matrix.T, bench.x, bench.y, bench.layout)
        bench.check(rows, matrix, x)


def test_tiny_and_negative_values_are_events_and_negative_zero_is_none():
    x = np.array([5e-324, -1e-300, -0.0, 0.0, 1e300, -2.0])
    matrix = np.random.RandomState(0).randn(30, 6)
    bench = Bench(6, 30, np.float64)
    rows = add_dense(matrix.T, bench.x, bench.y, bench.layout)
    bench.check(rows, matrix, x)


@pytest.mark.parametrize(
    "kernel", [add_active, multiply_few, stdp, record, play, periodic], ids=lambda k: k.name
)
def test_loops_over_neighbouring_numbers_are_vector_instructions(kernel):
    # an index that may be negative, for all that the compiler knows, makes loops twice as slow
    pointers = (Fields(kernel.operands, types.int64), Fields(kernel.reals, types.float32))
    callback = CFunc(kernel.function, (pointers, types.void), {}, {"error_model": "numpy"})
    callback.compile()
    instructions = callback._library.get_asm_str()
    assert "gather" not in instructions and "scatter" not in instructions
