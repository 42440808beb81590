"""Probes: which compartments to record, and where their values go."""

import numpy as np
from nengo.exceptions import BuildError

from nengo_softlif.loihi.emulator.kernels import Record

__all__ = ["Recorder"]

_KEYS = ("current", "voltage", "spiked")


class Recorder:
    """Hands recorded values to NengoLoihi's lists, one for each block of a probe.

    Parameters
    ----------
    probes : nengo_loihi.emulator.interface.ProbeState
    place : (n_compartments,) ndarray
        Where we keep each of NengoLoihi's compartments.
    dtype : numpy.dtype
        Of currents and voltages.

    Raises
    ------
    nengo.exceptions.BuildError
        If something is probed that compartments don't have.
    """

    def __init__(self, probes, place, dtype):
        self.dtype = dtype
        self._lists = probes.outputs
        self._columns = []
        self._of = {key: [np.zeros(0, dtype=np.int32)] for key in _KEYS}
        n = dict.fromkeys(_KEYS, 0)
        for probe, blocks in probes.probes.items():
            if probe.key not in _KEYS:
                raise BuildError(
                    f"A probe asks for {probe.key!r} of {[str(block) for block in blocks]}; "
                    f"what the emulator records is {', '.join(map(repr, _KEYS))}."
                )
            for k, where in enumerate(blocks.values()):
                recorded = place[where][probe.slice[k]].astype(np.int32)
                self._of[probe.key].append(recorded)
                columns = slice(n[probe.key], n[probe.key] + len(recorded))
                n[probe.key] = columns.stop
                self._columns.append((probe, k, columns))
        self._of = {key: np.concatenate(parts) for key, parts in self._of.items()}

    @property
    def numbers_a_step(self):
        """How many numbers a step records."""
        return sum(map(len, self._of.values()))

    def new_record(self, n_steps):
        """Make room for some steps.

        Returns
        -------
        record : Record
        """
        dtypes = {"current": self.dtype, "voltage": self.dtype, "spiked": bool}
        values = [np.empty((n_steps, len(self._of[key])), dtype=dtypes[key]) for key in _KEYS]
        return Record(*(self._of[key] for key in _KEYS), *values)

    def hand_over(self, record, n_steps):
        """Append what the first steps of a record contain to the lists."""
        for probe, k, columns in self._columns:
            self._lists[probe][k].extend(getattr(record, probe.key)[:n_steps, columns])
