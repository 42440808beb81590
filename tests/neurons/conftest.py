"""The neuron types, in several settings."""

import nengo
import pytest

import nengo_softlif as nsl

AT_REST = {"voltage": nengo.dists.Choice([0])}

SOFT_LIF = [nsl.SoftLIFRate(), nsl.SoftLIFRate(tau_rc=0.05, tau_ref=0.0, amplitude=0.1, sigma=0.3)]
LINEAR_RESET_RATE = [
    nsl.LinearResetLIFRate(),
    nsl.LinearResetLIFRate(tau_rc=0.05, amplitude=0.1, sigma=0.3),
    nsl.LinearResetLIFRate(tau_rc=0.01, leak=False, amplitude=0.5),
]
LINEAR_RESET = [
    nsl.SpikingLinearResetLIF(initial_state=AT_REST),
    nsl.SpikingLinearResetLIF(tau_rc=0.05, amplitude=0.1, initial_state=AT_REST),
    nsl.SpikingLinearResetLIF(leak=False, amplitude=0.5, initial_state=AT_REST),
]


@pytest.fixture(params=SOFT_LIF, ids=str)
def soft_lif(request):
    return request.param


@pytest.fixture(params=LINEAR_RESET_RATE, ids=str)
def linear_reset_rate(request):
    return request.param


@pytest.fixture(params=LINEAR_RESET, ids=str)
def linear_reset(request):
    return request.param


@pytest.fixture(params=SOFT_LIF + LINEAR_RESET_RATE, ids=str)
def rate_neuron(request):
    return request.param


@pytest.fixture(params=SOFT_LIF + LINEAR_RESET_RATE + LINEAR_RESET + [nsl.SpikingLIF()], ids=str)
def any_neuron(request):
    return request.param
