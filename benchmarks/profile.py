"""Where our time goes, beside what the machine can do."""

from __future__ import annotations

from benchmarks import machine


def run(workers, quick):
    """The machine's limits, measured now.

    Parameters
    ----------
    workers : Workers
    quick : bool
    """
    return {"limits": machine.limits()}
