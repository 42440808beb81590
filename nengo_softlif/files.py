"""Files that are written completely or not at all."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nengo_softlif.errors import FileError

__all__ = ["replaced", "write_text"]


@contextmanager
def replaced(path: str | os.PathLike) -> Iterator[Path]:
    """Write a file beside another one, and put it in its place at the end.

    An error, an interrupt or a full disk leaves the older file as it was, and nothing else behind.
    The new file has a name of its own until then, with the same ending.

    Parameters
    ----------
    path : path-like
        A file, or where one is to be; links are followed.

    Yields
    ------
    partial : pathlib.Path
        Where to write.

    Raises
    ------
    FileError
        If the path is of something else than a file, or the file can't be written.

    Examples
    --------
    >>> with replaced("notes.txt") as partial:
    ...     _ = partial.write_text("all of it")
    >>> Path("notes.txt").read_text()
    'all of it'
    """
    if "\0" in os.fspath(path):
        raise FileError(f"{path!r} can't be written: names of files have no null characters")
    target = Path(os.path.realpath(path))
    # `Path.exists` raises if the name is too long
    if os.path.exists(target) and not os.path.isfile(target):
        raise FileError(f"{path} can't be written: it is no file; give the path of a file")
    # not with the name of the file in it, which may be as long as names can be
    partial = target.with_name(f".{uuid.uuid4().hex[:8]}.partial{target.suffix}")
    try:
        yield partial
        if os.path.exists(target):
            shutil.copymode(target, partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())  # the name must not get there before the content
        os.replace(partial, target)
    except OSError as err:
        raise FileError(f"{path} can't be written: {err}") from err
    finally:
        with suppress(OSError):  # not there, or nowhere it could be
            partial.unlink()


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a text completely or not at all, or send it to a device or a pipe.

    Parameters
    ----------
    path : path-like
        What `replaced` takes, or where one can write but there is no file, such as /dev/stdout.
    text : str

    Raises
    ------
    FileError
        If it can't be written.
    """
    # descriptors, below /dev and /proc, may be of files that others go on writing
    is_descriptor = os.fspath(path).startswith(("/dev/", "/proc/"))
    if is_descriptor or (os.path.exists(path) and not os.path.isfile(os.path.realpath(path))):
        try:
            with open(path, "a", encoding="utf-8") as file:
                file.write(text)
        except OSError as err:
            raise FileError(f"{path} can't be written: {err}") from err
        return
    with replaced(path) as partial:
        partial.write_text(text, encoding="utf-8")
