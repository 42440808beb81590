"""Checks of arguments: what passes, what is refused, and with which words."""

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest

from nengo_softlif import validation
from nengo_softlif.errors import (
    DatasetError,
    EvaluationInterrupted,
    ParameterError,
    SoftLIFError,
    UnknownNameError,
)

NO_NUMBERS = [None, "1", True, np.True_, 1j, np.nan, np.inf, -np.inf, 10**400, [1.0], np.ones(1)]


@pytest.mark.parametrize("value", [2, 2.0, np.float16(2), np.int8(2), Fraction(2)])
def test_numbers_of_all_types_become_floats(value):
    for checked in (
        validation.check_number("x", value, above=1, maximum=2),
        validation.check_seconds("x", value),
    ):
        assert checked == 2.0
        assert type(checked) is float
    array = validation.check_numbers("x", [value, 1], minimum=1)
    np.testing.assert_array_equal(array, [2.0, 1.0])
    assert array.dtype == float


@pytest.mark.parametrize("value", NO_NUMBERS, ids="{!r:.20}".format)
def test_what_is_no_number(value):
    assert not validation.is_number(value)
    checks = [validation.check_number, validation.check_seconds]
    if not validation.is_integer(value):
        checks.append(validation.check_integer)
    for check in checks:
        with pytest.raises(ParameterError) as error:
            check("x", value)
        assert str(error.value).startswith("x must be ")
        assert f"(got {value!r:.200})" in str(error.value)


@pytest.mark.parametrize("value", [None, "1", True, 1j, np.nan, np.inf, [1.0, None], [[1], [1, 2]]])
def test_what_are_no_numbers(value):
    with pytest.raises(
        ParameterError, match=r"^x must be (a finite number|finite numbers).*\(got "
    ):
        validation.check_numbers("x", value)


@pytest.mark.parametrize(
    "limits, inside, outside, words",
    [
        ({}, [-1e300, 0, 1e300], [], ""),
        ({"above": 0}, [1e-300], [0, -1], " greater than 0"),
        ({"minimum": 0}, [0, 1], [-1e-300], " of 0 or more"),
        ({"maximum": 2}, [2, -5], [2.1], " at most 2"),
        ({"minimum": 0, "maximum": 1}, [0, 0.5, 1], [-0.1, 1.1], " from 0 to 1"),
        ({"above": 0, "maximum": 100}, [1, 100], [0, 101], " greater than 0 and at most 100"),
    ],
)
def test_ranges(limits, inside, outside, words):
    for value in inside:
        assert validation.check_number("x", value, **limits) == value
    validation.check_numbers("x", inside, **limits)
    for value in outside:
        with pytest.raises(ParameterError) as error:
            validation.check_number("x", value, **limits, unit="Hz")
        assert str(error.value) == f"x must be a finite number{words}, in Hz (got {value!r})"
        with pytest.raises(ParameterError) as error:
            validation.check_numbers("x", [*inside, value], **limits)
        place = f"index ({len(inside)},) of shape ({len(inside) + 1},)"
        assert (
            str(error.value) == f"x must be finite numbers{words} (got {float(value)!r} at {place})"
        )


def test_infinity_where_it_is_allowed():
    array = validation.check_numbers("resistance", [np.inf, 1], above=0, finite=False)
    np.testing.assert_array_equal(array, [np.inf, 1])
    with pytest.raises(ParameterError, match=r"^resistance must be numbers .* \(got nan at"):
        validation.check_numbers("resistance", [1, np.nan], above=0, finite=False)


def test_arrays_are_not_changed():
    values = np.array([1.0, 2.0])
    checked = validation.check_numbers("x", values)
    checked[0] = 5
    assert values[0] == 1


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_integers(value):
    checked = validation.check_integer("n", value, minimum=1, maximum=3)
    assert checked == 3
    assert type(checked) is int


@pytest.mark.parametrize("value", [0, 4, 2.0, "2", True, None, np.float32(2)])
def test_what_is_no_integer_in_range(value):
    with pytest.raises(ParameterError) as error:
        validation.check_integer("n", value, minimum=1, maximum=3)
    assert str(error.value) == f"n must be an integer from 1 to 3 (got {value!r})"


@pytest.mark.parametrize("value", [-1, 2**31, 0.0, None, True])
def test_seeds_out_of_range(value):
    with pytest.raises(ParameterError, match="seed must be an integer from 0 to 2147483647"):
        validation.check_seed("seed", value)


def test_limits_of_seeds():
    assert validation.check_seed("seed", 0) == 0
    assert validation.check_seed("seed", np.int64(2**31 - 1)) == 2**31 - 1


