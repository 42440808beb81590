"""How a sample is shown to a network, and when its output is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.encoding import Encoding
from nengo_softlif.reprs import OneLineRepr
from nengo_softlif.validation import (
    check_numbers,
    check_seconds,
    check_steps,
    check_type,
    is_number,
)

__all__ = ["DEFAULT_TIME", "Presentation"]

DEFAULT_TIME = 0.2  # seconds
_DEFAULT_START = 0.6  # of the presentation


@dataclass(frozen=True, kw_only=True, repr=False)
class Presentation(OneLineRepr):
    """How long a sample is shown, in which time steps, from when its output counts, and as what.

    Parameters
    ----------
    time : float or (n_samples,) array_like, optional
        Seconds for which samples are shown, one number for all or one for each: 0.2 by default, or
        the time steps that samples have which change over time. Integer numbers of time steps.
    dt : float
        Time step of the simulation in seconds.
    classify_from : float, optional
        Start of the readout window in seconds: outputs are averaged, and classes are predicted,
        from there to the end. 60 % of the presentation time of each sample by default. An integer
        number of time steps. That it is before the end is checked here if ``time`` is given, else
        when there are samples, since theirs may be the time.
    encoding : Encoding, optional
        Show samples as spikes instead of constant currents, for instance
        ``nengo_softlif.RegularSpikes(max_rate=200)``. Values are then from 0 to 1; see
        docs/encoding.md.

    Raises
    ------
    ParameterError
        If a time is out of range or ends within a time step, or the encoding is of another type.

    Examples
    --------
    >>> shown = Presentation(time=0.1)
    >>> shown.n_steps(), shown.start_step()
    (100, 60)
    >>> Presentation(time=[0.1, 0.05]).steps_of(2)
    array([100,  50])
    """

    time: float | Sequence[float] | np.ndarray | None = None
    dt: float = 0.001
    classify_from: float | None = None
    encoding: Encoding | None = None

    def __post_init__(self) -> None:
        check_seconds("dt", self.dt)
        if self.time is not None:
            self._check_time()
        if self.classify_from is not None:
            check_seconds("classify_from", self.classify_from, zero_allowed=True)
            check_steps("classify_from", self.classify_from, self.dt)
            if self.time is not None:
                self.start_step(int(np.min(self._rounded_time())))
        if self.encoding is not None:
            check_type(
                "encoding",
                self.encoding,
                Encoding,
                "take one of nengo_softlif, such as nengo_softlif.RegularSpikes(max_rate=200)",
            )

    def _check_time(self) -> None:
        if is_number(self.time) or not np.iterable(self.time) or isinstance(self.time, str):
            times = [check_seconds("time", self.time)]
        else:
            array = check_numbers("time", self.time, above=0, unit="seconds")
            if array.ndim != 1 or not array.size:
                raise ParameterError(
                    f"time must be a number or have the shape (n_samples,) (got {array.shape})"
                )
            times = array.tolist()
            object.__setattr__(self, "time", tuple(times))  # to be compared and hashed
        for time in set(times):
            check_steps("time", time, self.dt)

    def n_steps(self) -> int:
        """Number of time steps of a presentation; of the longest if ``time`` has several."""
        return int(np.max(self._rounded_time()))

    def steps_of(self, n_samples: int, of_samples: np.ndarray | None = None) -> np.ndarray:
        """Numbers of time steps for which samples are shown.

        Parameters
        ----------
        n_samples : int
        of_samples : (n_samples,) ndarray of int, optional
            Time steps of samples that change over time.

        Returns
        -------
        n_steps : (n_samples,) ndarray of int

        Raises
        ------
        ParameterError
            If ``time`` has another number of times, or the samples have another number of time
            steps than it says.
        """
        if self.time is None and of_samples is not None:
            return of_samples
        shown = self._rounded_time()
        if shown.ndim and len(shown) != n_samples:
            raise ParameterError(
                f"time must be a number, or have one for each sample (got {len(shown)} times, and "
                f"{n_samples} samples)"
            )
        n_steps = np.broadcast_to(shown, n_samples)
        if of_samples is None:
            return n_steps
        wrong = np.flatnonzero(n_steps != of_samples)
        if len(wrong):
            i = wrong[0]
            raise ParameterError(
                f"time must be that of the samples, of which sample {i} has {of_samples[i]} time "
                f"steps of {self.dt:g} s: {of_samples[i] * self.dt:g} s (got "
                f"{n_steps[i] * self.dt:g} s); leave it out"
            )
        return of_samples

    def part(self, start: int, stop: int | None) -> Presentation:
        """Presentation of some of the samples."""
        if isinstance(self.time, tuple):  # one for each
            return replace(self, time=self.time[start:stop])
        return self

    def _rounded_time(self) -> np.ndarray:
        """Time steps, () or (n_samples,) ndarray of int."""
        if self.time is None:
            return np.array(check_steps("the default time", DEFAULT_TIME, self.dt))
        return np.rint(np.divide(self.time, self.dt)).astype(int)

    def start_step(self, n_steps: int | None = None) -> int:
        """First step of the readout window, counted from 0.

        Parameters
        ----------
        n_steps : int, optional
            Time steps of the presentation; the most that ``time`` says by default.

        Raises
        ------
        ParameterError
            If the window is empty.
        """
        if n_steps is None:
            n_steps = self.n_steps()
        if self.classify_from is None:
            return min(round(_DEFAULT_START * n_steps), n_steps - 1)
        start = round(self.classify_from / self.dt)
        if start >= n_steps:
            raise ParameterError(
                f"classify_from must be before the end of the presentation at "
                f"{n_steps * self.dt:g} s (got {self.classify_from:g} s); choose an earlier time, "
                "or show the samples for longer with time=..."
            )
        return start
