"""Random Gabor filters that tests of NengoLoihi convolve with, after ``nengo_extras.vision``."""

import numpy as np
from nengo.dists import Choice, Uniform


class Gabor:
    """A plane wave under a Gaussian window, on the square from -1 to 1; directions are uniform.

    Parameters
    ----------
    freq : nengo.dists.Distribution
        Spatial frequency, in cycles per unit.
    sigma_x, sigma_y : nengo.dists.Distribution
        Standard deviation of the window along the wave and across it.
    """

    def __init__(self, freq, sigma_x=Choice([0.45]), sigma_y=Choice([0.45])):  # noqa: B008
        self.freq = freq
        self.sigma_x = sigma_x
        self.sigma_y = sigma_y

    def generate(self, n, shape, rng):
        """Draw filters of norm 1.

        Parameters
        ----------
        n : int
            Number of filters.
        shape : tuple of int
            Height and width.
        rng : numpy.random.RandomState
            Source of randomness.

        Returns
        -------
        filters : (n, height, width) ndarray
        """
        angle = Uniform(-np.pi, np.pi)
        theta, phase, freq, sigma_x, sigma_y = (
            dist.sample(n, rng=rng)[:, None, None]
            for dist in (angle, angle, self.freq, self.sigma_x, self.sigma_y)
        )
        y, x = np.meshgrid(*(np.linspace(-1, 1, size) for size in shape), indexing="ij")
        along = x * np.cos(theta) + y * np.sin(theta)
        across = y * np.cos(theta) - x * np.sin(theta)
        filters = np.cos(2 * np.pi * freq * along + phase)
        filters *= np.exp(-((along / sigma_x) ** 2 + (across / sigma_y) ** 2) / 2)
        return filters / np.linalg.norm(filters, axis=(1, 2), keepdims=True)
