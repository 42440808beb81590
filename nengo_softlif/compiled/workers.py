"""Threads that present samples."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

__all__ = ["present_all"]


def present_all(
    present: Callable[[int, threading.Event], None], n_samples: int, n_threads: int
) -> None:
    """Present samples on several threads, each of which takes one sample after the other.

    A task for each sample would keep the interpreter busy with handing them out, while the threads
    wait for it. The threads end with the call: threads that outlived it would be missing in a
    process that is forked later, which would then wait for them forever.

    Parameters
    ----------
    present : callable
        ``present(index, stop)``, where the `threading.Event` tells it to end early.
    n_samples : int
    n_threads : int
        Samples that are presented at the same time. A single sample, or all samples on a single
        thread, are presented in the thread of the caller.

    Raises
    ------
    BaseException
        What the first of them raised, or an interrupt; the others end with their present chunk.

    Examples
    --------
    >>> squares = [0, 0, 0]
    >>> def present(index, stop):
    ...     squares[index] = index**2
    >>> present_all(present, n_samples=3, n_threads=2)
    >>> squares
    [0, 1, 4]
    """
    stop = threading.Event()
    indices = iter(range(n_samples))

    def work():
        for index in indices:
            if stop.is_set():
                return
            present(index, stop)

    n_workers = min(n_threads, n_samples)
    if n_workers <= 1:
        work()
        return
    with ThreadPoolExecutor(n_workers) as pool:
        tasks = [pool.submit(work) for _ in range(n_workers)]
        try:
            # the first that fails ends the waiting
            wait(tasks, return_when="FIRST_EXCEPTION")
        finally:
            stop.set()
    for task in tasks:
        task.result()
