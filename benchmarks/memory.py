"""Peak memory with few and with many images at a time."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool

from benchmarks import machine, networks
from benchmarks.competitors import COMPETITORS, OURS
from benchmarks.measure import in_process
from benchmarks.throughput import N_STEPS

ROWS = (OURS, "NengoDL, minibatch 128", "PyTorch by hand", "snnTorch", "SpikingJelly")
BATCH_SIZES = (100, 1000)


def run(workers, quick):
    """Peak resident memory of the ConvNet, each batch size in a fresh process.

    Parameters
    ----------
    workers : Workers
        Not needed: memory is that of a process which does nothing else.
    quick : bool
        Batches of 10 and 100, and two competitors.
    """
    entries = {}
    for row in ROWS[:2] if quick else ROWS:
        competitor = COMPETITORS[row]
        name = row.split(",")[0]
        missing = competitor.missing()
        if missing:
            entries[name] = {"status": "not installed", "missing": missing}
            continue
        entries[name] = {"status": "measured", "batches": []}
        for size in (10, 100) if quick else BATCH_SIZES:
            try:
                measured = in_process(_peak, row, size)
            except BrokenProcessPool:
                # the system ends a process that takes more memory than there is
                measured = {"peak_mb": None}
            entries[name]["batches"].append({"batch_size": size, **measured})
            print(f"  {name}, {size} images: {measured['peak_mb']} MB", flush=True)
    return {"n_steps": N_STEPS, "entries": entries}


def _peak(row, batch_size):
    competitor = COMPETITORS[row]
    network = networks.load("convnet")
    images, _ = networks.images(batch_size)
    settings = {**competitor.variants[0], "batch_size": batch_size}
    present = competitor.build(network, N_STEPS, **settings)
    present(images[:1].repeat(batch_size, axis=0))
    built = machine.peak_memory()
    present(images)
    return {"built_mb": built, "peak_mb": machine.peak_memory()}
