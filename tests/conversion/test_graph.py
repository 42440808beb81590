"""Operations of a graph: looked up by name, complete, and folded into each other."""

import numpy as np
import pytest
import scipy.sparse

from nengo_softlif.conversion import graph as operations
from nengo_softlif.conversion.graph import (
    Concatenate,
    Convolution,
    Dense,
    Graph,
    Input,
    Linear,
    Matrix,
    Sum,
)
from nengo_softlif.conversion.passes import fold_lines, push_biases
from nengo_softlif.errors import SoftLIFError

WEIGHTS = np.arange(6.0).reshape(2, 3)


def line(name, source, factors, bias=None):
    weights = scipy.sparse.coo_matrix(np.diag(factors))
    return Matrix(name, (source,), (len(factors),), weights=weights, bias=bias)


def chain(*later):
    dense = Dense("dense", ("x",), (2,), weights=WEIGHTS, bias=np.ones(2))
    return Graph((Input("x", (), (3,)), dense, *later), (later[-1].name if later else "dense",))


def test_operations_are_found_by_name():
    graph = chain()
    assert graph["dense"] is graph.operations[1]
    with pytest.raises(KeyError, match="operation 'conv' is unknown; choose one of x, dense"):
        graph["conv"]
    with pytest.raises(SoftLIFError):
        graph[None]


def test_a_changed_graph_has_names_of_its_own():
    graph = chain()
    assert graph["dense"].bias is not None
    changed = graph.replaced({"dense": None})
    with pytest.raises(KeyError):
        changed["dense"]
    assert graph.consumers("x") == [graph["dense"]]
    assert changed.consumers("x") == []


@pytest.mark.parametrize(
    "cls, values",
    [
        (Dense, {}),
        (Matrix, {"bias": None}),
        (Convolution, {"kernel": np.ones((1, 1, 1)), "input_shape": (2, 1)}),
        (Sum, {}),
        (Concatenate, {}),
        (operations.MaxPool, {"input_shape": (2, 1)}),
        (operations.Neurons, {"bias": None}),
    ],
)
def test_no_operation_can_be_made_without_what_it_needs(cls, values):
    with pytest.raises(TypeError, match=r"missing .* required keyword-only argument"):
        cls("name", ("x",), (2,), **values)


def test_every_linear_operation_says_whether_it_takes_factors():
    factors = np.array([2.0, 3.0])
    dense = chain()["dense"]
    np.testing.assert_array_equal(dense.scaled_rows(factors).weights, [[0, 2, 4], [9, 12, 15]])
    np.testing.assert_array_equal(dense.scaled_rows(factors).bias, factors)
    conv = Convolution(
        "c", ("x",), (1, 2), kernel=np.ones((1, 1, 2)), input_shape=(1, 1), strides=(1,)
    )
    np.testing.assert_array_equal(conv.scaled_rows(factors).kernel.ravel(), factors)
    two = Convolution(
        "c", ("x",), (2, 1), kernel=np.ones((1, 1, 1)), input_shape=(2, 1), strides=(1,)
    )
    assert two.scaled_rows(factors) is None  # they differ within the channel
    assert Sum("s", ("x",), (2,), weights=(1.0,)).scaled_rows(factors) is None
    assert Concatenate("s", ("x",), (2,), targets=(np.arange(2),)).scaled_rows(factors) is None
    with pytest.raises(TypeError, match="abstract"):
        Linear("l", ("x",), (2,))


def test_lines_after_each_other_are_folded_into_the_weights():
    graph = chain(
        line("norm", "dense", [2.0, 3.0], bias=np.array([0.5, 0.0])),
        line("scale", "norm", [10.0, 1.0]),
    )
    folded = fold_lines(graph)
    assert [op.name for op in folded.operations] == ["x", "scale"]
    np.testing.assert_array_equal(folded["scale"].weights, [[0, 20, 40], [9, 12, 15]])
    np.testing.assert_array_equal(folded["scale"].bias, [25, 3])
    assert folded.notes == (
        "norm: folded into the weights of dense",
        "scale: folded into the weights of norm",
    )


def test_lines_stay_where_the_result_before_them_is_used():
    graph = chain(line("norm", "dense", [2.0, 3.0]))
    kept = Graph(graph.operations, ("dense", "norm"))
    assert fold_lines(kept).operations == kept.operations
    twice = chain(
        line("norm", "dense", [2.0, 3.0]), Sum("sum", ("dense", "norm"), (2,), weights=(1.0, 1.0))
    )
    assert fold_lines(twice).operations == twice.operations


def test_biases_move_through_all_linear_operations():
    graph = push_biases(chain(line("norm", "dense", [2.0, 3.0]), line("last", "norm", [10.0, 1.0])))
    assert graph["dense"].bias is None
    assert graph["norm"].bias is None
    np.testing.assert_array_equal(graph["last"].bias, [20, 3])
