"""A network that is run in one thread can be built in another one meanwhile."""

import threading

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl


@pytest.mark.parametrize("backend", ["nengo", "compiled"])
def test_simulators_of_others_see_the_network_as_it_is(backend):
    with nengo.Network(seed=0) as net:
        source, out = nengo.Node([0.25, 0.5]), nengo.Node(size_in=2)
        ens = nengo.Ensemble(20, 2)
        nengo.Connection(source, ens)
        nengo.Connection(ens, out)
        probe = nengo.Probe(source)
    wrapped = nsl.wrap(net, input=source, output=out)
    shown = nsl.Presentation(time=0.005)
    ended = threading.Event()

    def predict():
        while not ended.is_set():
            nsl.predict(
                wrapped, np.full((2, 2), 0.9), backend=backend, presentation=shown, progress=False
            )

    thread = threading.Thread(target=predict)
    thread.start()
    try:
        for _ in range(20):
            with nengo.Simulator(net, progress_bar=False) as sim:
                sim.run_steps(2)
            assert list(sim.data[probe][0]) == [0.25, 0.5]
            assert sim.model.probes == [probe]
    finally:
        ended.set()
        thread.join()
    assert net.probes == [probe]
