"""How functions become machine code: Numba, with a cache on disk of our own."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Collection

import numpy as np
from numba import config, njit, types
from numba.core.ccallback import CFunc

from nengo_softlif.compiled.cache import cache_of_function, cache_of_kernel
from nengo_softlif.compiled.fields import Fields
from nengo_softlif.errors import BackendError

__all__ = ["Kernel", "compiled", "kernel"]

_OPTIONS = {"error_model": "numpy", "nogil": True}


def compiled(function):
    """Compile a function when it is first called; other compiled functions may call it.

    Parameters
    ----------
    function : callable
        Of numbers, NumPy arrays and `nengo_softlif.compiled.simd`. Division by zero gives
        infinity, indices are not checked, the interpreter lock is not held.

    Returns
    -------
    dispatcher : numba.core.dispatcher.Dispatcher

    Examples
    --------
    >>> @compiled
    ... def total(values):
    ...     result = 0.0
    ...     for value in values:
    ...         result += value
    ...     return result
    """
    if config.DISABLE_JIT:
        return _refuse
    dispatcher = njit(**_OPTIONS)(function)
    dispatcher._cache = cache_of_function(function)
    return dispatcher


class Kernel:
    """A part of a simulation's step in machine code, for either precision.

    Made by the decorator `kernel`, which has the parameters.

    Attributes
    ----------
    function : callable
        In Python.
    name : str
    operands, reals : tuple of str
        Names, in the order in which the machine code expects the values.
    """

    def __init__(self, function: Callable, operands: str, reals: str = ""):
        self.function = function
        self.name = function.__name__
        self.operands = tuple(operands.split())
        self.reals = tuple(reals.split())
        self._callbacks = {}
        names = (*self.operands, *self.reals)
        twice = sorted({name for name in names if names.count(name) > 1})
        wrong = [name for name in names if not name.isidentifier()]
        if twice or wrong:
            raise ValueError(
                f"kernel {self.name}: the names of operands and reals must be identifiers, "
                f"separated by spaces, each another one (got {', '.join(twice or wrong)}"
                f"{' more than once' if twice else ''})"
            )

    def __repr__(self):
        return f"<Kernel {self.name}>"

    def check_names(self, given: Collection[str]) -> None:
        """Raise an error unless there is a value for each operand and each real.

        Parameters
        ----------
        given : collection of str
            Names of the values.

        Raises
        ------
        TypeError
            Naming the kernel, what is missing, and what it doesn't know.
        """
        expected = (*self.operands, *self.reals)
        missing = [name for name in expected if name not in given]
        unknown = [name for name in given if name not in expected]
        if missing or unknown:
            faults = [f"no {name}" for name in missing] + [f"unknown {name}" for name in unknown]
            raise TypeError(
                f"kernel {self.name} needs a value for each of its operands "
                f"({', '.join(self.operands) or 'none'}) and reals "
                f"({', '.join(self.reals) or 'none'}), and no other (got {', '.join(faults)})"
            )

    def address(self, dtype: np.dtype) -> int:
        """Address of the machine code, which is compiled or loaded if it has not been.

        Parameters
        ----------
        dtype : numpy.dtype
            Precision of the numbers, float32 or float64.

        Returns
        -------
        address : int

        Raises
        ------
        BackendError
            If Numba's compiler is turned off.
        """
        if config.DISABLE_JIT:
            _refuse()
        if dtype.itemsize not in self._callbacks:
            real = types.float32 if dtype.itemsize == 4 else types.float64
            pointers = (Fields(self.operands, types.int64), Fields(self.reals, real))
            callback = CFunc(self.function, (pointers, types.void), {}, _OPTIONS)
            callback._cache = cache_of_kernel(self.function)
            callback.compile()
            self._callbacks[dtype.itemsize] = callback
        return self._callbacks[dtype.itemsize].address

    def as_c_function(self, dtype: np.dtype) -> Callable[[int, int], None]:
        """Make what calls the machine code from Python, without the interpreter lock.

        Parameters
        ----------
        dtype : numpy.dtype
            As for `address`.

        Returns
        -------
        function : callable
            Of two addresses: that of the operands, 64-bit integers, and that of the reals.
        """
        return ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(self.address(dtype))


def _refuse(*args, **kwargs):
    raise BackendError(
        "the compiled simulators need Numba's compiler, which the environment variable "
        "NUMBA_DISABLE_JIT=1 turns off; unset it, or use the backend 'nengo'"
    )


def kernel(*, operands: str, reals: str = "") -> Callable[[Callable], Kernel]:
    """Decorate a function that becomes a kernel.

    The function is ``function(at, real)``: ``at.name`` is an operand, ``real.name`` a real. What
    hands values to the kernel does so by the same names, and is checked, since machine code that
    takes one address for another destroys memory. See docs/simulator.md for how to add a kernel.

    Parameters
    ----------
    operands : str
        Names of the addresses of arrays and of other integers, separated by spaces.
    reals : str
        Names of the floating-point parameters, in the precision of the simulation.

    Returns
    -------
    decorator : callable
        Makes a `Kernel` of a function.

    Raises
    ------
    ValueError
        If a name occurs twice, or is not an identifier.

    Examples
    --------
    >>> from nengo_softlif.compiled.simd import array
    >>> @kernel(operands="x n", reals="factor")
    ... def scale(at, real):
    ...     x = array(at.x, at.n, real)
    ...     for i in range(at.n):
    ...         x[i] *= real.factor
    >>> scale.operands, scale.reals
    (('x', 'n'), ('factor',))
    """

    def make(function: Callable) -> Kernel:
        return functools.update_wrapper(Kernel(function, operands, reals), function)

    return make
