"""The part of a model that the host simulates before, or after, the chip; compiled."""

from nengo.builder.processes import SimProcess
from nengo.rc import rc
from nengo_loihi.builder.inputs import HostSendProcess

from nengo_softlif.loihi.emulator.spike_log import SpikeLog
from nengo_softlif.simulator.runner import Presenter
from nengo_softlif.simulator.sampling import keeper_of

__all__ = ["SPIKES", "host_part"]

SPIKES = "spikes"  # under which name the spikes that leave are kept


def host_part(sim, inputs, time_varying, senders, accumulated, threads):
    """Compile a model on the host for presentations.

    Parameters
    ----------
    sim : nengo.Simulator
        Of the model.
    inputs : collection of nengo.Node
        Whose output each sample sets.
    time_varying : collection of nengo.Node
        Those whose output is another in each step.
    senders : dict of nengo.Node to int
        Those whose spikes go to the chip, with the number of their first neuron there.
    accumulated : collection of nengo.Probe
        Of which only the sum is kept.
    threads : int
        How many samples may be run at the same time.

    Returns
    -------
    presenter : Presenter
        Keeps what all probes of the model want, and, if there are senders, under `SPIKES` the
        first and sources of the spikes that leave, see `SpikeLog`.
    """
    sig = sim.model.sig

    def keep(layout):
        keepers = {
            probe: keeper_of(
                sig[probe]["in"],
                layout,
                accumulated=probe in accumulated,
                sample_every=probe.sample_every,
            )
            for probe in sim.model.probes
        }
        if senders:
            signals = [(sig[node]["in"], number) for node, number in senders.items()]
            keepers[SPIKES] = SpikeLog(signals, layout)
        return keepers

    return Presenter(
        sim.model,
        [op for op in sim._step_order if not _sends(op)],
        {node: sig[node]["out"] for node in inputs},
        keep,
        rc.float_dtype,
        time_varying=time_varying,
        threads=threads,
        seed=sim.seed,
    )


def _sends(op):
    return isinstance(op, SimProcess) and isinstance(op.process, HostSendProcess)
