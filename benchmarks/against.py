"""The compiled simulators of this tree against those of an earlier commit, in turn.

    python -m benchmarks.against COMMIT

The commit is checked out into a temporary folder. Both trees run in processes of their own, with
the same Python and packages, and take turns network by network, so that other work on the machine
touches both. Results are compared: "the same" means equal spike counts of every neuron, or equal
values of a probe, to the last bit.
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


def measure(commit, names, rounds):
    """Time networks on both trees.

    Parameters
    ----------
    commit : str
    names : list of str
        Of `benchmarks.timed.NETWORKS` and `benchmarks.models.MODELS`.
    rounds : int

    Returns
    -------
    rows : dict of str to dict
        Medians of seconds "before" and "now", by "wall" and "cpu"; "speed_up" of both, each the
        median over rounds; "same".
    """
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        command = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*command, "add", "--detach", str(before), commit], check=True)
        trees = {"before": Tree(before), "now": Tree(ROOT)}
        try:
            for name in names:
                found = {key: [] for key in trees}
                for i in range(rounds):
                    for key in sorted(trees, reverse=bool(i % 2)):
                        found[key].append(trees[key](name))
                rows[name] = _row(found)
                print(f"{name}: {rows[name]}", flush=True)
        finally:
            for tree in trees.values():
                tree.close()
            subprocess.run([*command, "remove", "--force", str(before)], check=True)
    return rows


def _row(found):
    row = {"same": len({one["digest"] for runs in found.values() for one in runs}) == 1}
    for kind in ("wall", "cpu"):
        times = {key: np.array([one[kind] for one in runs]) for key, runs in found.items()}
        row[kind] = {key: float(np.median(values)) for key, values in times.items()}
        row[kind]["speed_up"] = float(np.median(times["before"] / times["now"]))
    return row


def report(rows):
    """Lay the rows out in Markdown."""
    header = ("network", "CPU before", "CPU now", "speed-up, CPU", "speed-up, wall", "the same")
    return table(
        header,
        [
            (
                name,
                f"{1000 * row['cpu']['before']:.3g} ms",
                f"{1000 * row['cpu']['now']:.3g} ms",
                f"{row['cpu']['speed_up']:.2f}x",
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
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=Path, help="JSON file for the results")
    options = parser.parse_args(arguments)
    facts = machine.facts(f"python -m benchmarks.against {options.commit}", False)
    rows = measure(options.commit, options.only, options.rounds)
    if options.output is not None:
        options.output.write_text(json.dumps({**facts, "rows": rows}, indent=1) + "\n")
    print(f"\n{facts['cpu']}, {facts['cores']} cores\n\n{report(rows)}")


if __name__ == "__main__":
    main()
