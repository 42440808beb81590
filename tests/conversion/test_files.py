"""Saved networks: bit-identical when loaded, harmless when hostile."""

import io
import json
import pickle
import zipfile

import keras
import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif.conversion.storage import files
from nengo_softlif.errors import FileError, ParameterError
from nengo_softlif.layers import SoftLIF

L = keras.layers


@pytest.fixture(scope="module")
def spiking():
    keras.utils.set_random_seed(0)
    image = keras.Input((6, 6, 2), name="image")
    x = SoftLIF(amplitude=0.01, noise=10, name="lif")(
        L.Conv2D(3, 3, bias_initializer="ones")(image)
    )
    x = L.AveragePooling2D(2, padding="same")(x)
    y = L.LeakyReLU(name="leaky")(L.Conv2D(3, 1)(x))
    z = SoftLIF(noise=nsl.FilteredSpikeNoise(0.003, None))(L.Flatten()(L.Concatenate()([x, y])))
    z = L.Dense(4, activation="softmax", name="out")(z)
    model = keras.Model(image, z, name="stored")
    return nsl.convert(
        model, synapse={"lif": nengo.Alpha(0.003), "default": None}, scale={"leaky/positive": 50}
    )


@pytest.fixture
def path(spiking, tmp_path):
    spiking.save(tmp_path / "net.zip")
    return tmp_path / "net.zip"


def transforms(network):
    for connection in network.net.all_connections:
        yield connection.transform.sample() if connection.has_weights else None


def test_loaded_network_is_bit_identical(spiking, path):
    loaded = nsl.SpikingNetwork.load(path)
    assert loaded.summary() == spiking.summary()
    assert list(loaded.inputs) == ["image"] and list(loaded.outputs) == ["out"]
    for ours, theirs in zip(spiking.layers, loaded.layers, strict=True):
        assert ours.neuron_type == theirs.neuron_type
        np.testing.assert_array_equal(ours.neurons.ensemble.bias, theirs.neurons.ensemble.bias)
    for ours, theirs in zip(spiking.net.all_connections, loaded.net.all_connections, strict=True):
        assert ours.synapse == theirs.synapse
    for ours, theirs in zip(transforms(spiking), transforms(loaded), strict=True):
        ours, theirs = (m.toarray() if hasattr(m, "toarray") else m for m in (ours, theirs))
        np.testing.assert_array_equal(ours, theirs)


def test_loaded_network_spikes_alike(spiking, path):
    item = np.random.default_rng(0).uniform(size=72)
    outputs = []
    for network in (spiking, nsl.SpikingNetwork.load(path)):
        network.input.output = item
        with network.net:
            probe = nengo.Probe(network.output)
        with nengo.Simulator(network.net, progress_bar=False) as sim:
            sim.run(0.05)
        network.net.probes.remove(probe)
        outputs.append(sim.data[probe])
    np.testing.assert_array_equal(*outputs)


def test_volumes_curves_and_sigmoids_are_stored(tmp_path):
    layers = [
        keras.Input((3, 4, 4, 2)),
        L.Conv3D(3, 2, activation="gelu"),
        L.TimeDistributed(L.Conv2D(2, 2, activation="relu6")),
        L.ReLU(threshold=0.1),
        L.Flatten(),
        L.Dense(1, activation="sigmoid", name="p"),
    ]
    model = keras.Sequential(layers)
    saved = nsl.convert(model)
    saved.save(tmp_path / "net.zip")
    loaded = nsl.SpikingNetwork.load(tmp_path / "net.zip")
    assert loaded.graph.sigmoids == loaded.graph.logits == ("p",)
    assert [a.neuron_type for a in saved.layers] == [b.neuron_type for b in loaded.layers]
    assert nsl.conversion.verify(model, loaded, np.ones((2, 3, 4, 4, 2)))


def test_files_from_before_sigmoids_are_read(path):
    rewrite(path, lambda document: document.pop("sigmoids"))
    assert nsl.SpikingNetwork.load(path).graph.sigmoids == ()


def rewrite(path, change=None, members=None):
    """Change the JSON document or whole members of a saved network."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    if change is not None:
        document = json.loads(contents["network.json"])
        change(document)
        contents["network.json"] = json.dumps(document).encode()
    contents.update(members or {})
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


class Bomb:
    """Leaves a mark when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickled_arrays_are_not_unpickled(path, tmp_path):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.array([Bomb(tmp_path / "mark")], dtype=object))
    rewrite(path, members={"arrays/0.npy": buffer.getvalue()})
    with pytest.raises(FileError, match="Object arrays cannot be loaded"):
        nsl.SpikingNetwork.load(path)
    pickled = pickle.dumps(Bomb(tmp_path / "mark"))
    rewrite(path, members={"arrays/0.npy": pickled})
    with pytest.raises(FileError, match="no usable network file"):
        nsl.SpikingNetwork.load(path)
    assert not (tmp_path / "mark").exists()


