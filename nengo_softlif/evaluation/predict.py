"""Run samples through a network on any backend."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from nengo_softlif.errors import EvaluationInterrupted
from nengo_softlif.evaluation.presentation import Presentation
from nengo_softlif.evaluation.results import Prediction
from nengo_softlif.evaluation.run import Block, Run, checked_network
from nengo_softlif.networks import RunnableNetwork
from nengo_softlif.validation import check_name

__all__ = ["predict"]


def predict(
    network: RunnableNetwork,
    x: Any,
    *,
    backend: str = "compiled",
    presentation: Presentation | None = None,
    output: str | None = None,
    keep: str | Collection[str] = (),
    seed: int = 0,
    batch_size: int | None = None,
    threads: int | None = None,
    progress: bool = True,
) -> Prediction:
    """Run samples through a spiking network, without labels.

    Every sample is shown from the same initial state, and its outputs are averaged over its readout
    window.

    Parameters
    ----------
    network : SpikingNetwork or WrappedNetwork
        From `nengo_softlif.convert`, or a Nengo network of your own from `nengo_softlif.wrap`.
    x : (n_samples, ...) array_like, or list or dict of those for several inputs
        Samples, shaped as the Keras model takes them; or (n_samples, n_steps, ...), with values
        for each time step; or a list of (n_steps, ...) arrays, if samples have different numbers of
        time steps. For one input, a list with a single array is that array, as for Keras. A
        `tf.data.Dataset`, a `keras.utils.PyDataset` or a generator of batches is read batch by
        batch.
    backend : str
        "compiled", "nengo", "nengo_dl", "loihi", or one that another package adds; see
        `nengo_softlif.backends`.
    presentation : Presentation, optional
        How long the samples are shown, and from when the output counts.
    output : str, optional
        Name of the only output to record; all by default.
    keep : str or collection of str
        "outputs" keeps the outputs of every time step, 4 bytes for each value; "spikes" keeps the
        spikes of every neuron, a byte for each neuron and time step.
    seed : int
        Of random processes in the network and of random encodings. (Initial voltages go by the
        seed of the network, see `nengo_softlif.convert`.)
    batch_size : int, optional
        Samples run at a time, on backends that support it.
    threads : int, optional
        Samples run in parallel, on the backends "compiled" and "loihi"; all cores by default. The
        result does not depend on it.
    progress : bool
        Show a progress bar with the time left.

    Returns
    -------
    prediction : Prediction
        ``prediction.output`` is an array, or ``prediction.outputs`` a dict of those by name;
        ``np.asarray(prediction)`` is the only output.

    Raises
    ------
    DatasetError
        If the samples don't fit the network, or their values the encoding.
    BackendError
        If the backend is not installed, or its simulator refuses the network.
    UnknownNameError
        If there is no backend or output of that name.
    ParameterError
        If an option is out of range.
    EvaluationInterrupted
        After Ctrl-C; its ``result`` has the samples that were done.

    Examples
    --------
    >>> import nengo
    >>> import nengo_softlif as nsl
    >>> with nengo.Network(seed=0) as net:
    ...     number, square = nengo.Node([0]), nengo.Node(size_in=1)
    ...     ensemble = nengo.Ensemble(100, 1)
    ...     _ = nengo.Connection(number, ensemble)
    ...     _ = nengo.Connection(ensemble, square, function=lambda x: x**2, synapse=0.02)
    >>> network = nsl.wrap(net, input=number, output=square)
    >>> nsl.predict(network, [[-1], [0.5]], progress=False).output.round(1)
    array([[0.9],
           [0.2]])
    """
    network = checked_network(network)
    if output is not None:
        check_name("output", output, network.outputs)
    run = Run(
        network,
        Block.of_all(network, x),
        list(network.outputs) if output is None else [output],
        backend=backend,
        presentation=presentation,
        keep=keep,
        seed=seed,
        batch_size=batch_size,
        threads=threads,
        progress=progress,
    )
    try:
        run()
    except KeyboardInterrupt as interrupt:
        raise EvaluationInterrupted(run.progress_so_far(), Prediction(**run.facts())) from interrupt
    return Prediction(**run.facts())
