"""Competitors in processes of their own, timed in turn.

Each has its process, so that thread pools and memory of one don't disturb the others, and sleeps
while another one is timed.
"""

from __future__ import annotations

import multiprocessing
import time
import traceback
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.competitors import REFERENCE


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Parameters
    ----------
    rounds : int
    seconds : float
        That a round of one competitor shall take, roughly.
    tune : bool
        Whether all variants of each competitor are tried, or the first alone counts.
    n_checked : int
        Images on which spikes and predictions are compared with the reference.
    max_batch : int
        Larger batches become so small.
    """

    rounds: int
    seconds: float
    tune: bool = False
    n_checked: int = 0
    max_batch: int = 2**20


SLOW_SECONDS, SLOW_ROUNDS = 4, 3  # whoever takes longer for a batch has fewer rounds

FULL = Effort(rounds=5, seconds=1.5, tune=True, n_checked=64)
QUICK = Effort(rounds=2, seconds=0.3, n_checked=8, max_batch=16)


class Failed(Exception):
    """What went wrong in the process of a competitor."""


class Worker:
    """A competitor in its own process.

    Parameters
    ----------
    competitor : Competitor
    """

    def __init__(self, competitor):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, competitor), daemon=True)
        self._process.start()
        theirs.close()

    def __call__(self, command, *args):
        """Run one of the functions below in the process and return its result."""
        self._pipe.send((command, args))
        try:
            status, value = self._pipe.recv()
        except EOFError as err:
            self._process.join(10)
            raise Failed(f"the process ended with code {self._process.exitcode}") from err
        if status != "done":
            raise Failed(value)
        return value

    def close(self):
        """End the process."""
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()


def _serve(pipe, competitor):
    warnings.simplefilter("ignore")
    service = _Service(competitor)
    while True:
        try:
            command, args = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(("done", getattr(service, command)(*args)))
        except Exception as err:  # handed to the parent, which reports it
            last = traceback.extract_tb(err.__traceback__)[-1]
            pipe.send(("failed", f"{type(err).__name__}: {err} (in {last.name})"))


def in_process(function, *args):
    """Call a function in a new process, and return its result."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *args).result()


class _Service:
    """What a worker does."""

    def __init__(self, competitor):
        self.competitor = competitor

    def load(self, network, images, n_steps):
        """Take the network and the images of the next measurements."""
        self.network, self.images, self.n_steps = network, images, n_steps

    def build(self, settings):
        """Build with one variant's settings; seconds for that, and for the first batch."""
        self.present = None
        start = time.perf_counter()
        self.present = self.competitor.build(self.network, self.n_steps, **settings)
        self.batch_size = settings["batch_size"]
        built = time.perf_counter()
        self.present(self._batch(0))
        return built - start, time.perf_counter() - built

    def seconds(self, n_batches):
        """Time of so many batches."""
        batches = [self._batch(index) for index in range(n_batches)]
        start = time.perf_counter()
        for batch in batches:
            self.present(batch)
        return time.perf_counter() - start

    def check(self, n_images):
        """Outputs and spike counts of the first images."""
        results = []
        for index in range(-(-n_images // self.batch_size)):
            results.append(self.present(self._batch(index), count=True))
        outputs = np.concatenate([outputs for outputs, _ in results])[:n_images]
        by_stage = zip(*[counts for _, counts in results], strict=True)
        counts = [np.concatenate(stage)[:n_images] for stage in by_stage]
        return outputs, counts

    def _batch(self, index):
        first = index * self.batch_size
        return self.images[np.arange(first, first + self.batch_size) % len(self.images)]


def compare(rows, network, images, labels, *, n_steps, effort):
    """Measure competitors on a network: find each one's best variant, then time all in turn.

    Parameters
    ----------
    rows : dict of str to (Competitor, Worker or None)
        None if it is not installed.
    network : Network
    images, labels : ndarray
    n_steps : int
    effort : Effort

    Returns
    -------
    entries : dict of str to dict
        For the JSON file.
    counts : list of ndarray or None
        Mean spikes of each neuron in the reference, by stage.
    """
    entries, ready = {}, {}
    for name, (competitor, worker) in rows.items():
        if network.neuron not in competitor.neurons:
            continue
        if worker is None:
            entries[name] = {"status": "not installed", "missing": competitor.missing()}
            continue
        try:
            entries[name] = _choose(worker, competitor, network, images, n_steps, effort)
            ready[name] = worker
        except Failed as err:
            entries[name] = {"status": "failed", "reason": str(err)}
        print(f"  {name}: {_line(entries[name])}", flush=True)
    counts = _check(entries, ready, images, labels, effort.n_checked)
    for index in range(effort.rounds):
        for name, worker in ready.items():
            entry = entries[name]
            batch_size = entry["settings"]["batch_size"]
            if index >= SLOW_ROUNDS and batch_size / entry["images_per_second"] > SLOW_SECONDS:
                continue
            n_batches = max(1, round(effort.seconds * entry["images_per_second"] / batch_size))
            seconds = worker("seconds", n_batches)
            entry["rounds"].append({"images": n_batches * batch_size, "seconds": seconds})
    for name in ready:
        speeds = [r["images"] / r["seconds"] for r in entries[name]["rounds"]]
        entries[name]["images_per_second"] = float(np.median(speeds))
        print(f"  {name}: {_line(entries[name])}", flush=True)
    return entries, counts


def _choose(worker, competitor, network, images, n_steps, effort):
    """Time each variant once and leave the fastest one built."""
    worker("load", network, images, n_steps)
    tried = []
    for variant in competitor.variants[: None if effort.tune else 1]:
        size = min(variant["batch_size"], effort.max_batch)
        settings = {**variant, "batch_size": size}
        build, first = worker("build", settings)
        seconds, n_batches = worker("seconds", 1), 1
        if seconds < 0.25:
            n_batches = min(20, round(0.5 / seconds))
            seconds = worker("seconds", n_batches)
        tried.append(
            {
                "settings": settings,
                "build_seconds": build,
                "first_batch_seconds": first,
                "images_per_second": n_batches * settings["batch_size"] / seconds,
            }
        )
    best = max(tried, key=lambda one: one["images_per_second"])
    if best is not tried[-1]:
        worker("build", best["settings"])
    return {"status": "measured", **best, "tried": tried, "rounds": []}


def _check(entries, ready, images, labels, n):
    """Compare spikes and predictions with the reference on the first images."""
    if REFERENCE not in ready or not n:
        return None
    results = {name: worker("check", n) for name, worker in ready.items()}
    expected, expected_counts = results[REFERENCE]
    for name, (outputs, counts) in results.items():
        entries[name]["checked"] = {
            "images": n,
            "accuracy": float(np.mean(outputs.argmax(axis=1) == labels[:n])),
            "same_predictions": float(np.mean(outputs.argmax(1) == expected.argmax(1))),
            "spikes_per_image": [float(c.sum() / n) for c in counts],
            "same_counts": [
                float(np.mean(c == e)) for c, e in zip(counts, expected_counts, strict=True)
            ],
        }
    return [c.mean(axis=0) for c in expected_counts]


def _line(entry):
    if entry["status"] != "measured":
        return entry.get("reason") or f"not installed: {', '.join(entry['missing'])}"
    settings = ", ".join(f"{key} {value}" for key, value in entry["settings"].items())
    return f"{entry['images_per_second']:.4g} images/s ({settings})"
