"""Which networks are trained, on what, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from experiments import networks
from experiments.linear_lif import networks as linear_networks
from experiments.networks import Neurons
from experiments.residual import cifar_residual
from experiments.spiking import networks as spiking_networks
from experiments.spiking.sequences import sequential_mnist
from nengo_softlif.functional.noise import FilteredSpikeNoise, GaussianRateNoise

__all__ = ["PLANS", "Plan"]


@dataclass(frozen=True)
class Plan:
    """A network and its training.

    Parameters
    ----------
    network : str
        Function in `experiments.networks`, `experiments.residual`,
        `experiments.linear_lif.networks` or `experiments.spiking.networks`.
    data : str
        "mnist", "mnist_256", "cifar10", "cifar10_fifth", "cifar10_whole", "two_classes", or one of
        `experiments.spiking.data.LOADERS`.
    neurons : Neurons or None
        None if the network determines them.
    epochs, batch_size : int
    learning_rate : float
        Highest one; Adam with decoupled weight decay, a short rise, then along a cosine to 0.
    weight_decay : float
    smoothing : float
        Fraction of the label that is spread over all classes.
    margin : int
        Up to so many pixels a patch lies off the centre, in each direction.
    patch : int, optional
        Size of the patches that are cut out; by default that of the images, which are then padded
        with black.
    mirror : bool
        Mirror half of the images left to right.
    hole : int
        Size of a square at a random place that is made grey, the mean of all pixels ([1]_);
        0 for none.
    mixup : float
        Parameter of the beta distribution that the weight of an image is drawn from, when it is
        added to another one together with its label ([2]_); 0 for no mixing.
    seed : int
    hold_out : bool
        Train without the last 5,000 images, on which choices are made.
    pretrained : bool
        Begin with denoising autoencoders, layer by layer.
    begins_with : str, optional
        Stored network whose weights it begins with.
    options : dict
        Of the network.

    References
    ----------
    .. [1] DeVries & Taylor (2017), "Improved regularization of convolutional neural networks with
       cutout".
    .. [2] Zhang et al. (2018), "mixup: beyond empirical risk minimization".
    """

    network: str
    data: str
    neurons: Neurons | None
    epochs: int
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    smoothing: float = 0.05
    margin: int = 0
    patch: int | None = None
    mirror: bool = False
    hole: int = 0
    mixup: float = 0.0
    seed: int = 0
    hold_out: bool = True
    pretrained: bool = False
    begins_with: str | None = None
    options: dict = field(default_factory=dict)

    def model(self):
        """Return the Keras model, not trained."""
        arguments = () if self.neurons is None else (self.neurons,)
        return _BUILDERS[self.network](*arguments, **self.options)


_BUILDERS = {
    build.__name__: build
    for build in (
        networks.mnist27k,
        networks.cifar50k,
        networks.mnist_mlp,
        cifar_residual,
        linear_networks.linear_mlp,
        linear_networks.linear_convnet,
        linear_networks.linear_alexnet,
        linear_networks.linear_vgg16,
        spiking_networks.bondarev_in_spikes,
        spiking_networks.bondarev_mlp,
        spiking_networks.bondarev_relu,
        spiking_networks.braille_recurrent,
        spiking_networks.convnet_in_spikes,
        spiking_networks.vgg16_in_spikes,
        spiking_networks.vgg16_quantized,
        spiking_networks.mnist_loihi_convnet,
        spiking_networks.nmnist_convnet,
        spiking_networks.speech_recurrent,
        sequential_mnist,
    )
}
RELU = Neurons(lif=False)
# Soft LIF rates in Hz for which spikes have the efficiencies to reach (P2 equation 5): below the
# threshold soft neurons still fire a little, so that the spikes of MNIST are a third fewer.
SHORT_NOISE = FilteredSpikeNoise(tau_s=0.002, antithetic=True)
LONG_NOISE = FilteredSpikeNoise(tau_s=0.005, antithetic=True)
MNIST_LIF = Neurons(noise=SHORT_NOISE, rates=(10.0, 25.0, 7.5))
RESIDUAL_LIF = Neurons(noise=SHORT_NOISE, rates=(40.0,) * 6)
CIFAR_LIF = Neurons(noise=SHORT_NOISE, rates=(75.0, 110.0, 110.0, 110.0))

_mnist = partial(
    Plan, "mnist27k", "mnist", epochs=15, batch_size=128, learning_rate=1.5e-3, margin=2
)
_mlp = partial(
    Plan,
    "mnist_mlp",
    "mnist",
    Neurons(noise=LONG_NOISE),
    epochs=60,
    batch_size=128,
)
_cifar = partial(
    Plan, "cifar50k", "cifar10", epochs=50, margin=4, patch=24, mirror=True, hold_out=False
)
_linear = partial(Plan, data="mnist", neurons=RELU, epochs=15, batch_size=128, smoothing=0.0)
_bondarev = partial(
    Plan,
    data="mnist",
    neurons=None,
    epochs=20,
    weight_decay=0.01,
    smoothing=0.0,
    margin=1,
)
_bondarev_in_spikes = partial(
    _bondarev, "bondarev_in_spikes", epochs=6, learning_rate=5e-4, begins_with="bondarev_relu"
)
_events = partial(Plan, neurons=None, batch_size=50, learning_rate=2e-3, weight_decay=0.01)
_braille = partial(
    _events,
    "braille_recurrent",
    epochs=60,
    learning_rate=4e-3,
    smoothing=0.0,
    hold_out=False,
    options={"quantize": "loihi"},
)
_loihi = partial(
    Plan,
    "mnist_loihi_convnet",
    "mnist_256",
    None,
    batch_size=128,
    weight_decay=0.01,
    smoothing=0.0,
    margin=2,
)
_convnet_in_spikes = partial(
    Plan,
    "convnet_in_spikes",
    "mnist",
    None,
    epochs=5,
    batch_size=128,
    learning_rate=1e-3,
    weight_decay=0.0,
    smoothing=0.0,
    begins_with="linear_convnet",
)
_deep = partial(
    Plan, data="cifar10_whole", neurons=RELU, epochs=8, batch_size=128, margin=4, mirror=True
)
# The rows of P1 table 1 and P2 table 3, in their order, and ours: one schedule for all.
_row = partial(_cifar, epochs=4)

_vgg16 = partial(
    Plan,
    data="cifar10_whole",
    neurons=None,
    batch_size=128,
    learning_rate=1e-3,
    weight_decay=0.0,
    smoothing=0.0,
    margin=4,
    mirror=True,
    options={"n_steps": 8},
)
_vgg16_in_spikes = partial(
    _vgg16, "vgg16_in_spikes", data="cifar10_fifth", batch_size=50, learning_rate=3e-4
)

_sequential_mnist = partial(
    Plan,
    "sequential_mnist",
    "mnist",
    None,
    batch_size=256,
    learning_rate=1e-2,
    weight_decay=0.0,
    smoothing=0.0,
)

PLANS = {
    "mnist27k_lif_seed0": _mnist(MNIST_LIF),
    "mnist27k_lif_seed1": _mnist(MNIST_LIF, seed=1),
    "mnist27k_lif_seed2": _mnist(MNIST_LIF, seed=2),
    "mnist27k_relu_seed0": _mnist(RELU),
    "mnist27k_relu_seed1": _mnist(RELU, seed=1),
    "mnist27k_relu_seed2": _mnist(RELU, seed=2),
    "mnist_mlp_seed0": _mlp(),
    "mnist_mlp_seed1": _mlp(seed=1),
    "mnist_mlp_seed2": _mlp(seed=2),
    "mnist_mlp_pretrained_seed0": _mlp(pretrained=True),
    "mnist_mlp_pretrained_seed1": _mlp(pretrained=True, seed=1),
    "mnist_mlp_pretrained_seed2": _mlp(pretrained=True, seed=2),
    "cifar50k_lif": _cifar(
        CIFAR_LIF,
        epochs=56,
        learning_rate=2e-3,
        weight_decay=0.05,
        options={"batch_normalization": True},
    ),
    "cifar50k_relu": _cifar(RELU, epochs=20),
    "cifar_row0": _row(RELU, options={"max_pooling": True, "normalization": True}),
    "cifar_row1": _row(RELU, options={"max_pooling": True}),
    "cifar_row2": _row(RELU),
    "cifar_row3": _row(Neurons()),
    "cifar_row4": _row(Neurons(noise=GaussianRateNoise(10.0, antithetic=True))),
    "cifar_row5": _row(Neurons(noise=GaussianRateNoise(20.0, antithetic=True))),
    "cifar_row_ours": _row(Neurons(noise=LONG_NOISE)),
    "cifar_residual_lif": Plan(
        "cifar_residual",
        "cifar10_whole",
        RESIDUAL_LIF,
        epochs=40,
        batch_size=128,
        learning_rate=3e-3,
        weight_decay=0.05,
        margin=4,
        mirror=True,
        hole=8,
        hold_out=False,
    ),
    "linear_mlp": _linear("linear_mlp"),
    "linear_two_classes": _linear(
        "linear_mlp",
        data="two_classes",
        options={"input_shape": (32, 32, 3), "n_hidden": 600, "n_classes": 2},
    ),
    "linear_convnet": _linear("linear_convnet"),
    "linear_alexnet": _deep("linear_alexnet"),
    "linear_vgg16": _deep("linear_vgg16", learning_rate=3e-3),
    "bondarev_bptt_seed0": _bondarev("bondarev_mlp", options={"bptt": True}),
    "bondarev_bptt_seed1": _bondarev("bondarev_mlp", options={"bptt": True}, seed=1),
    "bondarev_bptt_seed2": _bondarev("bondarev_mlp", options={"bptt": True}, seed=2),
    "bondarev_local_seed0": _bondarev("bondarev_mlp", options={"bptt": False}),
    "bondarev_local_seed1": _bondarev("bondarev_mlp", options={"bptt": False}, seed=1),
    "bondarev_local_seed2": _bondarev("bondarev_mlp", options={"bptt": False}, seed=2),
    "bondarev_relu": _bondarev("bondarev_relu"),
    "bondarev_in_spikes_t1": _bondarev_in_spikes(options={"n_steps": 1}),
    "bondarev_in_spikes_t2": _bondarev_in_spikes(options={"n_steps": 2}),
    "bondarev_in_spikes_t4": _bondarev_in_spikes(options={"n_steps": 4}),
    "bondarev_in_spikes_t8": _bondarev_in_spikes(options={"n_steps": 8}),
    "braille_loihi_fold0": _braille(data="braille_0"),
    "braille_loihi_fold1": _braille(data="braille_1"),
    "braille_loihi_fold2": _braille(data="braille_2"),
    "braille_loihi_fold3": _braille(data="braille_3"),
    "braille_loihi_fold4": _braille(data="braille_4"),
    "mnist_loihi_convnet_start": _loihi(epochs=16, learning_rate=3e-3),
    "mnist_loihi_convnet": _loihi(
        epochs=5, learning_rate=1e-3, hold_out=False, begins_with="mnist_loihi_convnet_start"
    ),
    "convnet_in_spikes_t4": _convnet_in_spikes(options={"n_steps": 4}),
    "convnet_in_spikes_t8": _convnet_in_spikes(options={"n_steps": 8}),
    "vgg16_quantized_t8": _vgg16(
        "vgg16_quantized", begins_with="linear_vgg16", epochs=5, learning_rate=2e-3
    ),
    "vgg16_in_spikes_t8": _vgg16_in_spikes(begins_with="vgg16_quantized_t8", epochs=8),
    "vgg16_in_spikes_t4": _vgg16_in_spikes(
        begins_with="vgg16_in_spikes_t8", epochs=5, options={"n_steps": 4}
    ),
    "sequential_mnist_lsnn": _sequential_mnist(epochs=30, options={"cells": "lsnn"}),
    "sequential_mnist_lif": _sequential_mnist(epochs=10, options={"cells": "lif"}),
    "sequential_mnist_lstm": _sequential_mnist(
        epochs=10, learning_rate=2e-3, options={"cells": "lstm"}
    ),
    "nmnist_convnet": _events("nmnist_convnet", data="nmnist", epochs=60),
    "speech_recurrent": _events("speech_recurrent", data="speech", epochs=60),
}
