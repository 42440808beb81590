"""The main job from end to end: train on real images, convert, run on every simulator."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nengo_softlif.errors import EvaluationInterrupted
from nengo_softlif.evaluation import Presentation, comparison
from nengo_softlif.files import replaced
from nengo_softlif.plots import files as pictures

__all__ = ["FULL", "QUICK", "Demo", "Settings", "run"]

_ARCHITECTURE = "convnet"


@dataclass(frozen=True)
class Settings:
    """How much the demo does.

    Parameters
    ----------
    train_seconds : float
        Time for training, on whatever machine this is.
    backends : dict of str to int
        Simulators, each with the number of test images that it gets.
    n_verified : int
        Images on which the network's rates are compared with the Keras model's.
    presentation_time : float
        Seconds of simulated time for each image.
    """

    train_seconds: float
    backends: dict = field(hash=False)
    n_verified: int = 20
    presentation_time: float = 0.12


FULL = Settings(
    train_seconds=55, backends={"compiled": 2000, "loihi": 2000, "nengo_dl": 500, "nengo": 100}
)
QUICK = Settings(
    train_seconds=8,
    backends={"compiled": 40, "loihi": 10, "nengo_dl": 40, "nengo": 4},
    n_verified=4,
)


@dataclass(frozen=True, eq=False)
class Demo:
    """What the demo found.

    Parameters
    ----------
    rate_error : float
        Fraction of the test images that the trained rate network gets wrong.
    comparisons : list of Comparison
        One for each simulator.
    files : list of pathlib.Path
        The model, the network and the pictures.
    seconds : float
        Wall time of it all.
    """

    rate_error: float
    comparisons: list
    files: list
    seconds: float


def run(output="demo_output", *, quick=False, seed=0, settings=None):
    """Train on real digits, convert, and run the spiking network on every simulator.

    Progress and the table go to the terminal, files into a folder.

    Parameters
    ----------
    output : str or path
        Folder for the pictures, the model and the spiking network; made if need be.
    quick : bool
        Whether to train shortly and show few images.
    seed : int
        Of training, of the choice of images, and of the simulations.
    settings : Settings, optional
        Instead of `FULL` or `QUICK`.

    Returns
    -------
    demo : Demo

    Raises
    ------
    ConversionError
        If the rates of the converted network differ from the Keras model's.
    """
    import nengo
    from rich.console import Console

    from nengo_softlif import conversion, datasets
    from nengo_softlif.demo import architectures, training

    settings = settings or (QUICK if quick else FULL)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    steps = _Steps(Console())
    data = datasets.load("mnist_subset")

    steps.begin(f"Train a {_ARCHITECTURE} with soft LIF neurons and noise")
    model = architectures.build(_ARCHITECTURE, data.input_shape, data.n_classes, seed=seed)
    training.train(
        model,
        data.x_train,
        data.y_train,
        max_seconds=settings.train_seconds,
        on_epoch=steps.epoch,
    )
    predictions = model.predict(data.x_test, verbose=0).argmax(axis=-1)
    rate_error = float(np.mean(predictions != data.y_test))
    steps.note(f"{100 * rate_error:.2f} % error on {len(predictions):,} test images, as rates")

    steps.begin("Convert to spiking neurons and verify")
    # a synapse that Loihi has too
    spiking = conversion.convert(model, synapse=nengo.Lowpass(0.005), seed=seed)
    checks = conversion.verify(model, spiking, data.x_test[: settings.n_verified])
    worst = max(check.max_rel for check in checks)
    steps.note(f"{spiking.n_neurons:,} neurons in {len(spiking.layers)} layers")
    steps.note(f"as rates they equal the Keras model to {worst:.1g}, layer by layer")
    files = [output / "model.keras", output / "network.zip"]
    with replaced(files[0]) as partial:
        model.save(partial)
    spiking.save(files[1])

    steps.begin("Run the spiking network")
    presentation = Presentation(time=settings.presentation_time)
    comparisons = []
    running = comparison.compare(
        spiking,
        data.x_test,
        data.y_test,
        backends=settings.backends,
        reference=predictions,
        presentation=presentation,
        seed=seed,
        progress=steps.console.is_terminal,
    )
    try:
        for done in running:
            comparisons.append(done)
            steps.note(_in_short(done))
    except EvaluationInterrupted:
        steps.console.print(comparison.table(comparisons, title="Interrupted"))
        raise

    steps.begin("Draw")
    files += _draw_runs(output, comparisons, rate_error)
    files += _draw_network(output, spiking, data, presentation)
    steps.end()
    steps.console.print(comparison.table(comparisons, title="The same network, as spikes"))
    steps.console.print("Look at:", *[f"  {path}" for path in files], sep="\n", highlight=False)
    return Demo(rate_error, comparisons, files, steps.seconds())


def _in_short(done):
    result = done.result
    if result is None:
        return f"{done.backend}: not run"
    return (
        f"{done.backend}: {result.n_samples:,} images in {result.wall_time:.0f} s, after "
        f"{result.build_time:.0f} s of building"
    )


def _draw_runs(output, comparisons, rate_error):
    ran = [c.result for c in comparisons if c.result is not None and c.result.n_samples]
    if not ran:
        return []
    labelled = {f"{r.backend}, {r.n_samples:,} images": r for r in ran}
    return [
        pictures.draw_accuracy(output, labelled, reference=1 - rate_error),
        pictures.draw_firing_rates(output, ran[0]),
    ]


def _draw_network(output, spiking, data, presentation):
    shown = spiking.evaluate(
        data.x_test[:1],
        data.y_test[:1],
        presentation=presentation,
        keep=("outputs", "spikes"),
        progress=False,
    )
    curve = spiking.layers[0].neuron_type
    return [
        pictures.draw_one_image(output, data.x_test[0], shown),
        pictures.draw_curves(output, sigma=curve.sigma, tau_rc=curve.tau_rc, tau_ref=curve.tau_ref),
    ]


class _Steps:
    """Numbered headings with the time that each step took."""

    def __init__(self, console):
        self.console = console
        self._start = self._step_start = time.perf_counter()
        self._n = 0

    def seconds(self):
        return time.perf_counter() - self._start

    def begin(self, title):
        if self._n:
            self._close()
        self._n += 1
        self._step_start = time.perf_counter()
        self.console.print(f"[bold]{self._n}. {title}[/bold]")

    def note(self, text):
        self.console.print(f"   {text}", highlight=False)

    def epoch(self, index, logs):
        self.note(
            f"epoch {index + 1}: {100 * (1 - logs['accuracy']):.2f} % error on training images, "
            f"{time.perf_counter() - self._step_start:.0f} s"
        )

    def end(self):
        self._close()
        self.note(f"all in {self.seconds():.0f} s")

    def _close(self):
        self.note(f"[dim]{time.perf_counter() - self._step_start:.1f} s[/dim]")
