"""How a sample is shown to a network, and when its output is read."""

from __future__ import annotations

from dataclasses import dataclass

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.encoding import Encoding
from nengo_softlif.validation import check_seconds, check_steps, check_type

__all__ = ["DEFAULT_TIME", "Presentation"]

DEFAULT_TIME = 0.2  # seconds
_DEFAULT_START = 0.6  # of the presentation


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """How long a sample is shown, in which time steps, from when its output counts, and as what.

    Parameters
    ----------
    time : float, optional
        Seconds for which a sample is shown: 0.2 by default, or the time steps that samples have
        which change over time. An integer number of time steps.
    dt : float
        Time step of the simulation in seconds.
    classify_from : float, optional
        Start of the readout window in seconds: outputs are averaged, and classes are predicted,
        from there to the end. 60 % of the presentation time by default. An integer number of time
        steps. That it is before the end is checked here if ``time`` is given, else when there are
        samples, since theirs may be the time.
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
    """

    time: float | None = None
    dt: float = 0.001
    classify_from: float | None = None
    encoding: Encoding | None = None

    def __post_init__(self) -> None:
        check_seconds("dt", self.dt)
        if self.time is not None:
            check_seconds("time", self.time)
            check_steps("time", self.time, self.dt)
        if self.classify_from is not None:
            check_seconds("classify_from", self.classify_from, zero_allowed=True)
            check_steps("classify_from", self.classify_from, self.dt)
            if self.time is not None:
                self.start_step()
        if self.encoding is not None:
            check_type(
                "encoding",
                self.encoding,
                Encoding,
                "take one of nengo_softlif, such as nengo_softlif.RegularSpikes(max_rate=200)",
            )

    def n_steps(self, of_samples: int | None = None) -> int:
        """Number of time steps of a presentation.

        Parameters
        ----------
        of_samples : int, optional
            Time steps of samples that change over time.

        Raises
        ------
        ParameterError
            If the samples have another number of time steps than ``time``.
        """
        if of_samples is None:
            return round((DEFAULT_TIME if self.time is None else self.time) / self.dt)
        if self.time is not None and round(self.time / self.dt) != of_samples:
            raise ParameterError(
                f"time must be that of the samples, which have {of_samples} time steps of "
                f"{self.dt:g} s: {of_samples * self.dt:g} s (got {self.time:g} s); leave it out"
            )
        return of_samples

    def start_step(self, n_steps: int | None = None) -> int:
        """First step of the readout window, counted from 0.

        Parameters
        ----------
        n_steps : int, optional
            Time steps of the presentation; those of ``time`` by default.

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