def set_in(*keys):
    def change(document):
        *path, last, value = keys
        for key in path:
            document = document[key]
        document[last] = value

    return change


@pytest.mark.parametrize(
    "change, words",
    [
        (set_in("format", "something"), "does not say that it is"),
        (set_in("version", 99), "version 99 of the format"),
        (set_in("operations", 0, "operation", "os.system"), "unknown operation 'os.system'"),
        (
            set_in("operations", 2, "neuron_type", {"class": "builtins.eval", "parameters": {}}),
            "unknown class 'builtins.eval'",
        ),
        (set_in("operations", 2, "neuron_type", "parameters", "tau_rc", -1), "wrong parameters"),
        (set_in("operations", 2, "inputs", ["nobody"]), "'nobody', which is not there"),
        (set_in("operations", 0, "shape", [6, -6, 2]), "impossible shape"),
        (set_in("operations", []), "no inputs or no outputs"),
        (set_in("operations", 2, None), "no usable network file"),
        (set_in("outputs", ["nobody"]), "no inputs or no outputs"),
        (lambda document: document.pop("seed"), "'seed' is missing"),
        (lambda document: document["operations"][2].pop("scale"), "'scale' is missing"),
    ],
)
def test_wrong_documents_are_refused(path, change, words):
    rewrite(path, change)
    with pytest.raises(FileError, match=words):
        nsl.SpikingNetwork.load(path)


def operation(kind, **values):
    """Change values of the first operation of a kind."""

    def change(document):
        next(op for op in document["operations"] if op["operation"] == kind).update(values)

    return change


def array_of(*shape, value=0.0, dtype=float):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.full(shape, value, dtype))
    return {"arrays/new.npy": buffer.getvalue()}


NEW = {"array": "arrays/new.npy"}


@pytest.mark.parametrize(
    "change, words",
    [
        (operation("Neurons", scale={"float": "nan"}), "finite number above 0 .got nan"),
        (operation("Neurons", scale=-1), "finite number above 0 .got -1"),
        (operation("Neurons", block_shape=[[0], [48]]), "two lists of integers above 0"),
        (operation("Neurons", block_shape=[2]), "two lists of integers above 0"),
        (operation("Neurons", block_shape=[[2], [4, 12]]), "dimensions of block_shape must be 2"),
        (operation("Neurons", block_shape=[[2], [9]]), "block_shape splits must be 48"),
        (operation("Neurons", scale="1"), "finite number above 0 .got '1'"),
        (set_in("seed", "0"), "seed must be an integer from 0 to 2147483647"),
        (set_in("seed", -1), "seed must be"),
        (set_in("seed", 2**31), "seed must be"),
        (set_in("seed", 1.5), "seed must be"),
        (set_in("logits", ["nobody"]), "logits name 'nobody', which is not there"),
        (operation("Input", value_range=[1, 0]), "two finite numbers, the smaller first"),
        (operation("Input", value_range=[0, {"float": "inf"}]), "two finite numbers"),
        (operation("Input", value_range=3), "two finite numbers"),
        (set_in("sigmoids", ["image"]), "sigmoids name 'image', which is not among the logits"),
        (operation("Input", inputs=["image"]), "'image', which is not there"),
        (operation("Dense", inputs=[]), "must have exactly 1 input .got 0"),
        (operation("Dense", inputs=["image", "image"]), "must have exactly 1 input .got 2"),
        (operation("Neurons", inputs=[]), "must have exactly 1 input"),
        (operation("Convolution", inputs=[]), "must have exactly 1 input"),
        (operation("Concatenate", inputs=[]), "must have at least 1 input"),
        (operation("Concatenate", targets=[]), "number of targets must be 2 .got 0"),
        (operation("Sum", weights=[]), "number of weights must be 1 .got 0"),
        (operation("Sum", weights=["2"]), "weights of .* must be finite numbers"),
        (operation("Input", shape=[2**27]), "at most 67,108,864 elements"),
        (operation("Input", shape=[2**32, 2**32]), "at most 67,108,864 elements"),
        (operation("Input", shape=[3]), "size of input_shape must be 3"),
        (operation("Neurons", shape=[10**9]), "at most 67,108,864 elements"),
        (operation("Neurons", shape=[10**6]), "size must be 48 .got 1000000"),
        (operation("Dense", shape=[5]), "shape of the weights must be"),
        (operation("Dense", weights=5), "weights of .* must be an array"),
        (operation("Convolution", groups=2), "input channels of the kernel"),
        (operation("Convolution", groups=0), "groups of .* must be an integer above 0"),
        (operation("Convolution", strides=[0, 1]), "strides of .* must be integers above 0"),
        (operation("Convolution", strides=[1]), "number of strides must be 2 .got 1"),
        (operation("Convolution", strides=[2, 2]), "shape must be .2, 2, 3. .got .4, 4, 3."),
        (operation("Convolution", padding="same"), "shape must be .6, 6, 3. .got .4, 4, 3."),
        (operation("Convolution", padding="full"), "padding of .* must be 'valid' or 'same'"),
        (operation("Convolution", input_shape=[72]), "dimensions of input_shape must be 3"),
    ],
)
def test_operations_that_do_not_fit_are_refused_unbuilt(path, change, words):
    rewrite(path, change)
    with pytest.raises(FileError, match=words):
        files.read(path)


