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
from nengo_softlif.errors import FileError
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
    z = L.Dense(4, activation="softmax", name="out")(L.Flatten()(L.Concatenate()([x, y])))
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
    ],
)
def test_wrong_documents_are_refused(path, change, words):
    rewrite(path, change)
    with pytest.raises(FileError, match=words):
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
    with pytest.raises(FileError, match=r"network.json"):
        nsl.SpikingNetwork.load(tmp_path / "arrays.npz")


def test_what_can_not_be_stored_is_refused(tmp_path):
    class Own(nengo.LIF):
        pass

    model = keras.Sequential([keras.Input((3,)), L.Dense(2), SoftLIF()])
    with pytest.raises(FileError, match="Own can't be stored"):
        nsl.convert(model, neurons={"soft_lif": Own()}).save(tmp_path / "net.zip")
