"""Advice on event data, sound, encodings of spiking models, and firing rates."""

import keras
import numpy as np

import nengo_softlif as nsl
from nengo_softlif.datasets import (
    EventRecordings,
    FrameStream,
    Framing,
    load_braille,
    load_events,
    load_speech,
)
from nengo_softlif.layers import (
    BySegments,
    DiscreteLIF,
    EncodeSpikes,
    FiringRateRegularizer,
    SubLSTM,
)
from tests.datasets.test_sequences import braille, speech, written
from tests.datasets.writing import events_of, npz_arrays, write_folder
from tests.hints.following import Advice, follow

EVENTS = events_of()
DATA = EventRecordings([EVENTS])
FAR = np.array([[0, 0, 0, 10**9]])
LARGE = [[0, 50, 1, 3]]


def test_events(tmp_path):
    write_folder(tmp_path / "folder")
    np.savez(tmp_path / "events.npz", **npz_arrays()[1])
    framing = Framing(step=0.01)
    for advice in [
        Advice(
            "; pass sensor=(height, width) of the camera",
            lambda: EventRecordings([LARGE]),
            lambda: EventRecordings([LARGE], sensor=(64, 64))[0].tolist() == LARGE,
        ),
        Advice(
            "; read a folder with nengo_softlif.datasets.load_events",
            lambda: EventRecordings(str(tmp_path / "folder")),
            lambda: len(load_events(str(tmp_path / "folder"))[0]) == 4,
        ),
        Advice(
            ". Give the folder that has Train and Test in it, or an npz file with events_train, "
            "count_train, y_train and the same for test",
            lambda: load_events(tmp_path / "nothing"),
            lambda: (
                len(load_events(tmp_path / "folder")[0]) == 4
                and len(load_events(tmp_path / "events.npz")[1]) == 3
            ),
        ),
        Advice(
            "; choose one of ",
            lambda: DATA.frames(Framing(downsample=3)),
            lambda: all(
                DATA.frames(Framing(downsample=n)).sum() == len(EVENTS) for n in (1, 2, 17, 34)
            ),
        ),
        Advice(
            "; choose a longer step, or fewer steps with n_steps",
            lambda: Framing(step=1e-6).frames(FAR, (34, 34)),
            lambda: (
                Framing(step=10.0).frames(FAR, (34, 34)).sum() == 1
                and Framing(step=1e-6, n_steps=5).frames(FAR, (34, 34)).shape[0] == 5
            ),
        ),
        Advice(
            "make one with nengo_softlif.datasets.Framing()",
            lambda: DATA.frames(0.01),
            lambda: DATA.frames(Framing()).sum() == len(EVENTS),
        ),
        Advice(
            "make one with nengo_softlif.datasets.Framing(n_steps=30)",
            lambda: FrameStream(DATA, 0.01),
            lambda: FrameStream(DATA, Framing(n_steps=30))[0].sum() == len(EVENTS),
        ),
        Advice(
            "load them with nengo_softlif.datasets.load_events",
            lambda: FrameStream([EVENTS], Framing(n_steps=30)),
            lambda: len(FrameStream(load_events(tmp_path / "events.npz")[0], Framing(n_steps=3))),
        ),
        Advice(
            "; make frames until the end with recordings.frames(framing)",
            lambda: FrameStream(DATA, framing),
            lambda: DATA.frames(framing).sum() == len(EVENTS),
        ),
        Advice(
            ". Give the path of an npz file with ",
            lambda: load_braille(tmp_path / "nothing.npz"),
            lambda: (
                len(load_braille(written(tmp_path, braille())).x_test) == 30
                and len(load_speech(written(tmp_path, speech()))[1]) == 10
            ),
        ),
    ]:
        follow(advice)


def test_firing_rates():
    rates = np.full((2, 3), 20.0)
    bounded = DiscreteLIF(rate_regularizer=FiringRateRegularizer(10))
    currents = np.ones((2, 6, 3), "float32")
    for advice in [
        Advice(
            "; leave it out, and give spiking layers a rate_regularizer",
            lambda: BySegments([DiscreteLIF(activity_regularizer="l2")], n_steps=3),
            lambda: (
                (segments := BySegments([bounded], n_steps=3))(currents, training=True) is not None
                and len(segments.losses) == 1
            ),
        ),
        Advice(
            "; pass spiking=True, or leave it out",
            lambda: SubLSTM(4, rate_regularizer=FiringRateRegularizer(10)),
            lambda: (
                SubLSTM(4, spiking=True, rate_regularizer=FiringRateRegularizer(10)).units
                == SubLSTM(4).units
            ),
        ),
        Advice(
            "; give target, or leave percentile out",
            lambda: FiringRateRegularizer(lower=5, percentile=99),
            lambda: (
                float(FiringRateRegularizer(10, lower=5, percentile=99)(rates)) == 1
                and float(FiringRateRegularizer(lower=5)(rates)) == 0
            ),
        ),
        Advice(
            "; lower it, or raise the target",
            lambda: FiringRateRegularizer(10, lower=15),
            lambda: (
                float(FiringRateRegularizer(10, lower=5)(rates)) == 1
                and float(FiringRateRegularizer(30, lower=15)(rates)) == 0
            ),
        ),
    ]:
        follow(advice)


def test_encodings():
    def two(*encodings):
        inputs = [keras.Input((3,)) for _ in encodings]
        spikes = [EncodeSpikes(e, 5)(x) for e, x in zip(encodings, inputs, strict=True)]
        return keras.Model(inputs, DiscreteLIF()(keras.layers.Add()(spikes)))

    regular, latency = nsl.RegularSpikes(100), nsl.LatencySpikes()
    follow(
        Advice(
            "; give all EncodeSpikes layers of the model the same encoding",
            lambda: nsl.convert(two(regular, latency)),
            lambda: nsl.convert(two(latency, latency)).presentation.encoding == latency,
        )
    )
