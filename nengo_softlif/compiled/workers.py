"""Threads that present items."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait

__all__ = ["Workers"]


class Workers:
    """Threads that take one item after the other, until there are no more.

    A task for each item would keep the interpreter busy with handing them out, while the threads
    wait for it.

    Parameters
    ----------
    n_threads : int
    """

    def __init__(self, n_threads):
        self._n_threads = n_threads
        self._pool = ThreadPoolExecutor(n_threads)

    def run(self, present, n_items):
        """Present items; a single one, or all on a single thread, in the thread of the caller.

        Parameters
        ----------
        present : callable
            ``present(index, stop)``, where the `threading.Event` tells it to end early.
        n_items : int

        Raises
        ------
        BaseException
            What the first of them raised, or an interrupt; the others end with their present
            piece.
        """
        stop = threading.Event()
        indices = iter(range(n_items))

        def work():
            for index in indices:
                if stop.is_set():
                    return
                present(index, stop)

        n_workers = min(self._n_threads, n_items)
        if n_workers <= 1:
            work()
            return
        tasks = [self._pool.submit(work) for _ in range(n_workers)]
        try:
            # the first that fails ends the waiting
            wait(tasks, return_when="FIRST_EXCEPTION")
        finally:
            stop.set()
            wait(tasks)
        for task in tasks:
            task.result()

    def close(self):
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)
