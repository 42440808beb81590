"""Samples that are shown for different times: sequences, and times for each sample."""

import nengo
import numpy as np
import pytest

import nengo_softlif as nsl
from nengo_softlif import backends
from nengo_softlif.errors import DatasetError, EvaluationInterrupted, ParameterError

STEPS = (30, 12, 30, 21, 12)
LABELS = np.array([0, 1, 1, 0, 1])


@pytest.fixture(scope="module")
def sequences():
    rng = np.random.default_rng(0)
    return [rng.uniform(size=(n, 2)) for n in STEPS]


def fields(result):
    """Everything that a run gives of its samples."""
    yield from result.outputs.values()
    yield from result.outputs_over_time.values()
    yield from result.spikes.values()


def assert_as_alone(result, alone):
    """Each sample has the results that it has without the others."""
    for i, single in enumerate(alone):
        for of_all, expected in zip(fields(result), fields(single), strict=True):
            found = of_all[i]
            if of_all.ndim > 2:  # over time
                found, after = found[: STEPS[i]], found[STEPS[i] :]
                ended = np.isnan(after) if after.dtype.kind == "f" else ~after
                assert ended.all()
            np.testing.assert_array_equal(found, expected[0])


@pytest.mark.parametrize("backend", backends.names())
def test_a_sequence_is_run_as_it_is_alone(deep, sequences, backend):
    # a batch of another size may be summed up in another order
    batch_size = 3 if backend == "nengo_dl" else None
    options = {"backend": backend, "keep": ("outputs", "spikes"), "progress": False}
    options |= {"batch_size": batch_size}
    result = nsl.evaluate(deep, sequences, LABELS, **options)
    alone = [nsl.predict(deep, s[np.newaxis], **options) for s in sequences]
    assert_as_alone(result, alone)
    assert result.n_steps.tolist() == list(STEPS)
    np.testing.assert_allclose(result.durations, 0.001 * np.array(STEPS))
    assert result.presentation.time == tuple(n / 1000 for n in STEPS)


@pytest.mark.parametrize("encoding", [None, nsl.PoissonSpikes(200)])
def test_each_sample_can_have_its_own_time(spiking, data, encoding):
    x, options = data[0][:5], {"keep": ("outputs", "spikes"), "progress": False}
    time = 0.001 * np.array(STEPS)
    shown = nsl.Presentation(time=time, encoding=encoding)
    result = nsl.evaluate(spiking, x, LABELS, presentation=shown, **options)
    if encoding is None:
        alone = [
            nsl.predict(spiking, x[[i]], presentation=nsl.Presentation(time=t), **options)
            for i, t in enumerate(time)
        ]
    else:  # spikes are drawn by the number of the sample
        alone = [
            nsl.predict(
                spiking, x, presentation=nsl.Presentation(time=t, encoding=encoding), **options
            )
            for t in time
        ]
        for i, single in enumerate(alone):
            single.outputs.update({k: v[[i]] for k, v in single.outputs.items()})
            single.outputs_over_time.update(
                {k: v[[i]] for k, v in single.outputs_over_time.items()}
            )
            single.spikes.update({k: v[[i]] for k, v in single.spikes.items()})
    assert_as_alone(result, alone)


def test_a_sample_that_has_ended_keeps_its_prediction(spiking, sequences):
    result = nsl.evaluate(spiking, sequences, LABELS, keep="outputs", progress=False)
    alone = [
        nsl.evaluate(spiking, s[np.newaxis], LABELS[[i]], progress=False)
        for i, s in enumerate(sequences)
    ]
    held = [
        np.pad(a.accuracy_over_time, (0, 30 - n), "edge") for a, n in zip(alone, STEPS, strict=True)
    ]
    np.testing.assert_allclose(result.accuracy_over_time, np.mean(held, axis=0))
    assert result.accuracy_over_time[-1] == result.accuracy
    assert len(result.times) == 30 and result.classify_from is None
    with pytest.raises(ParameterError, match=r"NaN for sample 1 from step 12 on\); choose ends"):
        result.error_between(0, 0.03)
    assert 0 <= result.error_between(0, 0.012) <= 1


def test_rates_and_energy_go_by_the_time_of_each_sample(spiking, sequences):
    result = nsl.predict(spiking, sequences, keep="spikes", progress=False)
    (spikes,) = result.spikes.values()
    (rates,) = result.mean_rates.values()
    np.testing.assert_allclose(rates, spikes.sum(axis=(0, 1)) / (0.001 * sum(STEPS)))
    of_each = [nsl.predict(spiking, s[np.newaxis], progress=False) for s in sequences]
    assert result.synops == pytest.approx(np.mean([one.synops for one in of_each]))
    updates = np.mean([one.workload.n_updates for one in of_each])
    assert result.workload.n_updates == updates
    energies = [one.energy().total for one in of_each]
    assert result.energy().total == pytest.approx(np.mean(energies))
    assert "5 samples of 12 to 30 ms" in repr(result)


