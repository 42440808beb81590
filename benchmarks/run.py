"""The command: measures, writes JSON, makes the report.

python -m benchmarks                    # everything; half an hour to more than one on two cores
python -m benchmarks --quick            # everything in small, about two minutes
python -m benchmarks --only convnet     # one part; see --help for their names
python -m benchmarks --report           # only make RESULTS.md of what was measured before
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks import (
    curves,
    learning,
    machine,
    memory,
    models,
    networks,
    precision,
    profile,
    rate_training,
    sparse_products,
    startup,
    throughput,
    training,
    training_memory,
)
from benchmarks.loihi import run as run_loihi
from benchmarks.measure import Worker
from benchmarks.report import write_report
from benchmarks.trainers import TRAINERS
from nengo_softlif.files import replaced

HERE = Path(__file__).parent

EXPERIMENTS = {
    **{name: partial(throughput.run, name) for name in networks.NETWORKS},
    "latency": throughput.run_latency,
    "models": models.run,
    "loihi": run_loihi,
    "startup": startup.run,
    "memory": memory.run,
    "precision": precision.run,
    "curves": curves.run,
    "profile": profile.run,
    "training": training.run,
    "training_memory": training_memory.run,
    "sparse_products": sparse_products.run,
    "rate_training": rate_training.run,
    "learning": learning.run,
}

# Rows that may run in another interpreter
INTERPRETERS = (*TRAINERS, *learning.LEARNERS, "PyTorch")


class Workers:
    """The processes of the competitors, started when they are first needed.

    Parameters
    ----------
    pythons : dict of str to str, optional
        Interpreters of the rows of `benchmarks.trainers`, if not this one, and of
        `benchmarks.learning.LEARNERS`.
    """

    def __init__(self, pythons=None):
        self.pythons = pythons or {}
        self._running = {}

    def get(self, name, competitor):
        """The worker of a competitor, None if something that it needs is not installed."""
        if name not in self._running:
            self._running[name] = None if competitor.missing() else Worker(competitor)
        return self._running[name]

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for worker in self._running.values():
            if worker is not None:
                worker.close()


def main(arguments=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="everything in small")
    parser.add_argument("--only", nargs="+", choices=EXPERIMENTS, metavar="NAME", help=_names())
    parser.add_argument("--report", action="store_true", help="measure nothing")
    parser.add_argument(
        "--python",
        nargs="+",
        default=[],
        type=_interpreter,
        metavar="NAME=PATH",
        help="interpreters with other libraries: one or more of " + ", ".join(INTERPRETERS),
    )
    parser.add_argument("--results", type=Path, default=HERE / "results", help="folder")
    options = parser.parse_args(arguments)
    options.results.mkdir(parents=True, exist_ok=True)
    if not options.report:
        command = " ".join(
            ["python -m benchmarks", *["--quick"] * options.quick]
            + (["--only", *options.only] if options.only else [])
        )
        facts = machine.facts(command, options.quick)
        with Workers(dict(options.python)) as workers:
            for name in options.only or EXPERIMENTS:
                print(f"{name}:", flush=True)
                start = time.perf_counter()
                result = EXPERIMENTS[name](workers, options.quick)
                result = {**facts, "experiment": name, **result}
                result["took_seconds"] = time.perf_counter() - start
                path = options.results / f"{name}.json"
                with replaced(path) as new:
                    new.write_text(json.dumps(result, indent=1) + "\n")
    write_report(options.results)


def _interpreter(text):
    name, _, path = text.partition("=")
    if name not in INTERPRETERS or not path:
        raise argparse.ArgumentTypeError(
            f"must be NAME=PATH with a name of {', '.join(INTERPRETERS)} (got {text!r})"
        )
    return name, path


def _names():
    return "one or more of " + ", ".join(EXPERIMENTS)


if __name__ == "__main__":
    sys.exit(main())
