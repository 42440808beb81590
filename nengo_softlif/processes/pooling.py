"""Max pooling of spikes."""

from __future__ import annotations

import numpy as np
from nengo.base import Process
from nengo.exceptions import ValidationError
from nengo.params import EnumParam, ShapeParam

from nengo_softlif.functional.pooling import max_pool, pooled_shape, pooling_windows

__all__ = ["SpikingMaxPool"]


class SpikingMaxPool(Process):
    r"""In each window, passes on the spikes of the unit that has the most of them so far.

    With :math:`s_i[t]` the spikes of the units i of a window, and :math:`n_i` how many there have
    been (Lu & Xu 2022, eq. 18),

    .. math:: n_i[t] = \sum_{t' \le t} s_i[t'], \qquad
              y[t] = \max_i n_i[t] - \max_i n_i[t - 1].

    One unit leads: the one with the most spikes, and its spikes pass. Another takes the lead, and
    passes, with the spike by which it has more; of several in one step, the one of the lowest
    index. So at any time as many spikes have been passed on as the busiest unit has made, the
    number that max pooling of firing rates stands for. (To pass the spikes of whoever is first of
    those that have equally many would pass those of both while two units take turns.)

    It goes by sums, so that spikes of any height, and currents, are pooled by the same equation.
    In training with NengoDL, where neurons send rates, it is max pooling.

    The sums go on until the simulator is reset, as the voltages of neurons do: reset it between
    images (`nengo_softlif.evaluate` does). Else those who led go on leading at first.

    Parameters
    ----------
    input_shape : tuple of int
        Spatial shape of any dimension, then the number of channels.
    pool_size : tuple of int
        Size of a window in each spatial dimension.
    strides : tuple of int, optional
        Step from one window to the next; ``pool_size`` by default.
    padding : {"valid", "same"}
        As in TensorFlow and Keras.

    Raises
    ------
    nengo.exceptions.ValidationError
        If a parameter is out of range, or no window fits into the image.

    References
    ----------
    .. [1] Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking Neural
       Networks and Its Mapping Relationship to Deep Neural Networks", section V-E2.

    Examples
    --------
    Two units in one window; the second takes the lead with its second spike:

    >>> pool = SpikingMaxPool((2, 1), (2,))
    >>> pool.apply([[1, 0], [0, 1], [0, 1], [1, 0], [0, 1]])
    array([[1.],
           [0.],
           [1.],
           [0.],
           [1.]])
    """

    input_shape = ShapeParam("input_shape", low=1)
    pool_size = ShapeParam("pool_size", low=1)
    strides = ShapeParam("strides", low=1)
    padding = EnumParam("padding", values=("valid", "same"))

    def __init__(self, input_shape, pool_size, strides=None, padding="valid"):
        # first, so that Nengo's parameters have checked what follows is computed from
        self.input_shape = input_shape
        self.pool_size = pool_size
        self.strides = pool_size if strides is None else strides
        self.padding = padding
        n_space = len(self.input_shape) - 1
        for name in ("pool_size", "strides"):
            sizes = getattr(self, name)
            if len(sizes) != n_space:
                raise ValidationError(
                    f"Must have a number for each of the {n_space} spatial dimensions of "
                    f"input_shape {input_shape} (got {sizes})",
                    attr=name,
                    obj=self,
                )
        if min(self.output_shape) < 1:
            raise ValidationError(
                f"Must fit into the image of {input_shape} (got {pool_size}); use smaller windows, "
                "or padding='same'",
                attr="pool_size",
                obj=self,
            )
        super().__init__(
            default_size_in=int(np.prod(self.input_shape)),
            default_size_out=int(np.prod(self.output_shape)),
        )

    @property
    def output_shape(self):
        """Spatial shape and number of channels of the output."""
        return pooled_shape(self.input_shape, self.pool_size, self.strides, self.padding)

    def windows(self):
        """Pixels of each window, see `nengo_softlif.functional.pooling.pooling_windows`."""
        return pooling_windows(self.input_shape, self.pool_size, self.strides, self.padding)

    def make_state(self, shape_in, shape_out, dt, dtype=None):
        """Sums of the inputs, and the largest of each window; both start at zero."""
        expected = (self.default_size_in,), (self.default_size_out,)
        if (tuple(shape_in), tuple(shape_out)) != expected:
            raise ValidationError(
                f"Must be the output of a node of size_in={self.default_size_in} and "
                f"size_out={self.default_size_out}, the sizes of its images (got "
                f"{shape_in[0]} and {shape_out[0]}); leave them out",
                attr="input_shape",
                obj=self,
            )
        return {"sums": np.zeros(shape_in, dtype), "largest": np.zeros(shape_out, dtype)}

    def make_step(self, shape_in, shape_out, dt, rng, state):
        """Make the function of a time step."""
        windows, channels = self.windows(), self.input_shape[-1]
        sums, largest = state["sums"], state["largest"]

        def step(t, x):
            sums[...] += x
            now = max_pool(sums, windows, channels)
            passed = now - largest
            largest[...] = now
            return passed

        return step
