"""Everything that is changed in other packages: what, why, and for which versions."""

from __future__ import annotations

from dataclasses import dataclass

from nengo_softlif.compat.versions import Versions

__all__ = ["PATCHES", "Patch"]


@dataclass(frozen=True)
class Patch:
    """A change to a package that is not ours.

    Parameters
    ----------
    name : str
    package : str
        Package with whose import the patch comes.
    module : str
        What is replaced, and for which modules if not for all.
    why : str
    needed_if : tuple of Versions
        The patch is needed if all of them hold.
    link : str
        Where the cause is described, if there is such a page.

    Examples
    --------
    >>> patch = Patch("arrays", "numpy", "numpy.array", "raises", (Versions("numpy", "2.0"),))
    >>> patch.versions
    'numpy >= 2.0'
    """

    name: str
    package: str
    module: str
    why: str
    needed_if: tuple[Versions, ...]
    link: str = ""

    @property
    def versions(self) -> str:
        """The versions that need the patch, in words."""
        return " and ".join(map(str, self.needed_if))


# The newest releases; the faults below were seen in all of them.
_DL = Versions("nengo-dl", through="3.6.0")
_LOIHI = Versions("nengo-loihi", through="1.1.0")


def _keras_2(package: str, releases: Versions) -> Patch:
    return Patch(
        f"keras-2-in-{releases.package}",
        package,
        f"tensorflow and keras, as {package} imports them",
        "it uses Keras 2, which TensorFlow no longer has: it gets the tf-keras package",
        (Versions("tensorflow", since="2.13"), releases),
        "https://github.com/keras-team/keras/issues/18141",
    )


# Patches of the first kind replace what one of the packages imports, for its own modules only.
_IMPORTS = (
    _keras_2("nengo_dl", _DL),
    _keras_2("nengo_loihi", _LOIHI),
    _keras_2("keras_spiking", Versions("keras-spiking", through="0.3.0")),
    Patch(
        "stack-traces",
        "nengo_dl",
        "tensorflow.python.autograph.impl.api, as nengo_dl imports it",
        "NengoDL replaces a method of TensorFlow's StackTraceMapper for the whole process; now it "
        "replaces that of a subclass",
        (_DL,),
    ),
    Patch(
        "gpu-search",
        "nengo_dl",
        "subprocess, as nengo_dl imports it",
        "NengoDL starts a second Python with TensorFlow to look for a GPU, which takes seconds: "
        "not if there is no driver",
        (_DL,),
    ),
    Patch(
        "numpy-1-arrays",
        "nengo_loihi",
        "numpy, as nengo_loihi imports it",
        "array(copy=False) and fromstring raise in NumPy 2, and full(n, nan) of integers warns",
        (Versions("numpy", since="2.0"), _LOIHI),
        "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
    ),
)

# Those of the second kind repair a module where it would fail.
_REPAIRS = (
    Patch(
        "matrix-exponential",
        "nengo_dl",
        "numpy, as three modules of nengo._vendor.scipy.sparse see it",
        "discretizing a system of 200 states or more uses np.find_common_type and np.in1d, which "
        "NumPy dropped in 2.0 and 2.4",
        (Versions("numpy", since="2.0"), Versions("nengo", through="4.1.0"), _DL),
        "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
    ),
    Patch(
        "linear-filters",
        "nengo_dl",
        "nengo_dl.process_builders.LinearFilterBuilder",
        "filters with a passthrough don't build: their matrix D has two axes since Nengo 4",
        (Versions("nengo", since="4.0"), _DL),
    ),
    Patch(
        "tensor-node-sizes",
        "nengo_dl",
        "nengo_dl.tensor_node.TensorNode.size_in and size_out",
        "they are integers of NumPy, which PReLU and other layers don't take for a shape",
        (_DL,),
    ),
)

