"""The cache of machine code on disk, which can't go stale, serve damaged code or fail.

Numba's own cache looks at one file only. A kernel is made of functions of several files, so here
the text of whole packages decides whether a compiled function is still valid. Packages register
themselves (`sources.register_sources`), so that this module knows none of them. A checksum tells
damaged code, which would end the process or compute something else. If the cache can't be read or
written, functions are compiled in memory, and a warning says so once.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from llvmlite import binding
from numba.core.caching import Cache, CompileResultCacheImpl, NullCache
from numba.core.runtime._nrt_python import c_helpers
from numba.core.serialize import dumps

from nengo_softlif.compiled.sources import digest_of_sources

__all__ = ["cache_of_function", "cache_of_kernel"]

logger = logging.getLogger("nengo_softlif")


def cache_of_function(function: Callable) -> Cache | NullCache:
    """Make the cache of a function that Python code and other compiled functions call.

    Parameters
    ----------
    function : callable
        In Python.

    Returns
    -------
    cache : numba.core.caching.Cache or numba.core.caching.NullCache
        The latter if there is no folder that can be written.

    Examples
    --------
    >>> from nengo_softlif.compiled.activity import active_bits
    >>> cache = cache_of_function(active_bits.py_func)
    """
    return _cache(_FunctionCache, function)


def cache_of_kernel(function: Callable) -> Cache | NullCache:
    """Make the cache of a function that machine code calls by its address.

    Parameters
    ----------
    function : callable
        In Python.

    Returns
    -------
    cache : numba.core.caching.Cache or numba.core.caching.NullCache
        The latter if there is no folder that can be written.

    Examples
    --------
    >>> from nengo_softlif.simulator.kernels.moving import copy
    >>> cache = cache_of_kernel(copy.function)
    """
    return _cache(_KernelCache, function)


def _cache(kind, function):
    try:
        return kind(function)
    except RuntimeError as err:  # no folder that can be written
        _say_in_memory(err)
        return NullCache()


class _WithChecksum(CompileResultCacheImpl):
    """What is written to a file, with a checksum of it."""

    def reduce(self, data):
        content = dumps(self.content_of(data))
        return hashlib.sha256(content).digest(), content

    def rebuild(self, target_context, reduced_data):
        checksum, content = reduced_data
        if hashlib.sha256(content).digest() != checksum:
            raise ValueError("the checksum is another one")
        _tell_addresses()
        return self.loaded(target_context, pickle.loads(content))


@functools.cache
def _tell_addresses():
    """Let machine code find the functions of Numba's run-time.

    Numba would also prepare to compile, which takes longer than to build a small model: it imports
    all that it can compile, and compiles parts of its run-time to be put into other code.
    """
    for name, address in c_helpers.items():
        binding.add_symbol(name if name.startswith("_") else f"NRT_{name}", address)


class _FunctionFiles(_WithChecksum):
    """Keeps what Numba does: machine code, and what compiling it into others needs."""

    def content_of(self, result):
        return CompileResultCacheImpl.reduce(self, result)

    def loaded(self, target_context, content):
        return CompileResultCacheImpl.rebuild(self, target_context, content)


class _KernelFiles(_WithChecksum):
    """Keeps machine code only: no other function is compiled with a kernel in it."""

    def content_of(self, result):
        return result.fndesc.llvm_cfunc_wrapper_name, result.library._get_compiled_object()

    def loaded(self, target_context, content):
        """What `numba.core.ccallback.CFunc` asks of a compiled function."""
        name, machine_code = content
        engine = target_context.codegen()._engine
        engine._ee.add_object_file(binding.ObjectFileRef.from_data(machine_code))
        engine.finalize_object()
        return SimpleNamespace(
            fndesc=SimpleNamespace(llvm_cfunc_wrapper_name=name),
            library=SimpleNamespace(get_pointer_to_function=engine.get_function_address),
        )


class _Cache(Cache):
    """Numba's cache on disk, which goes by all our sources and is never needed."""

    def __init__(self, function: Callable):
        super().__init__(function)
        stamp = digest_of_sources(function.__module__)
        self._cache_file._source_stamp = (self._cache_file._source_stamp, stamp)

    def load_overload(self, sig: Any, target_context: Any):
        try:
            return self._load_overload(sig, target_context)
        except Exception as err:  # a damaged file may raise anything
            logger.warning("Compiled kernels on disk can't be read and are made anew (%r)", err)
            self._forget()
            return None

    def _forget(self):
        try:
            self.flush()
        except OSError as err:
            _say_in_memory(err)

    def save_overload(self, sig: Any, data: Any):
        try:
            super().save_overload(sig, data)
        except Exception as err:  # where the damage could not be cleared away, either
            _say_in_memory(err)


class _FunctionCache(_Cache):
    _impl_class = _FunctionFiles


class _KernelCache(_Cache):
    _impl_class = _KernelFiles


def _say_in_memory(err):
    _warn_once(
        "Compiled kernels can't be kept on disk, so they are compiled in memory, which every "
        f"start of the program will have to do again ({err}). Set the environment variable "
        "NUMBA_CACHE_DIR to a folder that can be written."
    )


@functools.cache
def _warn_once(message):
    logger.warning(message)
