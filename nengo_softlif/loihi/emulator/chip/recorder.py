"""Probes: which compartments to record, and where their values are."""

import numpy as np
from nengo.exceptions import BuildError

from nengo_softlif.loihi.emulator.chip.kernels import Record

__all__ = ["Recorder", "compartments_of"]

_KEYS = ("current", "voltage", "spiked")


def compartments_of(probe, block_info, place):
    """Which compartments a probe is of.

    Parameters
    ----------
    probe : nengo_loihi.probe.LoihiProbe
    block_info : nengo_loihi.emulator.interface.BlockInfo
    place : (n_compartments,) ndarray
        Where we keep each of NengoLoihi's compartments.

    Returns
    -------
    compartments : list of (n,) ndarray of int
        Our numbers of them, for each block.
    """
    parts = zip(probe.target, probe.slice, strict=True)
    return [place[block_info.slices[block]][part].astype(np.int32) for block, part in parts]


class Recorder:
    """Knows what some probes want.

    Parameters
    ----------
    probes : list of nengo_loihi.probe.LoihiProbe
    block_info : nengo_loihi.emulator.interface.BlockInfo
    place : (n_compartments,) ndarray
        Where we keep each of NengoLoihi's compartments.

    Raises
    ------
    nengo.exceptions.BuildError
        If something is probed that compartments don't have.
    """

    def __init__(self, probes, block_info, place):
        self._dtypes = {"current": block_info.dtype, "voltage": block_info.dtype, "spiked": bool}
        self._columns = {}
        parts = {key: [np.zeros(0, dtype=np.int32)] for key in _KEYS}
        n = dict.fromkeys(_KEYS, 0)
        for probe in probes:
            if probe.key not in _KEYS:
                raise BuildError(
                    f"A probe asks for {probe.key!r} of {', '.join(map(str, probe.target))}; "
                    f"what the emulator records is {', '.join(map(repr, _KEYS))}."
                )
            self._columns[probe] = []
            for recorded in compartments_of(probe, block_info, place):
                columns = slice(n[probe.key], n[probe.key] + len(recorded))
                n[probe.key] = columns.stop
                parts[probe.key].append(recorded)
                self._columns[probe].append(columns)
        self._of = {key: np.concatenate(parts[key]) for key in _KEYS}

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
        shapes = {key: (n_steps, len(self._of[key])) for key in _KEYS}
        values = [np.empty(shapes[key], dtype=self._dtypes[key]) for key in _KEYS]
        return Record(*(self._of[key] for key in _KEYS), *values)

    def values(self, record, probe):
        """What a probe wants, from a record.

        Returns
        -------
        values : list of (n_steps, n) ndarray
            For each block.
        """
        return [getattr(record, probe.key)[:, columns] for columns in self._columns[probe]]
