"""Any network of these parts does what it does in `nengo.Simulator`."""

import nengo
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.simulator.comparing import assert_parity

NEURONS = [
    nengo.LIF(),
    nengo.AdaptiveLIF(),
    nengo.SpikingRectifiedLinear(),
    nengo.RectifiedLinear(),
    nengo.RegularSpiking(nengo.LIFRate()),
    nengo.PoissonSpiking(nengo.LIFRate()),
]
SYNAPSES = [None, nengo.Lowpass(0.004), nengo.Alpha(0.003), nengo.Triangle(0.004)]
# without delay, only from what comes earlier, so that there is an order
DELAYED = SYNAPSES[1:]


def build(draw):
    """A network of nodes and ensembles of one to three dimensions, connected at random."""

    def number(a, b):
        return draw(st.integers(a, b))

    with nengo.Network(seed=number(0, 99)) as net:
        objects = [
            nengo.Node([0.4, -0.3]),
            nengo.Node(lambda t: np.sin([40 * t, 90 * t + 1]), size_out=2),
            nengo.Node(lambda t: float(t > 0.011) - 0.5),
        ]
        n_sources = len(objects)
        for _ in range(number(2, 6)):
            width = number(1, 3)
            kind = draw(st.sampled_from(["ensemble", "ensemble", "passthrough", "function"]))
            if kind == "ensemble":
                neuron_type = draw(st.sampled_from(NEURONS))
                options = {"neuron_type": neuron_type, "max_rates": nengo.dists.Uniform(80, 150)}
                objects.append(nengo.Ensemble(number(2, 40), width, **options))
            elif kind == "passthrough":
                objects.append(nengo.Node(size_in=width))
            else:
                objects.append(nengo.Node(lambda t, x: np.tanh(x) + t, size_in=width))
        for _ in range(number(3, 14)):
            connect(objects, n_sources, number, draw)
        for obj in objects:
            nengo.Probe(obj, synapse=draw(st.sampled_from([None, 0.01])))
            if isinstance(obj, nengo.Ensemble):
                nengo.Probe(obj.neurons)
                nengo.Probe(obj.neurons, "input")
    return net


def connect(objects, n_sources, number, draw):
    target = number(n_sources, len(objects) - 1)
    source = number(0, len(objects) - 1)
    synapse = draw(st.sampled_from(SYNAPSES if source < target else DELAYED))
    pre, post = objects[source], objects[target]
    rng = np.random.RandomState(number(0, 99))
    options = {"synapse": synapse}
    is_ensemble = isinstance(pre, nengo.Ensemble)
    if is_ensemble and draw(st.booleans()):
        pre = pre.neurons
        options["transform"] = 1e-3 * rng.randn(post.size_in, pre.size_out)
    elif is_ensemble and draw(st.booleans()):
        options["function"] = lambda x: [x[0] * x[-1]]
        options["transform"] = rng.randn(post.size_in, 1)
    elif pre.size_out == post.size_in and draw(st.booleans()):
        options["transform"] = draw(st.sampled_from([1, -0.5]))
    else:
        # one dimension each
        pre, post = pre[number(0, pre.size_out - 1)], post[number(0, post.size_in - 1)]
    nengo.Connection(pre, post, **options)


@settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,  # a tie in the rounding of a threshold must not come up one day
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data(), optimize=st.booleans())
def test_any_network(data, optimize):
    assert_parity(build(data.draw), steps=30, tolerance=1e-7, optimize=optimize)
