"""Events, and files of them as cameras write them."""

import numpy as np

SENSOR = (34, 34)


def events_of(seed=0, n=200, sensor=SENSOR, end=50_000):
    """Random events, in the order of time."""
    rng = np.random.default_rng(seed)
    height, width = sensor
    columns = [
        rng.integers(0, width, n),
        rng.integers(0, height, n),
        rng.integers(0, 2, n),
        np.sort(rng.integers(0, end, n)),
    ]
    return np.stack(columns, axis=1)


def to_bytes(events):
    """Events in the format of N-MNIST."""
    return b"".join(
        bytes([x, y]) + int(polarity << 23 | time).to_bytes(3, "big")
        for x, y, polarity, time in np.asarray(events).tolist()
    )


def write_folder(path, classes=("0", "1"), n=2):
    """Make the folder of a data set; return its events by part and class."""
    found = {}
    for i, part in enumerate(("Train", "Test")):
        for j, name in enumerate(classes):
            folder = path / part / name
            folder.mkdir(parents=True)
            found[part, name] = [events_of(100 * i + 10 * j + k) for k in range(n)]
            for k, events in enumerate(found[part, name]):
                (folder / f"{k:05d}.bin").write_bytes(to_bytes(events))
    return found


def npz_arrays(n=3):
    """Arrays of an npz file with recordings of different lengths."""
    recordings = [events_of(i, 20 + i) for i in range(n)]
    arrays = {
        "events": np.concatenate(recordings).astype(np.int32),
        "count": np.array([len(events) for events in recordings]),
        "y": np.arange(n) % 2,
    }
    return recordings, {f"{k}_{part}": v for k, v in arrays.items() for part in ("train", "test")}
