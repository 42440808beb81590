"""Convolutions that learn the features of images by STDP, one layer after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import nengo
import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.processes import STDPConvolution
from nengo_softlif.validation import check_integer, check_number, check_numbers

__all__ = ["FeatureLayer", "STDPFeatures"]


@dataclass(frozen=True, eq=False, repr=False)
class FeatureLayer:
    """A convolution and its pooling, as `STDPFeatures` takes them.

    Parameters
    ----------
    weights : (size, size, n_channels, n_maps) ndarray
        From 0 to 1.
    threshold : float
        Sum of weights at which a neuron fires.
    padding : int
        Rows and columns of silent inputs around the image.
    pool_size : int
        Width of the windows that pass on their first spike.
    n_winners, radius : int
        How many neurons learn from an image, and the places around each where no other one does.

    Raises
    ------
    ParameterError
        If weights are of another shape or outside of the range, or the threshold is not positive.
    """

    weights: np.ndarray
    threshold: float
    padding: int = 0
    pool_size: int = 1
    n_winners: int = 5
    radius: int = 2

    def __post_init__(self):
        weights = check_numbers("weights", self.weights, minimum=0, maximum=1)
        if weights.ndim != 4:
            raise ParameterError(
                "weights must have the shape (size, size, n_channels, n_maps) (got "
                f"{weights.shape}); add an axis for the maps, as in weights[..., np.newaxis]"
            )
        check_number("threshold", self.threshold, above=0)

    def __repr__(self):
        height, width, n_channels, n_maps = np.shape(self.weights)
        return (
            f"<FeatureLayer: {n_maps} maps of {height} x {width} x {n_channels}, "
            f"threshold {self.threshold:g}>"
        )


class STDPFeatures(nengo.Network):
    """Spiking convolutions with shared weights, one of which learns without labels.

    Images come as spikes whose times tell the contrast, the largest first; each layer is a node
    with a `nengo_softlif.STDPConvolution`. Layers learn one after the other: make the network with
    ``learning=0``, run it, take `learned_weights`, make it with them and ``learning=1``, and so on.
    Without learning its output are the potentials that the last layer reaches, pooled: features for
    a linear classifier.

    Parameters
    ----------
    input_shape : (int, int, int)
        Height, width and number of channels.
    layers : sequence of FeatureLayer
    n_steps : int
        Of a presentation.
    learning : int, optional
        Number of the layer that learns; those behind it are left out. None does by default.
    potentiation, depression : float
        Of the layer that learns, see `nengo_softlif.functional.plasticity.ordered`.
    label : str, optional
    seed : int, optional
    add_to_container : bool, optional
        As for every `nengo.Network`.

    Attributes
    ----------
    input : nengo.Node
        Takes spikes, ``input_shape`` flattened.
    layers : list of nengo.Node
    output : nengo.Node
        The last of the layers.

    Raises
    ------
    ParameterError
        If there are no layers, or not the one that learns.
    nengo.exceptions.ValidationError
        If the weights of a layer don't fit.

    References
    ----------
    .. [1] Kheradpisheh, Ganjtabesh, Thorpe & Masquelier (2018), "STDP-based spiking deep
       convolutional neural networks for object recognition".

    Examples
    --------
    A bar, presented 30 times, of two pixels in a row; the map learns it:

    >>> from nengo_softlif.networks import learned_weights
    >>> layer = FeatureLayer(np.full((1, 3, 1, 1), 0.5), threshold=0.9, n_winners=1)
    >>> with STDPFeatures((1, 3, 1), [layer], n_steps=2, learning=0, potentiation=0.5,
    ...                   depression=0.5) as network:
    ...     bar = nengo.Node(lambda t: [1, 1, 0])
    ...     to_input = nengo.Connection(bar, network.input, synapse=None)
    >>> with nengo.Simulator(network, progress_bar=False) as sim:
    ...     sim.run_steps(60)
    ...     learned_weights(sim, network.output).ravel().round(2)
    array([1., 1., 0.])
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        layers: Sequence[FeatureLayer],
        *,
        n_steps: int = 15,
        learning: int | None = None,
        potentiation: float = 0.004,
        depression: float = 0.003,
        label: str | None = None,
        seed: int | None = None,
        add_to_container: bool | None = None,
    ):
        super().__init__(label=label, seed=seed, add_to_container=add_to_container)
        if not layers:
            raise ParameterError("layers must hold at least one FeatureLayer (got none)")
        if learning is not None:
            learning = check_integer("learning", learning, minimum=0, maximum=len(layers) - 1)
        shape = tuple(input_shape)
        last = len(layers) - 1 if learning is None else learning
        self.layers = []
        with self:
            self.input = nengo.Node(size_in=int(np.prod(shape)), label="input")
            previous = self.input
            for index, layer in enumerate(layers[: last + 1]):
                process = STDPConvolution(
                    shape,
                    layer.weights,
                    layer.threshold,
                    n_steps=n_steps,
                    padding=layer.padding,
                    n_winners=layer.n_winners if index == learning else 0,
                    radius=layer.radius,
                    potentiation=potentiation,
                    depression=depression,
                    pool_size=layer.pool_size,
                    output="potentials" if learning is None and index == last else "spikes",
                )
                node = nengo.Node(process, label=f"features {index + 1}")
                nengo.Connection(previous, node, synapse=None)
                self.layers.append(node)
                previous, shape = node, process.output_shape
        self.output = previous
