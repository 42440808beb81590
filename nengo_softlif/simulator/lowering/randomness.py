"""State of random generators, as kernels have it."""

import numpy as np

__all__ = ["is_known", "words_of"]


def is_known(rng: np.random.RandomState) -> bool:
    """Whether kernels have the algorithm of a generator, the Mersenne Twister."""
    return rng.get_state(legacy=False)["bit_generator"] == "MT19937"


def words_of(rng: np.random.RandomState) -> np.ndarray:
    """The words of a generator and the position of the next one.

    Parameters
    ----------
    rng : numpy.random.RandomState
        A Mersenne Twister.

    Returns
    -------
    words : (625,) int64 ndarray
    """
    state = rng.get_state(legacy=False)["state"]
    return np.append(state["key"].astype(np.int64), state["pos"])
