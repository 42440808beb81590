"""Spiking networks in files: a zip of one JSON document and plain arrays.

A file is read back before it takes the place of an older one, so that every file can be loaded.
``network.json`` has the operations of the graph, with ``{"array": "arrays/3.npy"}`` in the place
of arrays. Arrays are read without pickle, classes come from a fixed list: nothing in a file is
executed.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import fields

import numpy as np
import scipy.sparse

from nengo_softlif.conversion import graph as graph_module
from nengo_softlif.conversion.cells import Cells, Feedback
from nengo_softlif.conversion.graph import Activation, Graph, Linear, Operation
from nengo_softlif.conversion.shown import Shown
from nengo_softlif.conversion.storage.checks import check_graph
from nengo_softlif.conversion.storage.json_values import from_json, to_json
from nengo_softlif.errors import FileError, SoftLIFError
from nengo_softlif.files import replaced
from nengo_softlif.functional.encoding import Encoding
from nengo_softlif.validation import check_bool, check_integer, check_seed, check_type

__all__ = ["FORMAT", "VERSION", "read", "write"]

FORMAT = "nengo_softlif spiking network"
VERSION = 1
_DOCUMENT = "network.json"
_MAX_DOCUMENT_BYTES = 2**26
_MAX_ARRAY_BYTES = 2**30
_MAX_HEADER_BYTES = 2**10
_OPERATIONS = {
    cls.__name__: cls
    for cls in (*vars(graph_module).values(), Cells, Feedback)
    if isinstance(cls, type) and issubclass(cls, Operation) and cls not in (Operation, Linear)
}


def write(path, graph, *, name, seed):
    """Write a converted network to a file.

    Parameters
    ----------
    path : path-like
    graph : Graph
        With neuron types and synapses chosen.
    name : str
    seed : int

    Raises
    ------
    FileError
        If something in the graph can't be stored, or the file can't be written. An older file at
        the path is then left as it was.
    ParameterError
        If the seed is out of range.
    """
    check_type("path", path, (str, os.PathLike), "give the path of a file")
    seed = check_seed("seed", seed)
    check_graph(graph)
    arrays = {}
    known = {op.name for op in graph.operations}
    document = {
        "format": FORMAT,
        "version": VERSION,
        "name": str(name),
        "seed": seed,
        "outputs": list(graph.outputs),
        "notes": list(graph.notes),
        # passes may have taken an operation away
        "logits": [name for name in graph.logits if name in known],
        "sigmoids": [name for name in graph.sigmoids if name in known],
        "shown": None if graph.shown is None else _shown_to_json(graph.shown),
        "operations": [_operation_to_json(op, arrays) for op in graph.operations],
    }
    with replaced(path) as partial:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_DOCUMENT, json.dumps(document, indent=1, allow_nan=False))
            for name, array in arrays.items():
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, array, allow_pickle=False)
                archive.writestr(name, buffer.getvalue())
        try:
            _read(partial)
        except FileError as err:
            raise FileError(f"the network can't be stored: {err}") from err


def read(path):
    """Read a converted network from a file.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    graph : Graph
    name : str
    seed : int

    Raises
    ------
    FileError
        If the file is missing, damaged, of another version, or no such network.
    """
    check_type("path", path, (str, os.PathLike), "give the path of a file")
    try:
        return _read(path)
    except FileNotFoundError as err:
        raise FileError(f"{path} does not exist") from err
    except OSError as err:
        raise FileError(f"{path} can't be read: {err}") from err
    except SoftLIFError as err:
        raise FileError(f"{path} is no usable network file: {err}") from err
    except zipfile.BadZipFile as err:
        raise FileError(
            f"{path} is damaged or no network file ({err}); save the network again"
        ) from err
    except KeyError as err:
        raise FileError(f"{path} is no usable network file: {err} is missing") from err
    except Exception as err:
        # whatever a hostile file makes of the values in it
        raise FileError(f"{path} is no usable network file: {err}") from err


def _read(path):
    with zipfile.ZipFile(path) as archive:
        document = _read_document(archive)
        graph = Graph(
            tuple(_operation_from_json(data, archive) for data in document["operations"]),
            tuple(document["outputs"]),
            tuple(map(str, document["notes"])),
            tuple(document["logits"]),
            tuple(document.get("sigmoids", ())),  # older files lack it
            _shown_from_json(document.get("shown")),
        )
    seed = check_seed("seed", document["seed"])
    check_graph(graph)
    return graph, str(document["name"]), seed


def _read_document(archive):
    if _DOCUMENT not in archive.namelist():
        raise FileError(f"it has no {_DOCUMENT}; a Keras model (.keras) has to be converted first")
    if archive.getinfo(_DOCUMENT).file_size > _MAX_DOCUMENT_BYTES:
        raise FileError(f"{_DOCUMENT} is larger than {_MAX_DOCUMENT_BYTES:,} bytes")
    document = json.loads(archive.read(_DOCUMENT))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FileError(f"it does not say that it is a {FORMAT!r}")
    if document.get("version") != VERSION:
        raise FileError(
            f"it has version {document.get('version')!r:.20} of the format, this package reads "
            f"version {VERSION}; convert the model again"
        )
    return document


def _shown_to_json(shown):
    return {f.name: to_json(getattr(shown, f.name)) for f in fields(shown)}


def _shown_from_json(data):
    if data is None:
        return None
    return Shown(
        n_steps=check_integer("n_steps", data["n_steps"], minimum=1),
        last_step_only=check_bool("last_step_only", data["last_step_only"]),
        encoding=check_type(
            "encoding", from_json(data["encoding"]), (Encoding, type(None)), "save it again"
        ),
    )


def _operation_to_json(op, arrays):
    values = {f.name: _value_to_json(getattr(op, f.name), arrays) for f in fields(op)}
    return {"operation": type(op).__name__, **values}


def _value_to_json(value, arrays):
    if isinstance(value, np.ndarray):
        name = f"arrays/{len(arrays)}.npy"
        if value.nbytes + _MAX_HEADER_BYTES > _MAX_ARRAY_BYTES:
            raise FileError(
                f"an array of {value.nbytes:,} bytes can't be stored, {_MAX_ARRAY_BYTES:,} is the "
                "limit; make the layer smaller"
            )
        arrays[name] = _in_plain_numbers(value)
        return {"array": name}
    if scipy.sparse.issparse(value):
        value = value.tocoo()
        parts = {"data": value.data, "row": value.row, "col": value.col}
        return {
            "sparse": {key: _value_to_json(part, arrays) for key, part in parts.items()},
            "shape": [int(n) for n in value.shape],
        }
    if isinstance(value, (tuple, list)):
        return [_value_to_json(element, arrays) for element in value]
    if isinstance(value, Activation):
        return {"kind": value.kind, "parameters": to_json(value.parameters)}
    return to_json(value)


def _in_plain_numbers(array):
    """The same values in a type that NumPy has without help; bfloat16 is none."""
    if array.dtype.kind in "fiu" and array.dtype.itemsize <= 8:
        return array
    for dtype in (np.float32, np.float64):
        if np.can_cast(array.dtype, dtype, "safe"):
            return array.astype(dtype)
    raise FileError(
        f"an array of dtype {array.dtype} can't be stored; convert the weights to float64 or "
        "float32"
    )


def _operation_from_json(data, archive):
    cls = _OPERATIONS.get(data.get("operation"))
    if cls is None:
        raise FileError(f"unknown operation {data.get('operation')!r:.80}")
    return cls(**{f.name: _value_from_json(f.name, data[f.name], archive) for f in fields(cls)})


def _value_from_json(name, value, archive):
    if name == "activation":
        return Activation(str(value["kind"]), dict(from_json(value["parameters"])))
    if isinstance(value, list):
        return tuple(_value_from_json("", element, archive) for element in value)
    if isinstance(value, dict) and "sparse" in value:
        parts = {key: _read_array(part, archive) for key, part in value["sparse"].items()}
        matrix = scipy.sparse.coo_matrix(
            (parts["data"], (parts["row"], parts["col"])), shape=tuple(value["shape"])
        )
        return matrix
    if isinstance(value, dict) and "array" in value:
        return _read_array(value, archive)
    return from_json(value)


def _read_array(reference, archive):
    name = reference["array"]
    if name not in archive.namelist():
        raise FileError(f"{name!r:.80} is missing; save the network again")
    if archive.getinfo(name).file_size > _MAX_ARRAY_BYTES:
        raise FileError(f"{name} is larger than {_MAX_ARRAY_BYTES:,} bytes")
    array = np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
    if array.dtype.kind not in "fiu":
        raise FileError(f"{name} has the dtype {array.dtype}, not numbers")
    if not np.isfinite(array).all():
        raise FileError(f"{name} has NaN or infinite values")
    return array
