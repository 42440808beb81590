"""Reset of a NengoLoihi simulation, which the package itself does not implement."""

import warnings

import nengo_loihi
from nengo.exceptions import SimulationError, SimulatorClosed
from nengo_loihi.emulator import EmulatorInterface
from nengo_loihi.simulator import StepRunner

__all__ = ["reset"]


def reset(sim, seed=None):
    """Bring a simulator on the emulator back to time zero, without building the model again.

    All voltages, currents, filters, queues between host and chip, and recorded data are as they
    were after construction; the next run gives the same data as the first, to the last bit.
    Functions of nodes are called again with time starting at 0, so that a new input can be
    presented by changing what they return.

    Parameters
    ----------
    sim : nengo_loihi.Simulator
        With ``target`` "sim" or "simreal".
    seed : int, optional
        New seed of the random numbers of the simulation. By default they are the same again.

    Raises
    ------
    nengo.exceptions.SimulatorClosed
        If the simulator is closed.
    nengo.exceptions.SimulationError
        If it runs on the chip, or if connections learn, which overwrites the weights.

    Examples
    --------
    >>> with nengo_loihi.Simulator(net) as sim:  # doctest: +SKIP
    ...     for image in images:
    ...         current.image = image  # returned by the function of the input node
    ...         sim.run(0.2)
    ...         results.append(sim.data[probe].copy())
    ...         reset(sim)
    """
    if type(sim).reset is not nengo_loihi.Simulator.reset:  # ours knows how to
        sim.reset(seed)
        return
    if sim.closed:
        raise SimulatorClosed("Cannot reset closed Simulator.")
    if "emulator" not in sim.sims:
        raise SimulationError(
            f"Can't reset a simulator with target={sim.target!r}: only the emulator can be reset "
            "(target='sim' or 'simreal'). Build a new Simulator."
        )
    model = sim.model
    if any(synapse.learning for block in model.blocks for synapse in block.synapses):
        raise SimulationError(
            "Can't reset a simulator whose connections learn: learning has overwritten the "
            "initial weights. Build a new Simulator."
        )

    emulator = sim.sims["emulator"]
    seed = emulator.seed if seed is None else seed
    emulator.close()
    for spike_input in model.inputs:
        kept = {t: spikes for t, spikes in spike_input.spikes.items() if t in spike_input.permanent}
        spike_input.spikes = kept
    for name, host in sim.sims.items():
        if name != "emulator":
            host.reset(seed=None if seed == emulator.seed else seed)
    with warnings.catch_warnings():
        # filling integer arrays with NaN, before their values are set
        warnings.filterwarnings("ignore", "invalid value encountered in cast", RuntimeWarning)
        sim.sims["emulator"] = EmulatorInterface(model, seed=seed)

    sim._n_steps = 0
    sim._probe_step_time()
    sim.clear_probes()
    # it holds on to the step functions, with the queues, of the simulators above
    sim._runner = StepRunner(model, sim.sims, sim.precompute, sim.timers)
