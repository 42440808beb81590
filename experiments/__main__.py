"""The command: runs experiments, writes JSON, makes the report.

python -m experiments --data FOLDER       # everything, from the stored weights
python -m experiments hunsberger ...      # those of P1 and P2; lu: P3; spiking; review
python -m experiments errors --data ...   # one table
python -m experiments --quick             # everything on a few images, into another folder
python -m experiments --report            # only make RESULTS.md of what was measured before
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click

from benchmarks.machine import facts
from experiments.options import data_option
from experiments.report import EXPERIMENTS, PAPERS, module, write_report
from nengo_softlif import datasets
from nengo_softlif.errors import SoftLIFError
from nengo_softlif.files import replaced

HERE = Path(__file__).resolve().parent
QUICK_OUTPUT = "experiments_output"
PACKAGES = ("nengo-softlif", "nengo", "numpy", "numba", "keras", "tensorflow")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*EXPERIMENTS, *PAPERS]), metavar="[NAMES]...")
@click.option("--quick", is_flag=True, help=f"A few images, into the folder {QUICK_OUTPUT}.")
@data_option("mnist.npz, cifar10.npz and the others")
@click.option("--report", is_flag=True, help="Run nothing, only make the report.")
@click.option("--output", type=click.Path(file_okay=False), help="Folder to write to.")
def main(names, quick, data, report, output):
    """Redo tables and figures, NAMES or all, and put ours beside the papers'.

    The names of authors stand for all of their papers: hunsberger, lu. "spiking" stands for the
    networks that are trained in spikes, "review" for learning rules and their systems.
    """
    if data:
        os.environ[datasets.DATA_VARIABLE] = data
    folder = Path(output or (QUICK_OUTPUT if quick else HERE))
    if quick and folder.resolve() == HERE:
        raise click.UsageError("--quick must not overwrite the results; choose another --output")
    failed = []
    chosen = [part for name in names for part in PAPERS.get(name, (name,))] or EXPERIMENTS
    for name in () if report else chosen:
        try:
            _run(name, quick, folder, " ".join(["python -m experiments", *names]))
        except SoftLIFError as error:  # the others can still be done
            failed.append(f"{name}: {error}")
    if report or len(failed) < len(chosen):
        try:
            click.echo(f"wrote {write_report(folder)}")
        except SoftLIFError as error:
            failed.append(str(error))
    if failed:
        raise click.ClickException("\n".join(failed))


def _run(name, quick, folder, command):
    click.echo(f"{name}: {module(name).TITLE}")
    start = time.perf_counter()
    result = module(name).run(quick=quick)
    stored = {
        **facts(command + (" --quick" if quick else " --data FOLDER"), quick, PACKAGES),
        "experiment": name,
        "took_seconds": round(time.perf_counter() - start, 1),
        "result": result,
    }
    path = folder / "results" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as partial:
        partial.write_text(json.dumps(stored, allow_nan=False, default=_plain) + "\n")


def _plain(number):
    """A Python number for one of NumPy's."""
    return number.item()


if __name__ == "__main__":
    main(prog_name="python -m experiments")
