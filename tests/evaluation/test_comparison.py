"""Several backends in one table, with one missing or interrupted."""

import io
from types import SimpleNamespace

import numpy as np
import pytest

from nengo_softlif import backends
from nengo_softlif.backends import Session
from nengo_softlif.errors import (
    BackendError,
    DatasetError,
    EvaluationInterrupted,
    ParameterError,
    UnknownNameError,
)
from nengo_softlif.evaluation import Presentation, comparison

LABELS = np.array([0, 1, 2, 3])


def a_result(backend, n, interrupted=False):
    return SimpleNamespace(
        backend=backend,
        n_samples=n,
        indices=np.arange(n),
        labels=LABELS[:n],
        error=0.25,
        error_interval=(0.05, 0.7),
        firing_rates={"conv": SimpleNamespace(mean=12.34), "[dense]": SimpleNamespace(mean=5)},
        samples_per_second=12.3456,
        interrupted=interrupted,
    )


class InBatches(Session):
    supports_batches = True
    build = present = None


@pytest.fixture
def evaluate(monkeypatch):
    """Put a stub for `nengo_softlif.evaluate` in place; returns the calls that it gets."""
    calls = []

    def evaluate(network, x, y, *, backend, **options):
        calls.append((backend, len(x), options))
        if backend == "missing":
            raise BackendError("missing is not installed: pip install [missing]")
        if backend == "picky":
            raise DatasetError("no such labels")
        result = a_result(backend, len(x), interrupted=backend == "stopped")
        if backend == "stopped":
            raise EvaluationInterrupted("interrupted", result)
        return result

    monkeypatch.setattr(comparison, "evaluate", evaluate)
    names = ["nengo", "nengo_dl", "loihi", "missing", "picky", "stopped"]
    monkeypatch.setattr(backends, "names", lambda: names)
    sessions = {"nengo_dl": InBatches}
    monkeypatch.setattr(
        backends, "get", lambda name: SimpleNamespace(load=lambda: sessions.get(name, Session))
    )
    return calls


def compare(counts, **options):
    return list(comparison.compare(None, LABELS, LABELS, backends=counts, **options))


def printed(comparisons, width=200):
    from rich.console import Console

    text = io.StringIO()
    Console(file=text, width=width).print(comparison.table(comparisons, title="a title"))
    return text.getvalue()


def test_each_backend_gets_its_count_and_all_options(evaluate):
    rows = compare({"nengo": 2, "loihi": None}, seed=3)
    assert evaluate == [("nengo", 2, {"seed": 3}), ("loihi", 4, {"seed": 3})]
    assert [row.backend for row in rows] == ["nengo", "loihi"]
    assert all(row.reference_error is None for row in rows)
    assert "as rates" not in printed(rows)


def test_reference_is_judged_on_the_same_images(evaluate):
    reference = np.array([0, 1, 9, 9])  # the first two right
    rows = compare({"nengo": 2, "loihi": 3}, reference=reference)
    assert [row.reference_error for row in rows] == [0, pytest.approx(1 / 3)]
    assert "33.33 %" in printed(rows)


def test_each_sample_keeps_its_own_time(evaluate):
    shown = Presentation(time=[0.1, 0.2, 0.3, 0.4])
    compare({"nengo": 2, "loihi": None}, presentation=shown)
    times = [options["presentation"].time for _, _, options in evaluate]
    assert times == [(0.1, 0.2), (0.1, 0.2, 0.3, 0.4)]


def test_missing_backend_is_a_line_of_the_table(evaluate):
    rows = compare({"missing": 1, "nengo": 1})
    assert [row.result is None for row in rows] == [True, False]
    text = printed(rows)
    assert "pip install [missing]" in text, "brackets must survive"
    assert "5.00 to 70.00 %" in text


def test_unknown_backend_is_an_error_before_anything_runs(evaluate):
    with pytest.raises(UnknownNameError, match="'spinnaker' is unknown; choose one of nengo"):
        comparison.compare(None, LABELS, LABELS, backends={"nengo": 1, "spinnaker": 2})
    assert not evaluate


def test_table_fits_a_terminal_of_80_columns(evaluate):
    (row,) = compare({"nengo_dl": None}, reference=np.array([0, 9, 9, 9]))
    row.result.firing_rates = {
        "dense1": SimpleNamespace(mean=124.9),
        "dense2": SimpleNamespace(mean=24.9),
    }
    row.result.n_samples = 10000
    row.result.error_interval = (0.1234, 0.5678)
    lines = printed([row], width=80).splitlines()
    assert sum("dense" in line for line in lines) == 2
    for part in ("dense1 124.9", "dense2 24.9", "12.34 to 56.78 %", "10,000", "75.00 %", "12.3"):
        assert any(part in line for line in lines), (part, lines)
    assert "…" not in "".join(lines) and max(map(len, lines)) <= 80


def test_long_names_of_layers_are_not_cut_off(evaluate):
    (row,) = compare({"nengo_dl": None})
    row.result.firing_rates = {"long_" * 20: SimpleNamespace(mean=24.9)}
    text = printed([row], width=80)
    assert text.replace("\n", "").replace(" ", "").count("long") >= 15 and "24.9" in text
    assert "…" not in text and "5.00 to 70.00 %" in text


def test_other_errors_are_errors(evaluate):
    with pytest.raises(DatasetError):
        compare({"picky": 1})


def test_options_go_to_the_backends_that_support_them(evaluate):
    compare({"nengo": 1, "nengo_dl": 1}, batch_size=5, threads=2)
    assert evaluate == [("nengo", 1, {}), ("nengo_dl", 1, {"batch_size": 5})]


def test_an_interrupt_comes_after_the_partial_row(evaluate):
    rows = []
    with pytest.raises(EvaluationInterrupted):
        for row in comparison.compare(
            None, LABELS, LABELS, backends={"nengo": 1, "stopped": 2, "loihi": 2}
        ):
            rows.append(row)
    assert [row.backend for row in rows] == ["nengo", "stopped"]
    assert "stopped: interrupted" in printed(rows)


def test_table(evaluate):
    text = printed(compare({"nengo": 4}))
    for part in ("a title", "nengo", "25.00 %", "conv 12.3", "[dense] 5.0", "in Hz", "12.3"):
        assert part in text


def test_interrupted_before_the_first_image():
    result = SimpleNamespace(n_samples=0, interrupted=True)
    text = printed([comparison.Comparison(backend="nengo", result=result)])
    assert "none" in text and "interrupted" in text


@pytest.mark.parametrize(
    "options, words",
    [
        ({"backends": {"nengo": -1}}, r"backends\['nengo'\] must be an integer of 1 or more"),
        ({"backends": {"nengo": 2.0}}, r"backends\['nengo'\] must be an integer of 1 or more"),
        ({"backends": {"nengo": 2}, "reference": [0]}, "reference must have the shape"),
    ],
)
def test_numbers_that_would_be_cut_are_refused(options, words):
    with pytest.raises(ParameterError, match=words):
        comparison.compare(None, np.zeros((3, 2)), [0, 1, 0], **options)
