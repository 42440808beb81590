"""Events of a camera binned into frames of a fixed time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nengo_softlif.datasets.event_files import check_events
from nengo_softlif.errors import ParameterError
from nengo_softlif.validation import (
    check_bool,
    check_integer,
    check_seconds,
    check_steps,
)

__all__ = ["Framing"]

_MICROSECOND = 1e-6  # unit of the times of events
_MOST_VALUES = 2**30  # of the frames of a recording, which take 4 GB then


@dataclass(frozen=True, kw_only=True)
class Framing:
    """How events become frames.

    Parameters
    ----------
    step : float
        Time of a frame in seconds, an integer number of microseconds. Frame k has the events from
        ``k * step`` on, until before ``(k + 1) * step``.
    n_steps : int, optional
        Number of frames. Later events are left out; a shorter recording ends with empty frames. By
        default each recording has the frames until its last event.
    binary : bool
        Whether a pixel is 1 if it has any event, instead of their number.
    downsample : int
        Add up squares of so many by so many pixels. It must divide height and width.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    Examples
    --------
    >>> events = np.array([[0, 0, 1, 100], [1, 0, 0, 900], [1, 0, 0, 1500]])  # x, y, polarity, us
    >>> frames = Framing(step=0.001).frames(events, sensor=(1, 2))
    >>> frames.shape  # steps, height, width, polarity
    (2, 1, 2, 2)
    >>> frames[:, 0, :, 0].tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """

    step: float = 0.01
    n_steps: int | None = None
    binary: bool = False
    downsample: int = 1

    def __post_init__(self) -> None:
        check_seconds("step", self.step)
        check_steps("step", self.step, _MICROSECOND)
        if self.n_steps is not None:
            check_integer("n_steps", self.n_steps, minimum=1)
        check_bool("binary", self.binary)
        check_integer("downsample", self.downsample, minimum=1)

    def shape(self, sensor: tuple[int, int]) -> tuple[int, int, int]:
        """Shape of a frame.

        Parameters
        ----------
        sensor : (height, width) tuple of int

        Returns
        -------
        shape : (height, width, 2) tuple of int

        Raises
        ------
        ParameterError
            If ``downsample`` does not divide height and width.
        """
        height, width = sensor
        if height % self.downsample or width % self.downsample:
            fitting = [str(n) for n in range(1, height + 1) if height % n == 0 and width % n == 0]
            raise ParameterError(
                f"downsample must divide height and width of the sensor, {height} and {width} (got "
                f"{self.downsample}); choose one of {', '.join(fitting)}"
            )
        return height // self.downsample, width // self.downsample, 2

    def frames(self, events: np.ndarray, sensor: tuple[int, int]) -> np.ndarray:
        """Bin the events of a recording.

        Parameters
        ----------
        events : (n_events, 4) ndarray of int
            x, y, polarity and time in microseconds.
        sensor : (height, width) tuple of int

        Returns
        -------
        frames : (n_steps, height, width, 2) ndarray of float32
            The last axis is the polarity, 0 and 1.

        Raises
        ------
        DatasetError
            If an event is impossible, see `EventRecordings`.
        ParameterError
            If ``downsample`` does not divide height and width, or there are more frames than a
            memory holds.
        """
        height, width, _ = self.shape(sensor)
        checked = check_events("events", np.asarray(events), sensor)
        x, y, polarity, time = checked.astype(np.int64).T
        step = time // round(self.step / _MICROSECOND)
        n_steps = self.n_steps or int(step[-1]) + 1
        if n_steps * height * width * 2 > _MOST_VALUES:
            raise ParameterError(
                f"{n_steps} frames of {height} x {width} pixels have more than {_MOST_VALUES} "
                f"values (got step = {self.step:g} s and n_steps = {self.n_steps}); choose a "
                "longer step, or fewer steps with n_steps"
            )
        x, y = x // self.downsample, y // self.downsample
        pixel = ((step * height + y) * width + x) * 2 + polarity
        counts = np.bincount(pixel[step < n_steps], minlength=n_steps * height * width * 2)
        if self.binary:
            counts = counts > 0
        return counts.astype(np.float32).reshape(n_steps, height, width, 2)
