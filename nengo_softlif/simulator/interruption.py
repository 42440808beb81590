"""Ctrl-C, at a time when everything is consistent."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager

__all__ = ["uninterrupted"]


@contextmanager
def uninterrupted():
    """Put off Ctrl-C to the end of a block; a second one is heard at once, should it hang."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield  # nobody is interrupted here
        return
    heard = []

    def put_off(number, frame):
        heard.append((number, frame))
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, put_off)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if heard:
            usual(*heard[0])