@pytest.mark.parametrize("value", [None, -1, True, 1.5, "seed", [1, -1]])
def test_what_makes_no_generator(value):
    with pytest.raises(ParameterError, match=r"^seed must be an integer of 0 or more"):
        validation.check_generator("seed", value)


def test_generators():
    rng = np.random.default_rng(1)
    assert validation.check_generator("seed", rng) is rng
    expected = np.random.default_rng([1, 2]).random()
    assert validation.check_generator("seed", [1, 2]).random() == expected


def test_zero_as_a_time():
    assert validation.check_seconds("tau", 0, zero_allowed=True) == 0
    with pytest.raises(
        ParameterError, match=r"tau must be a time in seconds greater than 0 \(got 0"
    ):
        validation.check_seconds("tau", 0)
    with pytest.raises(
        ParameterError, match=r"tau must be a time in seconds of 0 or more \(got -1"
    ):
        validation.check_seconds("tau", -1, zero_allowed=True)


@pytest.mark.parametrize("value", ["c", 0, True, None, np.array(["a", "b"])])
def test_choices(value):
    assert validation.check_choice("x", "b", ("a", "b")) == "b"
    assert validation.check_choice("x", None, (None, "b")) is None
    with pytest.raises(ParameterError, match=r"^x must be 'a' or 'b' \(got "):
        validation.check_choice("x", value, ("a", "b"))


@pytest.mark.parametrize("name", ["c", 3, None, ["a"]])
def test_names(name):
    known = {"a": 1, "b": 2}
    assert validation.check_name("layer", "a", known) == 1
    with pytest.raises(UnknownNameError) as error:
        validation.check_name("layer", name, known)
    assert str(error.value) == f"layer {name!r} is unknown; choose one of a, b"
    assert error.value.known == ("a", "b")
    assert isinstance(error.value, (SoftLIFError, KeyError))
    with pytest.raises(KeyError, match="there are none"):
        validation.check_name("layer", name, {})


def test_types():
    assert validation.check_type("net", "a", str, "") == "a"
    with pytest.raises(
        ParameterError, match=r"^x must be a list or tuple \(got 3 of type int\); pass \["
    ):
        validation.check_type("x", 3, (list, tuple), "pass [3]")


@pytest.mark.parametrize(
    "labels", [[0, 2, 1], np.array([0.0, 2.0, 1.0]), np.array([0, 2, 1], "u1")]
)
def test_labels(labels):
    checked = validation.check_labels("y", labels, n_samples=3, n_classes=3)
    np.testing.assert_array_equal(checked, [0, 2, 1])
    assert checked.dtype == np.int64


@pytest.mark.parametrize(
    "labels, words",
    [
        ([0, 1], r"y must have the shape \(3,\), .* \(got \(2,\)\)"),
        (np.eye(3), r"got \(3, 3\)\); turn one-hot labels into integers with y\.argmax\(axis=1\)"),
        (0, r"got \(\)"),
        ([0, 1, 3], "from 0 to 2 .got 0 to 3"),
        ([0, -1, 1], "from 0 to 2 .got -1 to 1"),
        ([0, 0.5, 1], "must hold integers .got 0.5"),
        ([0, np.nan, 1], "must hold integers .got nan"),
        (["0", "1", "2"], "must hold integers .got dtype <U1"),
        ([True, False, True], "must hold integers .got dtype bool"),
        ([0, [1], 2], "must hold one label a sample"),
    ],
)
def test_labels_that_are_refused(labels, words):
    with pytest.raises(DatasetError, match=words):
        validation.check_labels("y", labels, n_samples=3, n_classes=3)


def test_the_hint_for_one_hot_labels_repairs_them():
    y = np.eye(3)
    with pytest.raises(DatasetError) as error:
        validation.check_labels("y", y, n_samples=3, n_classes=3)
    hint = str(error.value).rsplit(" ", 1)[1]
    repaired = eval(hint, {"y": y})
    validation.check_labels("y", repaired, n_samples=3, n_classes=3)


@pytest.mark.parametrize("again", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_errors_survive_a_copy(again):
    """Errors travel between processes, for instance from a test or a pool."""
    unknown = again(UnknownNameError("layer", "c", ["a"]))
    assert str(unknown) == "layer 'c' is unknown; choose one of a"
    interrupted = again(EvaluationInterrupted("after 2 of 3 samples", result=[1, 2]))
    assert (str(interrupted), interrupted.result) == ("after 2 of 3 samples", [1, 2])


def test_an_interrupt_passes_by_those_who_catch_errors():
    assert issubclass(EvaluationInterrupted, KeyboardInterrupt)
    assert not issubclass(EvaluationInterrupted, Exception)
