"""Files of data sets that no loader of the package knows by name."""

from __future__ import annotations

import os
from pathlib import Path

from nengo_softlif import datasets
from nengo_softlif.errors import DatasetError

__all__ = ["data_file"]


def data_file(name):
    """Path of a file in the folder that ``--data`` names.

    Parameters
    ----------
    name : str

    Returns
    -------
    path : pathlib.Path

    Raises
    ------
    DatasetError
        If there is no such file.
    """
    folder = os.environ.get(datasets.DATA_VARIABLE)
    if folder is None or not (path := Path(folder) / name).exists():
        raise DatasetError(f"{name} is missing; give its folder with --data FOLDER")
    return path
