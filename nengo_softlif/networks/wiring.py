r"""Which neurons of a reservoir are connected, by where they are.

Matrices of synapses are sparse, (n_post, n_pre), like those of weights.

- `distance_dependent`: neurons at a distance D are connected with the probability
  :math:`C e^{-(D / \lambda)^2}`, where C depends on which of them are excitatory.
- `small_world`: each neuron hears its nearest neighbours, except that some synapses are rewired
  to any other neuron. Few of those make all paths short, while neighbours stay in clusters.

References
----------
.. [1] Maass, Natschläger & Markram (2002), "Real-time computing without stable states: a new
   framework for neural computation based on perturbations": appendix B.
.. [2] Watts & Strogatz (1998), "Collective dynamics of 'small-world' networks".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import check_integer, check_number, check_numbers

__all__ = ["distance_dependent", "grid", "small_world"]


def grid(shape: Sequence[int]) -> np.ndarray:
    """Positions of neurons on a grid.

    Parameters
    ----------
    shape : sequence of int
        Neurons along each axis.

    Returns
    -------
    positions : (n_neurons, n_axes) ndarray
        In units of the distance of neighbours.

    Raises
    ------
    ParameterError
        If the shape is empty, or a number in it is below 1.

    Examples
    --------
    >>> grid((2, 2)).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    sizes = [check_integer(f"shape[{i}]", size, minimum=1) for i, size in enumerate(shape)]
    if not sizes:
        raise ParameterError("shape must have one axis at least (got none)")
    return np.stack(np.unravel_index(np.arange(np.prod(sizes)), sizes), axis=1).astype(float)


def distance_dependent(
    positions: ArrayLike, peak: ArrayLike, radius: float, rng: np.random.Generator
) -> sparse.csr_array:
    r"""Synapses whose probability decreases with the distance, :math:`C e^{-(D / \lambda)^2}`.

    No neuron is connected to itself.

    Parameters
    ----------
    positions : (n_neurons, n_axes) array_like
    peak : float or (n_neurons, n_neurons) array_like
        C, the probability at no distance, from 0 to 1, by the neuron that receives spikes (rows)
        and the one that sends them.
    radius : float
        λ, in units of the positions (> 0).
    rng : numpy.random.Generator

    Returns
    -------
    synapses : (n_neurons, n_neurons) scipy.sparse.csr_array of bool

    Raises
    ------
    ParameterError
        If a parameter is out of range, or has the wrong shape.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> distance_dependent(grid((15, 3, 3)), 0.3, 2.0, rng).shape
    (135, 135)
    """
    positions = _checked_positions(positions)
    radius = check_number("radius", radius, above=0)
    peak = check_numbers("peak", peak, minimum=0, maximum=1)
    n_neurons = len(positions)
    if peak.shape not in ((), (n_neurons, n_neurons)):
        raise ParameterError(
            f"peak must be a number, or have the shape {n_neurons, n_neurons} (got {peak.shape})"
        )
    probability = peak * np.exp(-((cdist(positions, positions) / radius) ** 2))
    np.fill_diagonal(probability, 0)
    return sparse.csr_array(rng.uniform(size=probability.shape) < probability)


def small_world(
    positions: ArrayLike, n_neighbors: int, rewired: float, rng: np.random.Generator
) -> sparse.csr_array:
    """Synapses from the nearest neighbours, some of which are rewired to any other neuron.

    Parameters
    ----------
    positions : (n_neurons, n_axes) array_like
    n_neighbors : int
        Synapses of each neuron, from 1 to one less than there are neurons.
    rewired : float
        Probability of each synapse to come from any other neuron instead, from 0 to 1. All have it
        in a random graph.
    rng : numpy.random.Generator

    Returns
    -------
    synapses : (n_neurons, n_neurons) scipy.sparse.csr_array of bool
        With ``n_neighbors`` in each row, and none on the diagonal.

    Raises
    ------
    ParameterError
        If a parameter is out of range, or has the wrong shape.

    Examples
    --------
    >>> synapses = small_world(grid((10, 10)), 8, 0.1, np.random.default_rng(0))
    >>> synapses.nnz
    800
    """
    positions = _checked_positions(positions)
    n_neurons = len(positions)
    n_neighbors = check_integer("n_neighbors", n_neighbors, minimum=1, maximum=n_neurons - 1)
    rewired = check_number("rewired", rewired, minimum=0, maximum=1)
    nearest = _nearest(positions, n_neighbors)
    moves = rng.uniform(size=nearest.shape) < rewired
    for neuron, (sources, move) in enumerate(zip(nearest, moves, strict=True)):
        others = np.setdiff1d(np.arange(n_neurons), [neuron, *sources[~move]])
        order = np.argsort(rng.uniform(size=len(others)))
        sources[move] = others[order[: move.sum()]]
    targets = np.repeat(np.arange(n_neurons), n_neighbors)
    values = np.ones(nearest.size, dtype=bool)
    return sparse.csr_array((values, (targets, nearest.ravel())), shape=(n_neurons, n_neurons))


def _nearest(positions, n_neighbors):
    """Indices of the nearest other neurons, (n_neurons, n_neighbors)."""
    _, found = cKDTree(positions).query(positions, k=n_neighbors + 1)
    itself = found == np.arange(len(positions))[:, np.newaxis]
    # among neurons at the same position, a neuron may not find itself
    itself[~itself.any(axis=1), -1] = True
    return found[~itself].reshape(len(positions), n_neighbors)


def _checked_positions(positions):
    positions = check_numbers("positions", positions)
    if positions.ndim != 2 or len(positions) < 2:
        raise ParameterError(
            "positions must have the shape (n_neurons, n_axes), with two neurons at least (got "
            f"{positions.shape})"
        )
    return positions
