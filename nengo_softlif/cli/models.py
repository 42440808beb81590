"""Keras models from files."""

from __future__ import annotations

from nengo_softlif.errors import FileError

__all__ = ["load_model"]


def load_model(path):
    """Read a ``.keras`` file, our layers included, without executing what is in it.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    model : keras.Model

    Raises
    ------
    FileError
        If it can't be read, or holds code (a Lambda layer).
    """
    import keras

    import nengo_softlif.layers  # noqa: F401, so that Keras knows them by name

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    # Keras lets the errors of zip, JSON, HDF5 and of any layer through as they are
    except Exception as error:
        raise FileError(
            f"{path} can't be loaded as a Keras model. Save it with model.save('name.keras') "
            f"({type(error).__name__}: {error})"
        ) from error
