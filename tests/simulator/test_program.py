"""Operands have names, and a rule that gets one wrong learns which before anything runs."""

import ast
import importlib
import inspect
import pkgutil
import textwrap

import numpy as np
import pytest
from numba.core.errors import TypingError

from nengo_softlif.compiled.compiler import Kernel, kernel
from nengo_softlif.compiled.simd import array
from nengo_softlif.loihi.emulator import spike_log
from nengo_softlif.simulator import kernels
from nengo_softlif.simulator.memory import Memory, State
from nengo_softlif.simulator.program import Instruction, Program


@kernel(operands="x y n", reals="factor shift")
def line(at, real):
    """``y = factor * x + shift``."""
    x, y = array(at.x, at.n, real), array(at.y, at.n, real)
    for i in range(at.n):
        y[i] = real.factor * x[i] + real.shift


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_are_found_by_name_in_any_order(dtype):
    memory = Memory(dtype)
    x, y = memory.state([1.0, 2.0, 3.0]), memory.state(3)
    program = Program([Instruction(line, shift=0.5, n=2, y=y, factor=10, x=x)], memory)
    state = State(memory)
    state.reset()
    program.bind(state).run(1)
    np.testing.assert_array_equal(state.view(y, 3), [10.5, 20.5, 0])


def test_kernels_with_few_and_with_many_operands_share_a_program():
    names = [f"x{i}" for i in range(40)]
    source = "".join(f"    array(at.{name}, 1, real)[0] += {i}\n" for i, name in enumerate(names))
    scope = {"array": array}
    exec(f"def add_numbers(at, real):\n{source}", scope)  # our own text
    many = Kernel(scope["add_numbers"], operands=" ".join(names))
    memory = Memory(np.float64)
    places = [memory.state(1) for _ in names]
    few = Instruction(line, x=places[3], y=places[0], n=1, factor=1, shift=2)
    instruction = Instruction(many, **dict(zip(names, places, strict=True)))
    state_of = Program([instruction, few], memory)
    state = State(memory)
    state_of.bind(state).run(2)
    assert [state.view(place, 1)[0] for place in places] == [8, *range(2, 80, 2)]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"n": None}, "got no n"),
        ({"n": None, "shift": None}, "got no n, no shift"),
        ({"z": 3}, "got unknown z"),
        ({"y": None, "z": 3}, "got no y, unknown z"),
    ],
)
def test_missing_and_unknown_names_are_told_with_the_kernel(changes, message):
    x = Memory(np.float64).state(3)
    values = {"x": x, "y": x, "n": 3, "factor": 1.0, "shift": 0.0, **changes}
    given = {name: value for name, value in values.items() if value is not None}
    with pytest.raises(
        TypeError, match=rf"kernel line .*\(x, y, n\).*\(factor, shift\).*{message}"
    ):
        Instruction(line, **given)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"n": 3.0}, "operand n must be an Address or an integer .got 3.0"),
        ({"x": np.zeros(3)}, "operand x must be an Address or an integer .got array"),
        ({"factor": "x"}, "real factor must be a number .got 'x'"),
        ({"shift": Memory(np.float64).state(1)}, "real shift must be a number .got Address"),
    ],
)
def test_values_of_the_wrong_kind_are_refused(changes, message):
    x = Memory(np.float64).state(3)
    with pytest.raises(TypeError, match=f"kernel line: {message}"):
        Instruction(line, **{"x": x, "y": x, "n": 3, "factor": 1.0, "shift": 0.0, **changes})


@pytest.mark.parametrize("operands, reals", [("x x", ""), ("x n", "n"), ("x, n", ""), ("2x", "")])
def test_names_are_identifiers_and_differ(operands, reals):
    with pytest.raises(ValueError, match=r"kernel <lambda>: .* identifiers"):
        kernel(operands=operands, reals=reals)(lambda at, real: None)


def test_a_kernel_that_reads_what_it_has_not_declared_does_not_compile():
    @kernel(operands="x n")
    def wrong(at, real):
        array(at.x, at.count, real)[0] = 1

    with pytest.raises(TypingError, match="Unknown attribute 'count'"):
        wrong.address(np.dtype(float))


def all_kernels():
    modules = [
        importlib.import_module(f"{kernels.__name__}.{module.name}")
        for module in pkgutil.iter_modules(kernels.__path__)
    ]
    for module in [*modules, spike_log]:
        yield from (value for value in vars(module).values() if isinstance(value, Kernel))


def operands_read(function):
    """Operands that a kernel reads, itself or in the functions that it passes them on to."""
    read = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "at":
            read.add(node.attr)
        elif isinstance(node, ast.Call) and "at" in [getattr(arg, "id", "") for arg in node.args]:
            called = function.__globals__[node.func.id]
            read |= operands_read(getattr(called, "py_func", called))
    return read


def test_every_declared_operand_is_read():
    found = list(all_kernels())
    assert len(found) > 35
    for each in found:
        read = operands_read(each.function)
        assert read == set(each.operands), each
