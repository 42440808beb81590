"""The examples of docs/spike_times.md run as they stand."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np

DOCS = (Path(__file__).parents[2] / "docs" / "spike_times.md").read_text()


def test_examples():
    printed = io.StringIO()
    names = {}
    with contextlib.redirect_stdout(printed):
        for block in re.findall(r"```python\n(.*?)```", DOCS, flags=re.DOTALL):
            exec(block, names)
    assert names["training"].converged
    exact = names["layer"].spike_times(names["inputs"], duration=0.2).ravel()
    in_nengo = names["sim"].trange()[names["sim"].data[names["probe"]][:, 0] > 0]
    # input spikes are rounded to steps of 0.1 ms
    np.testing.assert_allclose(in_nengo, exact, rtol=0, atol=0.5e-3)
    assert "epochs, distance" in printed.getvalue()
