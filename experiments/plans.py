"""Which networks are trained, on what, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from experiments.networks import Neurons, cifar50k, mnist27k, mnist_mlp

__all__ = ["PLANS", "Plan"]


@dataclass(frozen=True)
class Plan:
    """A network and its training.

    Parameters
    ----------
    build : callable
        Takes `Neurons`, returns a Keras model.
    data : str
        "mnist" or "cifar10".
    neurons : Neurons
    epochs, batch_size : int
    learning_rate : float
        Highest one; Adam with decoupled weight decay, a short rise, then along a cosine to 0.
    weight_decay : float
    smoothing : float
        Of the labels.
    margin : int
        Pixels by which images are shifted.
    patch : int, optional
        Size of the patches that are cut out.
    mirror : bool
    seed : int
    """

    build: Callable
    data: str
    neurons: Neurons
    epochs: int
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    smoothing: float = 0.05
    margin: int = 0
    patch: int | None = None
    mirror: bool = False
    seed: int = field(default=0)


RELU = Neurons(lif=False)
# Rates in Hz that make the efficiencies to reach possible (P2 equation 5), a little lower.
MNIST_LIF = Neurons(noise=10.0, rates=(5.0, 11.0, 4.0))
CIFAR_LIF = Neurons(noise=10.0, rates=(45.0, 60.0, 20.0, 20.0))

_mnist = partial(Plan, mnist27k, "mnist", epochs=10, margin=2)
_cifar = partial(Plan, cifar50k, "cifar10", margin=4, patch=24, mirror=True)

PLANS = {
    "mnist27k_lif_seed0": _mnist(MNIST_LIF),
    "mnist27k_lif_seed1": _mnist(MNIST_LIF, seed=1),
    "mnist27k_lif_seed2": _mnist(MNIST_LIF, seed=2),
    "mnist27k_relu": _mnist(RELU),
    "mnist_mlp": Plan(mnist_mlp, "mnist", Neurons(noise=10.0), epochs=60),
    "cifar50k_lif": _cifar(CIFAR_LIF, epochs=40),
    "cifar50k_relu": _cifar(RELU, epochs=40),
}
