"""TensorFlow implementations of our neuron types, max pooling and learning rules, for NengoDL.

Imported by itself right after `nengo_dl`; importing it registers the builders, so that a
`nengo_dl.Simulator` runs and trains our neuron types in TensorFlow. Networks without anything of
ours are built as without this package.
"""

from nengo_softlif import compat

with compat.tested_with_this_nengo():
    from nengo_dl.neuron_builders import SimNeuronsBuilder

from nengo_softlif.nengodl import grouped_convolution, pooling
from nengo_softlif.nengodl.discrete_lif import DiscreteLIFBuilder
from nengo_softlif.nengodl.keras3 import hooks as keras3_hooks
from nengo_softlif.nengodl.learning_rules import SpikeRuleBuilder
from nengo_softlif.nengodl.pooling import SpikingMaxPoolBuilder
from nengo_softlif.nengodl.rate_neurons import LinearResetLIFRateBuilder, SoftLIFRateBuilder
from nengo_softlif.nengodl.spiking_neurons import LIFBuilder, LinearResetLIFBuilder
from nengo_softlif.nengodl.stochastic_winner import StochasticWinnerBuilder
from nengo_softlif.neurons import (
    LinearResetLIFRate,
    SoftLIFRate,
    SpikingDiscreteLIF,
    SpikingLIF,
    SpikingLinearResetLIF,
    StochasticWinner,
)

__all__ = [
    "DiscreteLIFBuilder",
    "LIFBuilder",
    "LinearResetLIFBuilder",
    "LinearResetLIFRateBuilder",
    "SoftLIFRateBuilder",
    "SpikeRuleBuilder",
    "SpikingMaxPoolBuilder",
    "StochasticWinnerBuilder",
]

SimNeuronsBuilder.TF_NEURON_IMPL.update(
    {
        SpikingDiscreteLIF: DiscreteLIFBuilder,
        SpikingLIF: LIFBuilder,
        SpikingLinearResetLIF: LinearResetLIFBuilder,
        LinearResetLIFRate: LinearResetLIFRateBuilder,
        SoftLIFRate: SoftLIFRateBuilder,
        StochasticWinner: StochasticWinnerBuilder,
    }
)
pooling.register()
compat.apply("spike-pooling", pooling.install)
compat.apply("grouped-convolutions", grouped_convolution.install)
compat.apply("keras-3-objects", keras3_hooks.install)
compat.apply("keras-3-weight-names", keras3_hooks.install_weight_names)
