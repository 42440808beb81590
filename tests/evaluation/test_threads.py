"""One network in several threads at once: right results, and the network as it was."""

from concurrent.futures import ThreadPoolExecutor

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl

OPTIONS = {"presentation": nsl.Presentation(time=0.02), "progress": False}


@pytest.mark.parametrize("backends", [["compiled"] * 6, ["compiled", "nengo", "loihi"] * 2])
def test_predictions_in_threads_are_those_of_one_thread(deep, data, backends):
    x, _ = data
    with deep.net:
        own = nengo.Probe(deep.layers[0].neurons)
    expected = {b: nsl.predict(deep, x, backend=b, **OPTIONS).output for b in set(backends)}
    with ThreadPoolExecutor(len(backends)) as pool:
        found = pool.map(lambda b: nsl.predict(deep, x, backend=b, **OPTIONS).output, backends)
        for backend, output in zip(backends, found, strict=True):
            np.testing.assert_array_equal(output, expected[backend])
    assert deep.net.probes == [own]
    deep.net.probes.remove(own)


@pytest.mark.parametrize("backend", ["compiled", "nengo"])
def test_errors_of_functions_name_node_and_time(backend):
    def fail(t):
        return 1 / (t < 0.0045)

    with nengo.Network() as net:
        x, out = nengo.Node([0.0]), nengo.Node(size_in=1)
        culprit = nengo.Node(fail, size_out=1, label="culprit")
        nengo.Connection(x, out, synapse=None)
        nengo.Connection(culprit, out, synapse=None)
    network = nsl.wrap(net, input=x, output=out)
    with pytest.raises(ZeroDivisionError) as error:
        nsl.predict(network, [[1.0]], backend=backend, **OPTIONS)
    assert error.value.__notes__ == ["raised by <Node 'culprit'> at t = 0.005 s"]
