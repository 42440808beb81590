"""How samples are shown to a model that was trained in spikes."""

from __future__ import annotations

from dataclasses import dataclass

from nengo_softlif.functional.encoding import Encoding

__all__ = ["Shown"]


@dataclass(frozen=True)
class Shown:
    """How samples are shown to a model that was trained in spikes, step by step.

    Parameters
    ----------
    n_steps : int
    last_step_only : bool
        Whether its outputs are those of the last step, or else their mean over all steps.
    encoding : Encoding or None
        Of samples that are constant in time.
    """

    n_steps: int
    last_step_only: bool
    encoding: Encoding | None = None
