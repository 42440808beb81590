"""The simulators that are compared, a file each.

Every file has ``build(network, n_steps, batch_size, **settings)``, which returns a function
``present(images, count=False) -> (outputs, counts)``. It shows a batch of images to the network,
from its initial state: ``outputs`` are summed over the steps, ``(n_images, 10)``; ``counts`` are
the spikes of every neuron, a list of ``(n_images, n_neurons)`` by stage with channels last if
asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

OURS = "nengo_softlif compiled"
REFERENCE = "nengo.Simulator"


@dataclass(frozen=True)
class Competitor:
    """A row of the tables.

    Parameters
    ----------
    file : str
        In this folder.
    needs : tuple of str
        Modules that have to be installed.
    variants : tuple of dict
        Settings of ``build``, of which the fastest counts. The first is the usual one.
    neurons : tuple of str
        Kinds that it can run.
    """

    file: str
    needs: tuple
    variants: tuple
    neurons: tuple = ("linear_reset", "lif")

    def missing(self):
        """Modules that are not installed."""
        return [name for name in self.needs if not _found(name)]

    def build(self, *args, **settings):
        """Call ``build`` of the file."""
        module = importlib.import_module(f"benchmarks.competitors.{self.file}")
        return module.build(*args, **settings)


def _found(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # of the package around it
        return False


def _grid(batch_sizes, **choices):
    ((name, values),) = choices.items()
    return tuple({"batch_size": size, name: value} for value in values for size in batch_sizes)


COMPETITORS = {
    OURS: Competitor(
        "compiled",
        ("numba",),
        tuple({"batch_size": size} for size in (512, 128)),
    ),
    REFERENCE: Competitor(
        "nengo_reference", ("nengo", "threadpoolctl"), _grid((1,), threads=(1, 2))
    ),
    **{
        f"NengoDL, minibatch {size}": Competitor(
            "nengo_dl", ("nengo_dl", "tensorflow"), _grid((size,), unroll=(1, 10))
        )
        for size in (1, 32, 128)
    },
    "snnTorch": Competitor(
        "snntorch_",
        ("torch", "snntorch"),
        _grid((128, 32), layout=("channels_last", "contiguous")),
        neurons=("linear_reset",),
    ),
    "SpikingJelly": Competitor(
        "spikingjelly_",
        ("torch", "spikingjelly"),
        _grid((128, 32, 8), mode=("multi-step", "single-step")),
        neurons=("linear_reset",),
    ),
    "PyTorch by hand": Competitor(
        "torch_plain", ("torch",), _grid((128, 32, 8), layout=("channels_last", "contiguous"))
    ),
    "PyTorch by hand, torch.compile": Competitor(
        "torch_plain", ("torch",), _grid((128, 16), layout=("compiled",))
    ),
}


def one_at_a_time(name):
    """The competitor with one image at a time, however it is fastest."""
    competitor = COMPETITORS[name]
    variants = {tuple({**v, "batch_size": 1}.items()): None for v in competitor.variants}
    return Competitor(
        competitor.file, competitor.needs, tuple(map(dict, variants)), competitor.neurons
    )
