"""TensorFlow in a forked process, where it waits forever for threads that only the parent has."""

import os
import sys

from nengo_softlif.errors import BackendError

__all__ = ["check_tensorflow_not_forked"]


class _Forks:
    """Whether TensorFlow had started when this process was forked from another."""

    def __init__(self):
        self.tensorflow_had_started = False
        if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
            os.register_at_fork(after_in_child=self._look)

    def _look(self):
        # TensorFlow starts its threads with the first operation, not when it is imported
        module = sys.modules.get("tensorflow.python.eager.context")
        context = getattr(module, "_context", None)
        if getattr(context, "_initialized", False):
            self.tensorflow_had_started = True


_FORKS = _Forks()


def check_tensorflow_not_forked(user):
    """Refuse to compute with TensorFlow in a process that was forked after TensorFlow had started.

    Parameters
    ----------
    user : str
        What computes with TensorFlow, for the message.

    Raises
    ------
    BackendError
        If the process was forked so; TensorFlow would end or hang it.

    Examples
    --------
    >>> check_tensorflow_not_forked("this program")
    """
    if _FORKS.tensorflow_had_started:
        raise BackendError(
            f"{user} computes with TensorFlow, which does not work in a process that was forked "
            "after TensorFlow had started (its threads are in the parent process only); use "
            'multiprocessing.get_context("spawn") to start processes'
        )
