"""Pictures: what is drawn, that it is labelled, and what is refused."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from nengo_softlif import plots
from nengo_softlif.plots import style

TIMES = np.arange(1, 101) * 0.001


@pytest.fixture
def ax():
    figure = Figure()
    axes = figure.subplots()
    yield axes
    figure.draw_without_rendering()
    assert axes.get_xlabel()
    assert "(" in axes.get_xlabel() or "(" in axes.get_ylabel(), "an axis must name its unit"


def test_accuracy_over_time(ax):
    curves = {"nengo": np.linspace(0, 0.97, 100), "loihi": np.linspace(0.1, 1, 100)}
    lines = plots.plot_accuracy_over_time(ax, TIMES, curves, classify_from=0.06, reference=0.983)
    assert [line.get_label() for line in lines] == ["nengo: 97.0 %", "loihi: 100.0 %"]
    np.testing.assert_allclose(lines[0].get_xdata()[[0, -1]], [1, 100])
    np.testing.assert_allclose(lines[0].get_ydata()[-1], 97)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "rate network: 98.3 %" in legend


def test_firing_rates(ax):
    rates = {"conv": np.array([[0.0, 0.0], [10.0, 30.0]]), "dense": [5.0]}
    bars = plots.plot_firing_rates(ax, rates)
    assert len(bars) == 2
    assert [label.get_text() for label in ax.get_yticklabels()] == ["conv", "dense"]
    notes = [text.get_text() for text in ax.texts]
    assert notes == ["mean 10.0 Hz\nsilent 50 %", "mean 5.0 Hz\nsilent 0 %"]
    assert ax.yaxis_inverted()


def test_firing_rates_of_a_large_layer_stay_drawable(ax):
    plots.plot_firing_rates(ax, {"big": np.random.default_rng(0).random(100_000)})
    assert len(ax.collections[0].get_offsets()) <= 400


def test_raster(ax):
    spikes = np.zeros((100, 6), bool)
    spikes[10, 1] = spikes[20, 4] = spikes[30, 4] = True
    lines = plots.plot_raster(ax, spikes, TIMES, layer_bounds={"conv": (0, 4), "dense": (4, 6)})
    np.testing.assert_allclose(lines[0].get_xydata(), [[11, 1]])
    np.testing.assert_allclose(lines[1].get_xydata(), [[21, 4], [31, 4]])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["conv", "dense"]


def test_raster_without_layers(ax):
    (line,) = plots.plot_raster(ax, np.eye(100, dtype=bool), TIMES)
    assert len(line.get_xdata()) == 100


@pytest.mark.parametrize(
    "label, meanings",
    [
        (1, ["1: prediction, correct"]),
        (0, ["0: the true class", "1: prediction"]),
        (None, ["1: prediction"]),
    ],
)
def test_output_over_time(ax, label, meanings):
    outputs = TIMES[:, np.newaxis] * np.array([1.0, 3.0, 2.0])
    lines = plots.plot_output_over_time(ax, outputs, TIMES, label=label)
    assert len(lines) == 3
    assert [text.get_text() for text in ax.get_legend().get_texts()] == meanings
    if label == 0:
        assert to_hex(lines[0].get_color()) != to_hex(lines[1].get_color())


def test_output_labels_do_not_cover_each_other(ax):
    plots.plot_output_over_time(ax, np.zeros((100, 10)), TIMES)
    heights = sorted(text.xy[1] for text in ax.texts)
    assert np.diff(heights).min() > 0


def test_rate_curves(ax):
    J = np.linspace(0, 2, 50)
    slopes = np.where(J > 1, J, np.nan)
    lines = plots.plot_rate_curves(ax, J, {"a": J, "b": slopes}, ylabel="Slope (Hz per J)")
    assert len(lines) == 2
    assert lines[0].get_linestyle() != lines[1].get_linestyle(), "not by colour alone"
    assert ax.get_ylabel() == "Slope (Hz per J)"


@pytest.mark.parametrize(
    "draw, message",
    [
        (lambda ax: plots.plot_accuracy_over_time(ax, TIMES, {"n": [0.5]}), r"'n' must have 1"),
        (lambda ax: plots.plot_rate_curves(ax, TIMES, {"x": np.eye(100)}), r"'x' must have 1"),
        (lambda ax: plots.plot_raster(ax, np.zeros(100), TIMES), r"spikes must have 2 dimensions"),
        (
            lambda ax: plots.plot_raster(ax, np.eye(100), TIMES, layer_bounds={"c": (0, 101)}),
            r"'c' must be start < stop within the 100 neurons \(got 0 and 101\)",
        ),
        (lambda ax: plots.plot_output_over_time(ax, np.eye(3), TIMES), r"\(3, 3\) and \(100,\)"),
        (
            lambda ax: plots.plot_output_over_time(ax, np.eye(100), TIMES, label=100),
            r"classes 0 to 99 \(got 100\)",
        ),
        (lambda ax: plots.plot_firing_rates(ax, {}), "at least one layer"),
        (lambda ax: plots.plot_firing_rates(ax, {"c": []}), "layer 'c' must be one or more"),
        (lambda ax: plots.plot_firing_rates(ax, {"c": [np.nan]}), "finite"),
        (lambda ax: plots.plot_firing_rates(ax, {"c": [-1.0, 2.0]}), "0 or more"),
    ],
)
def test_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(Figure().subplots())


def test_palette_starts_over():
    assert style.color(len(style.PALETTE)) == style.color(0)


def test_no_pyplot_state():
    code = "import sys, nengo_softlif.plots; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
