"""PyTorch by hand: convolutions and in-place updates of the voltages, no library."""

from __future__ import annotations

import nengo
import torch

from benchmarks.competitors.torch_layers import (
    channels_last_counts,
    image_tensor,
    linear_layers,
    start_voltages,
)
from benchmarks.networks import DT


def build(network, n_steps, batch_size, layout="channels_last"):
    """Make a function that presents a batch; see `benchmarks.competitors`."""
    memory_format = torch.contiguous_format if layout == "contiguous" else torch.channels_last
    layers = linear_layers(network, memory_format=memory_format)
    starts = start_voltages(network)
    neurons = {"linear_reset": _integrate_and_fire, "lif": _lif}[network.neuron]
    alpha = None if network.tau is None else _discretized_alpha(network.tau)

    def step(current, states, outputs):
        """One step of all populations: returns their spikes, adds to the summed outputs."""
        spikes, J = [], current
        for state, layer in zip(states, layers[1:], strict=True):
            spikes.append(neurons(J, state))
            J = layer(spikes[-1]) if alpha is None else _filtered(layer, spikes[-1], state, alpha)
        outputs += J
        return spikes

    run_step = torch.compile(step) if layout == "compiled" else step

    @torch.inference_mode()
    def present(images, count=False):
        x = image_tensor(images, memory_format)
        current = layers[0](x)  # of a constant image: once for all steps
        states = []
        for start in starts:
            v = start.expand(len(x), *start.shape[1:]).clone()
            if v.ndim == 4:
                v = v.contiguous(memory_format=memory_format)
            states.append({"v": v, "refractory": torch.zeros_like(v), "x": None})
        outputs = torch.zeros(len(x), 10)
        counts = [torch.zeros_like(state["v"]) for state in states]
        for _ in range(n_steps):
            spikes = run_step(current, states, outputs)
            if count:
                for total, spiked in zip(counts, spikes, strict=True):
                    total += spiked
        return outputs.numpy(), channels_last_counts(counts) if count else None

    return present


def _integrate_and_fire(J, state):
    v = state["v"]
    v += J
    spikes = (v >= 1).to(v.dtype)
    v -= spikes
    return spikes


def _lif(J, state, tau_rc=0.02, tau_ref=0.002):
    v, refractory = state["v"], state["refractory"]
    refractory -= DT
    delta = (DT - refractory).clamp_(0, DT)
    v -= (J - v) * torch.expm1_(delta.mul_(-1 / tau_rc))
    spiked = v > 1
    t_spike = DT + tau_rc * torch.log1p(-(v - 1) / (J - 1))
    torch.where(spiked, tau_ref + t_spike, refractory, out=refractory)
    v.clamp_(min=0).masked_fill_(spiked, 0)
    return spiked.to(v.dtype)


def _discretized_alpha(tau):
    """Matrices of the filter that Nengo makes of an alpha synapse."""
    A, B, C, _ = nengo.Alpha(tau)._get_ss(DT)
    return A.tolist(), B.ravel().tolist(), C.ravel().tolist()


def _filtered(layer, spikes, state, alpha):
    """What the next population gets from the filtered spikes of the steps before this one."""
    A, B, C = alpha
    *pool, weights = layer if isinstance(layer, torch.nn.Sequential) else [layer]
    for part in pool:
        spikes = part(spikes)
    x = state["x"]
    if x is None:
        x = state["x"] = [torch.zeros_like(spikes), torch.zeros_like(spikes)]
    J = weights(C[0] * x[0] + C[1] * x[1])
    new = [A[i][0] * x[0] + A[i][1] * x[1] + B[i] * spikes for i in (0, 1)]
    state["x"] = new
    return J
