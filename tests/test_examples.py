"""Every notebook runs from top to bottom, and is stored without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "examples").glob("*.ipynb"))
# smaller numbers than the notebook has, which take the same path
SHORTER = {"n_train, epochs, n_test = 10_000, 8, 100": "n_train, epochs, n_test = 2_000, 3, 10"}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_stored_without_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_runs(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    for cell in notebook.cells:
        for long, short in SHORTER.items():
            cell.source = cell.source.replace(long, short)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    decisions = [
        cell.outputs[-1]["data"]["text/plain"]
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.endswith(".argmax()")
    ]
    assert len(decisions) == 2  # a label and a decision each, on Nengo and on Loihi
    assert decisions[0] == decisions[1]
