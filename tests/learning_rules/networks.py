"""Networks whose neurons fire when they are told to, with a learning rule between them."""

import nengo
import numpy as np

import nengo_softlif as nsl

DT = 0.001


def relays(n):
    """Neurons that fire in the steps in which their input is 1."""
    kind = nsl.SpikingDiscreteLIF(decay=0, threshold=0.5)
    return nengo.Ensemble(n, 1, neuron_type=kind, gain=np.ones(n), bias=np.zeros(n))


def told(rule, pre, post, weights, message=None, synapse=1e6):
    """Trains of 0 and 1, (steps, neurons), on both sides of weights of no influence.

    A message, (steps,), goes to the rule. The synapse is so slow that nothing arrives in time.

    Returns
    -------
    net : nengo.Network
        With the connection, and a probe of its weights.
    """
    pre, post = np.asarray(pre, dtype=float), np.asarray(post, dtype=float)
    net = nengo.Network(seed=0)
    with net:
        sides = []
        for trains in (pre, post):
            node = nengo.Node(lambda t, x=trains: x[min(round(t / DT), len(x)) - 1])
            sides.append(relays(trains.shape[1]))
            nengo.Connection(node, sides[-1].neurons, synapse=None)
        net.connection = nengo.Connection(
            sides[0].neurons,
            sides[1].neurons,
            transform=np.asarray(weights, dtype=float),
            synapse=synapse,
            learning_rule_type=rule,
        )
        if message is not None:
            node = nengo.Node(lambda t: message[min(round(t / DT), len(message)) - 1])
            nengo.Connection(node, net.connection.learning_rule, synapse=None)
        net.weights = nengo.Probe(net.connection, "weights")
    return net


def final_weights(net, n_steps, simulator=nsl.Simulator):
    """Weights at the end."""
    with simulator(net, progress_bar=False) as sim:
        sim.run_steps(n_steps)
    return sim.data[net.weights][-1]
