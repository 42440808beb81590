"""The compiled simulators of this tree against those of an earlier commit, in turn.

    python -m benchmarks.against COMMIT

The commit is checked out into a temporary folder. Both trees run in processes of their own, with
the same Python and packages, and take turns network by network, so that other work on the machine
touches both. A process that was given slower memory stays slow: two processes of one and the same
tree were seen to differ by 20 %. So each tree gets several processes, and the table has the lowest
and the highest speed-up among the pairs of them. Results are compared: "the same" means equal
spike counts of every neuron, or equal values of a probe, to the last bit.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.markdown import table
from benchmarks.models import MODELS
from benchmarks.timed import NETWORKS
from nengo_softlif.files import replaced

ROOT = Path(__file__).parents[1]
PROGRAM = Path(__file__).with_name("timed.py")


class Tree:
    """A source tree whose simulators are timed in a process."""

    def __init__(self, root):
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM)],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, name):
        """Run a network once: seconds and a digest of the results."""
        self._process.stdin.write(name + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"{name}: the process ended with code {self._process.wait()}")
        return json.loads(answer)

    def close(self):
        """End the process."""
        self._process.stdin.close()
        self._process.wait()


def measure(commit, names, rounds, pairs):
    """Time networks on both trees.

    Parameters
    ----------
    commit : str
    names : list of str
        Of `benchmarks.timed.NETWORKS` and `benchmarks.models.MODELS`.
    rounds : int
        Runs of each network in each process.
    pairs : int
        Pairs of processes.

    Returns
    -------
    rows : dict of str to dict
        Medians of seconds "before" and "now", by "wall" and "cpu"; "speed_up" of both, the
        median over pairs of the median over rounds, and its "range" over pairs; "same".
    """
    found = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        command = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*command, "add", "--detach", str(before), commit], check=True)
        try:
            for pair in range(pairs):
                roots = {"before": before, "now": ROOT}
                order = sorted(roots, reverse=bool(pair % 2))
                trees = {key: Tree(roots[key]) for key in order}
                try:
                    for name in names:
                        found[name].append(_in_turn(trees, name, rounds))
                        print(f"{pair + 1} of {pairs}: {name}: {_row(found[name])}", flush=True)
                finally:
                    for tree in trees.values():
                        tree.close()
        finally:
            subprocess.run([*command, "remove", "--force", str(before)], check=True)
    return {name: _row(runs) for name, runs in found.items()}


def _in_turn(trees, name, rounds):
    runs = {key: [] for key in trees}
    for i in range(rounds):
        for key in sorted(trees, reverse=bool(i % 2)):
            runs[key].append(trees[key](name))
    return runs


def _row(pairs):
    """Sum up the runs of one network in each pair of processes."""
    digests = {one["digest"] for runs in pairs for side in runs.values() for one in side}
    row = {"same": len(digests) == 1}
    for kind in ("wall", "cpu"):
        times = {
            key: np.array([[one[kind] for one in runs[key]] for runs in pairs])
            for key in ("before", "now")
        }
        ratios = np.median(times["before"] / times["now"], axis=1)
        row[kind] = {
            **{key: float(np.median(values)) for key, values in times.items()},
            "speed_up": float(np.median(ratios)),
            "range": (float(ratios.min()), float(ratios.max())),
        }
    return row


def report(rows):
    """Lay the rows out in Markdown."""
    header = (
        "network",
        "CPU before",
        "CPU now",
        "speed-up, CPU",
        "range over processes",
        "speed-up, wall",
        "the same",
    )
    return table(
        header,
        [
            (
                name,
                f"{1000 * row['cpu']['before']:.3g} ms",
                f"{1000 * row['cpu']['now']:.3g} ms",
                f"{row['cpu']['speed_up']:.2f}x",
                "{:.2f} to {:.2f}".format(*row["cpu"]["range"]),
                f"{row['wall']['speed_up']:.2f}x",
                "yes" if row["same"] else "no",
            )
            for name, row in rows.items()
        ],
    )


def main(arguments=None):
    """Run the command line."""
    names = [*NETWORKS, *MODELS]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("commit")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", default=names)
    parser.add_argument("--rounds", type=int, default=5, help="runs in each process")
    parser.add_argument("--pairs", type=int, default=6, help="pairs of processes")
    parser.add_argument("--output", type=Path, help="JSON file for the results")
    options = parser.parse_args(arguments)
    facts = machine.facts(f"python -m benchmarks.against {options.commit}", False)
    rows = measure(options.commit, options.only, options.rounds, options.pairs)
    if options.output is not None:
        with replaced(options.output) as partial:
            partial.write_text(json.dumps({**facts, "rows": rows}, indent=1) + "\n")
    print(f"\n{facts['cpu']}, {facts['cores']} cores\n\n{report(rows)}")


if __name__ == "__main__":
    main()
