"""The examples of docs/learning_rules.md run as they stand, and so does its benchmark."""

import re
from pathlib import Path

import numpy as np

import nengo_softlif as nsl
from benchmarks.learning import milliseconds

DOCS = (Path(__file__).parents[2] / "docs" / "learning_rules.md").read_text()


def test_the_examples_run():
    names = {}
    for code in re.findall(r"```python\n(.*?)```", DOCS, flags=re.DOTALL):
        exec(code, names)  # our own text
    assert names["counts"].shape == (100, 20) and names["counts"].sum() > 100
    assert names["classes"].shape == (50,)
    assert np.mean(names["classes"] == names["data"].y_train[50:100]) > 0.3  # by chance 0.1


def test_the_benchmark_measures():
    assert milliseconds(nsl.Simulator, n_outputs=5) > 0