# Those of the third kind act on networks with our neuron types or processes, on converted ones,
# and on those that the simulator could not build. All others are built as ever. For NengoLoihi
# `nengo_softlif.loihi.extensions.split.choose_split` decides.
_EXTENSIONS = (
    Patch(
        "keras-3-objects",
        "nengo_dl",
        "nengo_dl.tensor_node.TensorFuncParam.coerce, compile and _call_keras of "
        "nengo_dl.Simulator, __init__ and register of nengo_dl.Converter",
        "tf.keras is Keras 3, whose layers NengoDL does not train and whose optimizers, metrics "
        "and models it fails with: they are translated to tf-keras; all others pass as ever",
        (Versions("tensorflow", since="2.16"), _DL),
        "https://github.com/keras-team/keras/issues/18141",
    ),
    Patch(
        "keras-3-weight-names",
        "nengo_dl",
        "save_weights and load_weights of keras.Model",
        "Keras 3 refuses names of files that do not end in .weights.h5, which programs for "
        "NengoDL have: it gets name.weights.h5; names that it takes pass as ever",
        (Versions("tensorflow", since="2.16"), _DL),
        "https://keras.io/guides/migrating_to_keras_3/",
    ),
    Patch(
        "spike-pooling",
        "nengo_dl",
        "nengo_dl.process_builders.SimProcessBuilder.mergeable",
        "max pooling of spikes is never merged: the windows of two operators differ",
        (_DL,),
    ),
    Patch(
        "grouped-convolutions",
        "nengo_dl",
        "nengo_dl.transform_builders.ConvIncBuilder.mergeable",
        "NengoDL merges convolutions of one signal, and fails if they have groups",
        (_DL,),
    ),
    Patch(
        "host-chip-split",
        "nengo_loihi",
        "nengo_loihi.builder.network.Split",
        "NengoLoihi merges passthrough nodes between dense transforms only",
        (_LOIHI,),
    ),
    Patch(
        "block-shapes",
        "nengo_loihi",
        "nengo_loihi.builder.network.split_model",
        "NengoLoihi cuts populations along a line, where boxes of an image take fewer cores",
        (_LOIHI,),
    ),
    Patch(
        "fast-split",
        "nengo_loihi",
        "nengo_loihi.builder.split_blocks.split_synapse and split_axon, "
        "nengo_loihi.builder.validate.validate_axon, nengo_loihi.block.Synapse.bits",
        "NengoLoihi goes through weights one by one in Python; the results are the same",
        (_LOIHI,),
    ),
    Patch(
        "connections",
        "nengo_loihi",
        "nengo_loihi.builder.connection.build_host_to_chip, build_chip_to_host, "
        "build_chip_connection, and the builder of nengo.Convolution",
        "NengoLoihi refuses convolutions with groups or in one dimension, connections to some of "
        "the neurons or dimensions, and sparse or convolutional ones from the chip to the host",
        (_LOIHI,),
    ),
    Patch(
        "learning-on-the-host",
        "nengo_loihi",
        "nengo_loihi.builder.connection.build_host_to_learning_rule",
        "NengoLoihi looks for every learning rule on the chip: a KeyError for one on the host",
        (_LOIHI,),
    ),
    Patch(
        "probes",
        "nengo_loihi",
        "nengo_loihi.builder.split_blocks.split_probe",
        "NengoLoihi probes some neurons of several cores in increasing order only, each once",
        (_LOIHI,),
    ),
    Patch(
        "empty-synapses",
        "nengo_loihi",
        "nengo_loihi.block.Synapse.idx_bits",
        "sparse weights that are all zero have no highest index: an OverflowError",
        (_LOIHI,),
    ),
    Patch(
        "reset-by-subtraction",
        "nengo_loihi",
        "nengo_loihi.emulator.interface.CompartmentState, nengo_loihi.simulator.HardwareInterface",
        "the emulator resets to zero only, and the chip can't reset by subtraction",
        (_LOIHI,),
    ),
    Patch(
        "fixed-point",
        "nengo_loihi",
        "nengo_loihi.builder.discretize.discretize_block",
        "NengoLoihi chooses the scale of all integers by itself, where networks that were trained "
        "in the chip's arithmetic have one",
        (_LOIHI,),
    ),
)

PATCHES = {patch.name: patch for patch in (*_IMPORTS, *_REPAIRS, *_EXTENSIONS)}
