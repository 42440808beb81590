"""What fraction of the time each kernel takes."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from nengo_softlif.simulator.program import Program, Table

__all__ = ["Share", "profile"]


@dataclass(frozen=True)
class Share:
    """Time that a kernel takes in a step, in all places where it is used.

    Parameters
    ----------
    kind : str
        Of work: propagation, neurons, synapses, learning, recording or moving.
    kernel : str
    calls : int
        Number of its places in a step.
    seconds : float
        Per step.
    share : float
        Of the time of all compiled kernels.
    """

    kind: str
    kernel: str
    calls: int
    seconds: float
    share: float


def profile(execution, n_steps):
    """Measure how the time of compiled steps is spent.

    Parameters
    ----------
    execution : Execution
        Is advanced, without its Python steps. What records has to be prepared.
    n_steps : int

    Returns
    -------
    shares : list of Share
        The greatest first.
    """
    cycles, calls, kinds = {}, {}, {}
    Table(np.zeros((0, 2), np.int64)).measure(
        1, np.zeros(0, np.int64)
    )  # not to time its compilation
    start, total = time.perf_counter(), 0
    for part in [*execution.plan.per_step, execution.plan.recording]:
        if not isinstance(part, Program):
            continue
        spent = np.zeros(len(part), np.int64)
        part.bind(execution.state).measure(n_steps, spent)
        for instruction, used in zip(part.instructions, spent, strict=True):
            name = instruction.kernel.name
            module = instruction.kernel.function.__module__.rpartition(".")[-1]
            kinds[name] = "propagation" if module == "rows" else module
            cycles[name] = cycles.get(name, 0) + int(used)
            calls[name] = calls.get(name, 0) + 1
            total += int(used)
    per_step = (time.perf_counter() - start) / n_steps
    shares = [
        Share(kinds[name], name, calls[name], used / total * per_step, used / total)
        for name, used in cycles.items()
    ]
    return sorted(shares, key=lambda share: -share.share)