@pytest.mark.parametrize(
    "kind, name, array, words",
    [
        ("Dense", "weights", array_of(4, 3), "shape of the weights must be"),
        ("Dense", "bias", array_of(5), "shape of the bias must be .4,. .got .5,."),
        ("Convolution", "kernel", array_of(3, 3, 2), "dimensions of the kernel must be 4"),
        ("Convolution", "kernel", array_of(3, 3, 1, 3), "input channels of the kernel"),
        ("Matrix", "weights", array_of(4, 3), "must be a sparse matrix"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(path, kind, name, array, words):
    rewrite(path, operation(kind, **{name: NEW}), array)
    with pytest.raises(FileError, match=words):
        nsl.SpikingNetwork.load(path)


@pytest.mark.parametrize("value, dtype", [(10**6, int), (-1, int), (0.0, float)])
def test_targets_out_of_range_are_refused(path, spiking, value, dtype):
    op = next(op for op in spiking.graph.operations if hasattr(op, "targets"))
    change = operation("Concatenate", targets=[NEW] * 2, inputs=[op.inputs[0]] * 2)
    rewrite(path, change, array_of(len(op.targets[0]), value=value, dtype=dtype))
    with pytest.raises(FileError, match=f"must be indices below {op.size}"):
        nsl.SpikingNetwork.load(path)


def test_oversized_arrays_are_refused_unread(path, monkeypatch):
    monkeypatch.setattr(files, "_MAX_ARRAY_BYTES", 100)
    with pytest.raises(FileError, match=r"arrays/\d+.npy is larger than 100 bytes"):
        nsl.SpikingNetwork.load(path)


def test_what_could_not_be_loaded_is_not_saved(spiking, tmp_path, monkeypatch):
    with pytest.raises(ParameterError, match="seed must be an integer"):
        nsl.SpikingNetwork(spiking.graph, seed=2**31)
    monkeypatch.setattr(files, "_MAX_ARRAY_BYTES", 100)
    with pytest.raises(FileError, match="can't be stored, 100 is the limit"):
        spiking.save(tmp_path / "net.zip")
    assert not (tmp_path / "net.zip").exists()


def test_missing_arrays_are_refused(path):
    rewrite(path, operation("Dense", weights=NEW))
    with pytest.raises(FileError, match=r"'arrays/new\.npy' is missing"):
        nsl.SpikingNetwork.load(path)


def test_infinite_weights_are_refused(path):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.array([np.inf]))
    rewrite(path, members={"arrays/0.npy": buffer.getvalue()})
    with pytest.raises(FileError, match="has NaN or infinite values"):
        nsl.SpikingNetwork.load(path)


@pytest.mark.parametrize("n_bytes", [0, 10, 200, -100])
def test_truncated_files_are_refused(path, n_bytes):
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(FileError, match="damaged or no network file"):
        nsl.SpikingNetwork.load(path)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        nsl.SpikingNetwork.load(tmp_path / "nothing.zip")
    with pytest.raises(FileError, match="can't be read"):
        nsl.SpikingNetwork.load(tmp_path)
    np.savez(tmp_path / "arrays.npz", x=np.ones(3))
    words = r"it has no network.json; a Keras model \(.keras\) has to be converted first"
    with pytest.raises(FileError, match=words):
        nsl.SpikingNetwork.load(tmp_path / "arrays.npz")


def test_what_can_not_be_stored_is_refused(tmp_path):
    class Own(nengo.LIF):
        pass

    model = keras.Sequential([keras.Input((3,)), L.Dense(2), SoftLIF()])
    with pytest.raises(FileError, match="Own can't be stored"):
        nsl.convert(model, neurons={"soft_lif": Own()}).save(tmp_path / "net.zip")
