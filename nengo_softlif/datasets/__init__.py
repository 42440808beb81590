"""Labelled data: images, recordings of event cameras, touch and speech.

Nothing here needs a network unless ``load("mnist")`` or ``load("cifar10")`` is asked for.
"""

from nengo_softlif.datasets.event_files import read_events
from nengo_softlif.datasets.events import EventRecordings, load_events
from nengo_softlif.datasets.frames import Framing
from nengo_softlif.datasets.images import DATA_VARIABLE, Dataset, load, names
from nengo_softlif.datasets.sequences import Waveforms, load_braille, load_speech

__all__ = [
    "DATA_VARIABLE",
    "Dataset",
    "EventRecordings",
    "FrameStream",
    "Framing",
    "Waveforms",
    "load",
    "load_braille",
    "load_events",
    "load_speech",
    "names",
    "read_events",
]


def __getattr__(name):
    """Import what needs Keras on first use."""
    if name == "FrameStream":
        from nengo_softlif.datasets.streams import FrameStream

        return FrameStream
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
