"""The papers' networks as Keras models.

P1 is Hunsberger & Eliasmith (2015), "Spiking Deep Networks with LIF Neurons", P2 is Hunsberger &
Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic Hardware".

Sizes are the papers'. A neuron's output is ``AMPLITUDE`` times its rate, so that 100 Hz make an
output of 1, the scale that Keras' initializers are made for. The biases of soft LIF neurons start
at 1, where they begin to fire.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from experiments.response_normalization import LocalResponseNormalization
from nengo_softlif.functional.inhibition import Inhibition
from nengo_softlif.functional.noise import FilteredSpikeNoise, GaussianRateNoise
from nengo_softlif.layers import FiringRateRegularizer, LocallyConnected2D, SoftLIF

__all__ = [
    "AMPLITUDE",
    "TAU_RC",
    "TAU_REF",
    "Neurons",
    "cifar50k",
    "mnist27k",
    "mnist_mlp",
    "normalization",
]

TAU_RC, TAU_REF = 0.02, 0.004  # seconds, as in the figures of both papers
AMPLITUDE = 0.01  # output per Hz
SIGMA = 0.005


@dataclass(frozen=True)
class Neurons:
    """What the activations of a network are.

    Parameters
    ----------
    lif : bool
        Soft LIF; else ReLU.
    noise : GaussianRateNoise or FilteredSpikeNoise, optional
        Training noise.
    rates : tuple of float, optional
        Target rate of each layer in Hz.
    rate_weight : float
        Of the penalty on rates above the targets.
    tau_ref : float
        Refractory period in seconds.
    inhibition : Inhibition, optional
        Of the neurons of convolutions and of layers like them.
    """

    lif: bool = True
    noise: GaussianRateNoise | FilteredSpikeNoise | None = None
    rates: tuple = ()
    rate_weight: float = 1.0
    tau_ref: float = TAU_REF
    inhibition: Inhibition | None = None

    @property
    def gain(self):
        """Variance of the weights times fan in, as they start.

        Currents of soft LIF neurons begin with a spread of up to 1 around the threshold. With
        Keras' own initializer it is 0.1 to 0.2, rates stay low, and their noise hides most of what
        they say.
        """
        return 4.0 if self.lif else 2.0

    @property
    def threshold(self):
        """Current above which they fire."""
        return 1.0 if self.lif else 0.0

    @property
    def bias(self):
        """How the biases before these neurons start: at their threshold."""
        return keras.initializers.Constant(self.threshold)

    @property
    def spread(self):
        """Standard deviation of currents that are normalised by batches.

        Left to training, those of soft LIF neurons shrink to 0.6 around 0.3. Then few neurons
        fire, just above their threshold, where it takes them tens of milliseconds to spike at all.
        """
        return 3.0 if self.lif else 1.0

    def layer(self, index, name):
        """Return the activation of the layer of that number."""
        if not self.lif:
            return layers.ReLU(name=name)
        regularizer = None
        if self.rates:
            regularizer = FiringRateRegularizer(self.rates[index], weight=self.rate_weight)
        return SoftLIF(
            TAU_RC,
            self.tau_ref,
            AMPLITUDE,
            SIGMA,
            noise=self.noise,
            rate_regularizer=regularizer,
            inhibition=self.inhibition,
            name=name,
        )


def mnist27k(neurons):
    """P2's network for MNIST: 12,544 + 12,544 + 2,000 neurons.

    Parameters
    ----------
    neurons : Neurons

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 28, 28, 1)``, returns logits ``(n, 10)``.
    """
    return _sequential(
        "mnist27k",
        (28, 28, 1),
        *_conv(neurons, 0, 16),
        *_conv(neurons, 1, 16),
        layers.AveragePooling2D(2, name="pool"),
        layers.Flatten(name="flat"),
        layers.Dense(
            2000,
            kernel_initializer=_initializer(neurons),
            bias_initializer=neurons.bias,
            name="dense_weights",
        ),
        neurons.layer(2, "dense"),
        layers.Dropout(0.5, name="dropout"),
    )


def cifar50k(neurons, *, max_pooling=False, normalization=False, batch_normalization=False):
    """P1's and P2's network for CIFAR-10: 36,864 + 9,216 + 2,304 + 1,152 neurons.

    Parameters
    ----------
    neurons : Neurons
    max_pooling : bool
        As in the network of Krizhevsky that the papers start from; else average pooling.
    normalization : bool
        Local response normalisation after pooling, as in that network.
    batch_normalization : bool
        Normalise currents by batches while training; conversion folds that into the weights.

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 24, 24, 3)``, returns logits ``(n, 10)``.
    """
    pooling = layers.MaxPooling2D if max_pooling else layers.AveragePooling2D

    def pool(name):
        yield pooling(3, 2, padding="same", name=name)
        if normalization:
            yield LocalResponseNormalization(name=f"{name}_norm")

    return _sequential(
        "cifar50k",
        (24, 24, 3),
        *_conv(neurons, 0, 64, batch_normalization),
        *pool("pool1"),
        *_conv(neurons, 1, 64, batch_normalization),
        *pool("pool2"),
        *_local(neurons, 2, 64, batch_normalization),
        *_local(neurons, 3, 32, batch_normalization),
        layers.Flatten(name="flat"),
        layers.Dropout(0.2, name="dropout"),
    )


def mnist_mlp(neurons):
    """P1's network for MNIST: 500 + 200 neurons.

    Parameters
    ----------
    neurons : Neurons

    Returns
    -------
    model : keras.Sequential
        Takes images ``(n, 28, 28, 1)``, returns logits ``(n, 10)``.
    """
    parts = [layers.Flatten(name="flat"), layers.Dropout(0.2, name="dropout0")]
    for index, n_units in enumerate((500, 200)):
        name = f"dense{index + 1}"
        parts += [
            layers.Dense(n_units, bias_initializer=neurons.bias, name=f"{name}_weights"),
            neurons.layer(index, name),
            layers.Dropout(0.3, name=f"dropout{index + 1}"),
        ]
    return _sequential("mnist_mlp", (28, 28, 1), *parts)


def _sequential(name, shape, *hidden):
    first = keras.Input(shape, name="image")
    return keras.Sequential([first, *hidden, layers.Dense(10, name="out")], name=name)


def _conv(neurons, index, filters, normalized=False):
    name = f"conv{index + 1}"
    weights = layers.Conv2D(
        filters,
        5,
        padding="same",
        kernel_initializer=_initializer(neurons),
        bias_initializer=neurons.bias,
        use_bias=not normalized,
        name=f"{name}_weights",
    )
    return weights, *_norm(neurons, name, normalized), neurons.layer(index, name)


def _norm(neurons, name, normalized):
    return normalization(neurons, name) if normalized else ()


def normalization(neurons, name):
    """Return the layers that normalise the currents of neurons by batches while training.

    Parameters
    ----------
    neurons : Neurons
    name : str
        Of the neurons' layer.
    """
    return (
        layers.BatchNormalization(momentum=0.95, scale=False, name=f"{name}_norm"),
        layers.Rescaling(neurons.spread, neurons.threshold, name=f"{name}_currents"),
    )


def _local(neurons, index, filters, normalized):
    name = f"local{index + 1}"
    weights = LocallyConnected2D(
        filters,
        3,
        kernel_initializer=_initializer(neurons),
        bias_initializer=neurons.bias,
        use_bias=not normalized,
        name=f"{name}_weights",
    )
    return (
        layers.ZeroPadding2D(1, name=f"{name}_padding"),
        weights,
        *_norm(neurons, name, normalized),
        neurons.layer(index, name),
    )


def _initializer(neurons):
    return keras.initializers.VarianceScaling(neurons.gain)
