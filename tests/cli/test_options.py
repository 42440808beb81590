"""Values of options: what is understood and what is refused."""

import click
import pytest

from nengo_softlif.cli.options import BackendWithCount, KeyValue, SynapseText


@pytest.mark.parametrize(
    "kind, text, value",
    [
        (BackendWithCount(), "nengo", ("nengo", None)),
        (BackendWithCount(), "nengo_dl:2000", ("nengo_dl", 2000)),
        (KeyValue(), "relu=LIF", ("relu", "LIF")),
        (KeyValue(), "a=b=c", ("a", "b=c")),
        (SynapseText(), "none", ("none", None)),
        (SynapseText(), "alpha:0.005", ("alpha", 0.005)),
        (SynapseText(), "lowpass:1e-3", ("lowpass", 0.001)),
    ],
)
def test_understood(kind, text, value):
    assert kind.convert(text, None, None) == value
    assert kind.convert(value, None, None) == value


@pytest.mark.parametrize(
    "kind, text, message",
    [
        (BackendWithCount(), "nengo:", r"above 0 \(got 'nengo:'\)"),
        (BackendWithCount(), "nengo:0", "above 0"),
        (BackendWithCount(), "nengo:-3", "above 0"),
        (BackendWithCount(), "nengo:all", "integer"),
        (KeyValue(), "relu", r"KEY=VALUE \(got 'relu'\)"),
        (KeyValue(), "=LIF", "KEY=VALUE"),
        (SynapseText(), "alpha", r"alpha:TAU or lowpass:TAU .*got 'alpha'"),
        (SynapseText(), "alpha:0", "above 0"),
        (SynapseText(), "alpha:nan", "above 0"),
        (SynapseText(), "lowpass:inf", "above 0"),
        (SynapseText(), "beta:0.1", "none, alpha:TAU"),
    ],
)
def test_refused(kind, text, message):
    with pytest.raises(click.BadParameter, match=message):
        kind.convert(text, None, None)
