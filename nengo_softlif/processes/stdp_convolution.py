"""A convolution of spikes whose shared weights are changed by those that fire first."""

from __future__ import annotations

import numpy as np
from nengo.base import Process
from nengo.exceptions import ValidationError
from nengo.params import EnumParam, IntParam, NdarrayParam, NumberParam, ShapeParam

from nengo_softlif.functional.plasticity import ordered
from nengo_softlif.functional.pooling import max_pool, pooled_shape, pooling_windows

__all__ = ["STDPConvolution"]


class STDPConvolution(Process):
    """Integrate-and-fire neurons with shared weights, which winners change by STDP.

    In each presentation a neuron adds up the weights of the inputs that have spiked, each once, and
    fires once, when the sum reaches the threshold. At each place the map that fires first, with
    the highest potential, keeps the other maps from firing there. The neurons that fire first in
    the whole image, of those in a step the ones with the highest potentials, learn: one for each
    map, and none within ``radius`` of another. Their weights change by
    `nengo_softlif.functional.plasticity.ordered`.

    Learning goes on from one presentation to the next; `nengo_softlif.networks.learned_weights`
    reads the weights out of a simulator. The work of a step is in its spikes.

    Parameters
    ----------
    input_shape : (int, int, int)
        Height, width and number of channels.
    weights : (size, size, n_channels, n_maps) array_like
        From 0 to 1.
    threshold : float
        Of the potential, in units of the weights (> 0).
    n_steps : int
        Of a presentation; then neurons start from zero.
    padding : int
        Rows and columns of silent inputs around the image.
    n_winners : int
        How many neurons learn in a presentation; 0 for none.
    radius : int
        Places around a winner, in both directions, where no other neuron learns.
    potentiation, depression : float
        Of the learning rule, from 0 to 1.
    pool_size : int
        Width of the windows, side by side, of which each passes on the largest output of a map.
    output : {"spikes", "potentials"}
        Spikes of height 1, or the sums; these go on above the threshold.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range, or shapes don't fit.

    References
    ----------
    .. [1] Kheradpisheh, Ganjtabesh, Thorpe & Masquelier (2018), "STDP-based spiking deep
       convolutional neural networks for object recognition".

    Examples
    --------
    Two maps, one place; the second reaches the threshold first, and keeps the first one silent:

    >>> layer = STDPConvolution((1, 2, 1), [[[[0.5, 0.9]], [[0.5, 0.4]]]], 0.8, n_steps=2)
    >>> layer.apply([[1, 0], [0, 1]])
    array([[0., 1.],
           [0., 0.]])
    """

    input_shape = ShapeParam("input_shape", length=3, low=1)
    weights = NdarrayParam("weights", shape=("*", "*", "*", "*"))
    threshold = NumberParam("threshold", low=0, low_open=True)
    n_steps = IntParam("n_steps", low=1)
    padding = IntParam("padding", low=0)
    n_winners = IntParam("n_winners", low=0)
    radius = IntParam("radius", low=0)
    potentiation = NumberParam("potentiation", low=0, high=1)
    depression = NumberParam("depression", low=0, high=1)
    pool_size = IntParam("pool_size", low=1)
    output = EnumParam("output", values=("spikes", "potentials"))

    def __init__(
        self,
        input_shape,
        weights,
        threshold,
        n_steps=15,
        padding=0,
        n_winners=0,
        radius=2,
        potentiation=0.004,
        depression=0.003,
        pool_size=1,
        output="spikes",
    ):
        # first, so that Nengo's parameters have checked what follows is computed from
        self.input_shape = input_shape
        self.weights = weights
        self.threshold = threshold
        self.n_steps = n_steps
        self.padding = padding
        self.n_winners = n_winners
        self.radius = radius
        self.potentiation = potentiation
        self.depression = depression
        self.pool_size = pool_size
        self.output = output
        lowest, highest = self.weights.min(initial=0), self.weights.max(initial=0)
        if not (lowest >= 0 and highest <= 1):
            raise ValidationError(
                f"Must be from 0 to 1 (got {lowest:g} to {highest:g}); clip them, as in "
                "np.clip(weights, 0, 1)",
                attr="weights",
                obj=self,
            )
        if self.weights.shape[2] != self.input_shape[2]:
            raise ValidationError(
                f"Must have the {self.input_shape[2]} channels of the input in their third "
                f"dimension (got shape {self.weights.shape}); its order is height, width, "
                "channels, maps",
                attr="weights",
                obj=self,
            )
        if min(self.neurons_shape) < 1:
            raise ValidationError(
                f"Must fit into the image of {self.input_shape} with a padding of {self.padding} "
                f"(got shape {self.weights.shape}); use smaller filters, or more padding",
                attr="weights",
                obj=self,
            )
        super().__init__(
            default_size_in=int(np.prod(self.input_shape)),
            default_size_out=int(np.prod(self.output_shape)),
        )

    @property
    def neurons_shape(self) -> tuple[int, int, int]:
        """Rows, columns and maps of neurons."""
        height, width = (
            n + 2 * self.padding - size + 1
            for n, size in zip(self.input_shape[:2], self.weights.shape[:2], strict=True)
        )
        return height, width, self.weights.shape[3]

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """Rows, columns and maps of what is passed on."""
        return pooled_shape(self.neurons_shape, *self._windows, "same")

    @property
    def _windows(self):
        return (self.pool_size,) * 2, (self.pool_size,) * 2

    def make_state(self, shape_in, shape_out, dt, dtype=None):
        """Weights, and what has happened in this presentation."""
        expected = (self.default_size_in,), (self.default_size_out,)
        if (tuple(shape_in), tuple(shape_out)) != expected:
            raise ValidationError(
                f"Must be the output of a node of size_in={self.default_size_in} and "
                f"size_out={self.default_size_out}, the sizes of its images (got "
                f"{shape_in[0]} and {shape_out[0]}); leave them out",
                attr="input_shape",
                obj=self,
            )
        size, channels = self.weights.shape[:2], self.input_shape[2]
        padded = [n + 2 * self.padding for n in self.input_shape[:2]]
        # with a margin, where filters that stick out of the image add to places that don't exist
        sums = [n + k - 1 for n, k in zip(padded, size, strict=True)]
        return {
            "weights": self.weights.astype(dtype),
            "seen": np.zeros((*padded, channels), dtype),
            "sums": np.zeros((*sums, self.neurons_shape[2]), dtype),
            "silenced": np.zeros(self.neurons_shape[:2], dtype),
            "learnt_places": np.zeros(self.neurons_shape[:2], dtype),
            "learnt_maps": np.zeros(self.neurons_shape[2], dtype),
        }

    def make_step(self, shape_in, shape_out, dt, rng, state):
        """Make the function of a time step."""
        weights, seen, sums = state["weights"], state["seen"], state["sums"]
        silenced, places, maps = (
            state[name] for name in ("silenced", "learnt_places", "learnt_maps")
        )
        height, width = self.weights.shape[:2]
        n_rows, n_columns, n_maps = self.neurons_shape
        potential = sums[height - 1 :, width - 1 :][:n_rows, :n_columns]
        inside = tuple(slice(self.padding, self.padding + n) for n in self.input_shape[:2])
        image = seen[inside]
        windows = pooling_windows(self.neurons_shape, *self._windows, "same")

        def forget():
            for part in (seen, sums, silenced, places, maps):
                part[...] = 0

        def receive(spikes):
            new = np.flatnonzero((spikes != 0) & (image.ravel() == 0))
            rows, columns, channels = np.unravel_index(new, self.input_shape)
            image[rows, columns, channels] = 1
            flipped = weights[::-1, ::-1]
            at = zip(rows + self.padding, columns + self.padding, channels, strict=True)
            for row, column, channel in at:
                sums[row : row + height, column : column + width] += flipped[:, :, channel]

        def fire():
            best = potential.max(axis=2)
            ready = (best >= self.threshold) & (silenced == 0)
            silenced[ready] = 1
            rows, columns = np.nonzero(ready)
            order = np.argsort(-best[rows, columns], kind="stable")
            rows, columns = rows[order], columns[order]
            return rows, columns, potential[rows, columns].argmax(axis=1)

        def learn(rows, columns, winners):
            for row, column, winner in zip(rows, columns, winners, strict=True):
                if np.count_nonzero(maps) == self.n_winners:
                    return
                if places[row, column] or maps[winner]:
                    continue
                maps[winner] = 1
                near = [slice(max(0, i - self.radius), i + self.radius + 1) for i in (row, column)]
                places[tuple(near)] = 1
                before = seen[row : row + height, column : column + width] != 0
                weights[..., winner] = ordered(
                    weights[..., winner], before, self.potentiation, self.depression
                )

        def step(t, spikes):
            if (round(t / dt) - 1) % self.n_steps == 0:
                forget()
            receive(spikes)
            fired = fire()
            if self.n_winners:
                learn(*fired)
            output = potential
            if self.output == "spikes":
                output = np.zeros((n_rows, n_columns, n_maps))
                output[fired] = 1
            return max_pool(output.ravel(), windows, n_maps)

        return step
