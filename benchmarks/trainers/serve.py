"""The process of one library; `benchmarks.training` starts it, with an interpreter that has it.

Run as a module, from the root of the repository, with the name of a row. It reads commands as lines
of JSON and answers each with a line of JSON:

``["build", network, batch_size, n_batches]`` makes a network and trains it for one pass, which
compiles; answered with the losses and the seconds. ``["train", n]`` trains for n passes; answered
with CPU time and wall time of a training step in milliseconds.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
import warnings
from importlib import metadata

from benchmarks.trainers import TRAINERS
from benchmarks.trainers.networks import NETWORKS, batches

N_THREADS = 2


def main():
    """Serve until the input ends."""
    # Libraries write to standard output as they please: answers go out on a copy of it.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    trainer = TRAINERS[sys.argv[1]]
    train, n_steps = None, 0
    for line in sys.stdin:
        command, *values = json.loads(line)
        try:
            if command == "versions":
                answer = {name: _version(name) for name in trainer.needs}
            elif command == "build":
                name, batch_size, n_steps = values
                start = time.perf_counter()
                network = NETWORKS[name]()
                made = importlib.import_module(f"benchmarks.trainers.{trainer.file}").build(
                    network, batches(network, batch_size, n_steps), **trainer.settings
                )
                train, facts = made if isinstance(made, tuple) else (made, {})
                losses = [float(loss) for loss in train()]
                answer = {"losses": losses, "seconds": time.perf_counter() - start, **facts}
            else:
                answer = _timed(train, values[0], n_steps)
        except Exception:
            answer = {"failed": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


def _timed(train, n_passes, n_steps):
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(n_passes):
        train()
    n = 1e-3 * n_passes * n_steps
    return {
        "wall_ms": (time.perf_counter() - wall) / n,
        "cpu_ms": (time.process_time() - cpu) / n,
    }


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
