"""Long short-term memory with subtractive gates, as rates or in spikes."""

from __future__ import annotations

from typing import Any

import keras

from nengo_softlif.errors import ParameterError
from nengo_softlif.functional.surrogates import ArcTanSurrogate, Surrogate
from nengo_softlif.layers.gated_recurrent import GatedRecurrent
from nengo_softlif.layers.gated_scan import SpikingSubLSTMCell, SubLSTMCell
from nengo_softlif.layers.surrogate import surrogate_config, surrogate_of
from nengo_softlif.validation import check_bool, check_number

__all__ = ["SubLSTM"]

_THRESHOLD = 0.1


@keras.saving.register_keras_serializable(package="nengo_softlif")
class SubLSTM(GatedRecurrent):
    r"""LSTM with subtractive gates: (batch, steps, features) in, (batch, steps, units) out.

    .. math::

       (i, f, z, o) = \sigma(W x + U h + b), \quad c \leftarrow f c + z - i, \quad
       h = \sigma(c) - o

    Inhibition subtracts, as it does in cortical circuits (Costa et al. 2017). With ``spiking`` the
    gates are spikes, :math:`[W x + U h + b \ge \theta]` as in `SpikingLSTM`, the memory is the
    membrane voltage that the paper derives the cell from, and the output are its spikes less
    inhibition, :math:`h = [c - o \ge \theta]`. The weights of the gates are in the order i, f, z,
    o.

    Parameters
    ----------
    units : int
        Number of cells.
    spiking : bool
        Whether gates and outputs are spikes instead of rates.
    fixed_forget : bool
        Whether the forget gate is a trained constant of each unit, :math:`\sigma(b_f)`, also in
        spikes: the leak of the memory (the paper's fix-subLSTM).
    threshold : float, optional
        :math:`\theta` of the spiking variant (> 0); 0.1 by default.
    surrogate : Surrogate, optional
        For the derivative of spikes; `nengo_softlif.functional.surrogates.ArcTanSurrogate` by
        default, which is not zero far from the threshold, where memories get.
    time_gate : nengo_softlif.functional.time_gate.TimeGate, optional
        Units take in something in a part of their period only, as in a phased LSTM.
    **kwargs
        ``rate_regularizer``, a `nengo_softlif.layers.FiringRateRegularizer` of the output spikes
        of the spiking variant, in which gates don't count; ``forget_bias`` (1.0 by default), added
        to the initial biases of forget gates: with ``fixed_forget`` 3 makes memories last for 20
        steps; ``kernel_initializer``, ``recurrent_initializer``, ``bias_initializer`` and their
        regularizers, as for `keras.layers.LSTM`; and those of every Keras layer.

    Raises
    ------
    ParameterError
        If a parameter is out of range or for spikes only, or inputs have another shape.

    References
    ----------
    .. [1] Costa et al. (2017), "Cortical microcircuits as gated-recurrent neural networks".
    .. [2] Rezaabad & Vishwanath (2020), "Long short-term memory spiking networks and their
       applications".

    Examples
    --------
    >>> import numpy as np
    >>> inputs = np.ones((2, 5, 3), dtype="float32")
    >>> SubLSTM(8, fixed_forget=True)(inputs).shape
    TensorShape([2, 5, 8])
    >>> bool(np.isin(SubLSTM(8, spiking=True)(inputs), [0, 1]).all())
    True
    """

    def __init__(
        self,
        units: int,
        spiking: bool = False,
        fixed_forget: bool = False,
        threshold: float | None = None,
        surrogate: Surrogate | dict | None = None,
        **kwargs: Any,
    ) -> None:
        self._fires = check_bool("SubLSTM.spiking", spiking)  # the base asks for it
        super().__init__(units, **kwargs)
        self.spiking = self._fires
        self.fixed_forget = check_bool(f"{self.name}.fixed_forget", fixed_forget)
        if not spiking and not (threshold is None and surrogate is None):
            raise ParameterError(
                f"{self.name}: threshold and surrogate are for spikes (got {threshold!r} and "
                f"{surrogate!r}); pass spiking=True, or leave them out"
            )
        self.threshold = self.surrogate = None
        if spiking:
            threshold = _THRESHOLD if threshold is None else threshold
            self.threshold = check_number(f"{self.name}.threshold", threshold, above=0)
            self.surrogate = surrogate_of(self.name, surrogate, ArcTanSurrogate())

    @property
    def cell(self) -> SubLSTMCell | SpikingSubLSTMCell:
        """One step of the cells, and its gradient."""
        if self.threshold is None or self.surrogate is None:
            return SubLSTMCell()
        return SpikingSubLSTMCell(self.threshold, self.surrogate)

    def get_config(self):
        """Return everything that makes an equal layer."""
        return {
            **super().get_config(),
            "spiking": self.spiking,
            "fixed_forget": self.fixed_forget,
            "threshold": self.threshold,
            "surrogate": None if self.surrogate is None else surrogate_config(self.surrogate),
        }
