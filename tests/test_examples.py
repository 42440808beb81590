"""Every notebook runs from top to bottom, and is stored without outputs."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "examples").glob("*.ipynb"))
# smaller numbers than the notebook has, which take the same path
SHORTER = {
    "n_train, epochs, n_test = 10_000, 8, 100": "n_train, epochs, n_test = 2_000, 3, 10",
    "n_train, n_test, epochs = 3_000, 500, 8": "n_train, n_test, epochs = 600, 100, 6",
    "n_train, n_label, n_test = 3_000, 1_000, 500": "n_train, n_label, n_test = 600, 300, 100",
}


def deploys(results):
    """A label and a decision each, on Nengo and on Loihi."""
    on_nengo, on_loihi = results[-2:]
    assert on_nengo == on_loihi


def maps(results):
    """A current is exact; Nengo's neuron spikes in the same steps; few steps are enough."""
    largest_distance, spikes, agreement = results
    assert largest_distance <= 0.5  # Hz: two spikes in 4 s
    n_spikes, n_different = spikes
    assert n_spikes > 10 and n_different == 0
    assert agreement[-1] > 0.98


def trains_in_spikes(results):
    """Neurons of all layers spike, and every spike is that of the Keras model."""
    spikes, (in_keras, on_loihi) = results[-2:]
    assert len(spikes) == 2 * 3  # two simulators, the events and two layers
    assert all(n_spikes > 100 and n_differing == 0 for n_spikes, n_differing in spikes)
    assert in_keras == on_loihi > 0.5


def learns_without_labels(results):
    """Far better than by chance."""
    assert results[-1] > 0.4


def learns_spike_times(results):
    """Targets are reached, also in Nengo and within a millisecond, and XOR within 250 cycles."""
    (n_epochs, distance), (n_spikes, in_nengo), (n_cycles, error) = results
    assert 0 < n_epochs < 200 and distance <= 0.1
    assert n_spikes == 3 and in_nengo < 0.5
    assert 0 < n_cycles < 150 and error < 1


SHOWN_AS_HTML = {
    "01_train_and_deploy": [
        "<table>",
        "SpikingLIF",
        "2,240 neurons in 2 layers",
        "compiled: error",
        "data:image/png",
        "Fits: ",
    ],
    "03_train_in_spikes": ["<table>", "Fits: "],
}
CHECKS = {
    "01_train_and_deploy": deploys,
    "02_linear_reset_and_relu": maps,
    "03_train_in_spikes": trains_in_spikes,
    "04_learning_without_labels": learns_without_labels,
    "05_spike_times": learns_spike_times,
}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def test_stored_without_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_runs(path, notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    for cell in notebook.cells:
        for long, short in SHORTER.items():
            cell.source = cell.source.replace(long, short)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    if path.stem in SHOWN_AS_HTML:
        shown = "".join(html_of(cell) for cell in notebook.cells)
        for part in SHOWN_AS_HTML[path.stem]:
            assert part in shown
    CHECKS[path.stem]([result for cell in notebook.cells if (result := value_of(cell)) is not None])


def html_of(cell):
    return "".join(o.get("data", {}).get("text/html", "") for o in cell.get("outputs", []))


def value_of(cell):
    """What a cell's last line says, as a Python value; None if it says nothing of the kind."""
    shown = [o for o in cell.get("outputs", []) if o["output_type"] == "execute_result"]
    if not shown:
        return None
    text = re.sub(r"np\.\w+\(([^()]*)\)", r"\1", shown[-1]["data"]["text/plain"])
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
