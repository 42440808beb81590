"""Checks of arguments: the rule in one call, the same words in every error.

Each function takes the name of an argument and its value, and returns the value in a plain form,
such as `float` or `int`. NumPy's numbers count as numbers; truth values do not.
"""

from nengo_softlif.validation.arrays import check_array_like, check_real
from nengo_softlif.validation.choices import check_bool, check_choice, check_name, check_type
from nengo_softlif.validation.labels import check_labels
from nengo_softlif.validation.numbers import (
    MAX_SEED,
    check_generator,
    check_integer,
    check_number,
    check_numbers,
    check_seconds,
    check_seed,
    check_steps,
    is_integer,
    is_number,
)

__all__ = [
    "MAX_SEED",
    "check_array_like",
    "check_bool",
    "check_choice",
    "check_generator",
    "check_integer",
    "check_labels",
    "check_name",
    "check_number",
    "check_numbers",
    "check_real",
    "check_seconds",
    "check_seed",
    "check_steps",
    "check_type",
    "is_integer",
    "is_number",
]