def test_forms_of_sequences_of_different_lengths(spiking, sequences):
    def outputs(x):
        return nsl.predict(spiking, x, progress=False).output

    expected = outputs(sequences)
    as_objects = np.empty(len(sequences), object)
    as_objects[:] = sequences
    for form in (
        tuple(sequences),
        [s.tolist() for s in sequences],
        as_objects,
        {"x": sequences},
        [sequences],  # a list with what the only input gets, as Keras takes it
        iter([sequences[:2], sequences[2:]]),
    ):
        np.testing.assert_array_equal(outputs(form), expected)


def test_a_list_with_one_array(spiking, sequences):
    """For one input it is that array, as for Keras; with the name of the input, it is a sample."""
    (sequence, *_) = sequences
    assert nsl.predict(spiking, [sequence], progress=False).n_samples == len(sequence)
    named = nsl.predict(spiking, {"x": [sequence]}, progress=False)
    alone = nsl.predict(spiking, sequence[np.newaxis], progress=False)
    np.testing.assert_array_equal(named.output, alone.output)


def test_several_inputs(sequences):
    with nengo.Network() as net:
        a, b, out = nengo.Node(np.zeros(2)), nengo.Node([0]), nengo.Node(size_in=3)
        nengo.Connection(a, out[:2], synapse=None)
        nengo.Connection(b, out[2], synapse=None)
    network = nsl.wrap(net, input={"a": a, "b": b}, output=out)
    numbers = np.arange(5.0)[:, np.newaxis]
    found = nsl.predict(network, [sequences, numbers], keep="outputs", progress=False)
    for i, sequence in enumerate(sequences):
        expected = np.column_stack([sequence, np.full(len(sequence), i)])
        np.testing.assert_allclose(found.output_over_time[i, : STEPS[i]], expected, rtol=1e-6)
    longer = [np.ones((len(s) + (i == 3), 1)) for i, s in enumerate(sequences)]
    with pytest.raises(DatasetError, match=r"sample 3 have different .* \{'a': 21, 'b': 22\}"):
        nsl.predict(network, [sequences, longer])


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda s: [*s[:2], s[2][:, :1]], r"if they change over time \(got \(30, 1\) for sample 2"),
        (lambda s: [*s, s[0][:0]], r"\(got \(0, 2\) for sample 5\)"),
        (lambda s: [*s, s[0][0]], r"\(got \(2,\) for sample 5\)"),
        (lambda s: [*s, s[0][:5] * np.nan], r"1 of 6 samples have NaN .* sample 5"),
        (lambda s: [*s, [["a", "b"]]], r"real numbers \(got dtype <U1 for sample 5\)"),
    ],
)
def test_sequences_that_do_not_fit_are_named(spiking, sequences, change, words):
    with pytest.raises(DatasetError, match=words):
        nsl.predict(spiking, change(sequences))


@pytest.mark.parametrize(
    "x, options, words",
    [
        (lambda s: np.ones((4, 2)), {}, r"one for each sample \(got 5 times, and 4 samples\)"),
        (lambda s: iter([np.ones((4, 2))]), {}, r"\(got 5 times, and 4 samples\)"),
        (lambda s: iter([np.ones((3, 2))] * 2), {}, r"\(got 2 times, and 3 samples\)"),
        (lambda s: s, {}, r"sample 0 has 30 time steps of 0.001 s: 0.03 s \(got 0.01 s\)"),
        (lambda s: s, {"time": None, "classify_from": 0.02}, r"at 0.012 s \(got 0.02 s\)"),
    ],
)
def test_times_that_do_not_fit_are_named(spiking, sequences, x, options, words):
    shown = nsl.Presentation(**{"time": [0.01] * 5, **options})
    with pytest.raises(ParameterError, match=words):
        nsl.predict(spiking, x(sequences), presentation=shown, progress=False)


def test_an_interrupt_leaves_the_samples_that_are_done(spiking, sequences, monkeypatch):
    from nengo_softlif.backends.compiled import CompiledSession

    present = CompiledSession.present

    def interrupted(session, samples, n_steps):
        if n_steps == 30:
            raise KeyboardInterrupt
        return present(session, samples, n_steps)

    whole = nsl.evaluate(spiking, sequences, LABELS, progress=False)
    monkeypatch.setattr(CompiledSession, "present", interrupted)
    with pytest.raises(EvaluationInterrupted, match="after 3 of 5 samples") as interrupt:
        nsl.evaluate(spiking, sequences, LABELS, progress=False)
    result = interrupt.value.result
    assert result.indices.tolist() == [1, 3, 4]  # the shorter ones
    np.testing.assert_array_equal(result.labels, LABELS[result.indices])
    np.testing.assert_array_equal(result.output, whole.output[result.indices])
    assert len(result.times) == len(result.accuracy_over_time) == 21
