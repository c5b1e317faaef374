"""Writes exported prompts to files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import UsageError
from .sources.files import reason_of

__all__ = ["write_files"]


def write_files(
    place: str, files: Mapping[str, bytes], *, overwrite: bool
) -> tuple[Path, list[Path]]:
    """Write files into a folder; a single one to the path itself, if that names a file.

    Returns where they are, and which are there already; then nothing is written, unless
    they may be overwritten.

    Raises:
        UsageError: one cannot be written.

    """
    failure, path = "", Path(place)
    target = path
    try:
        target = path.expanduser()
        single = len(files) == 1 and target.suffix and not target.is_dir()
        paths = (
            {target: next(iter(files.values()))}
            if single
            else {target / name: data for name, data in files.items()}
        )
        there = [path for path in paths if path.exists()]
        if there and not overwrite:
            return target, there
        for path, data in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            # A full disk must not cost a file that is replaced.
            part = path.with_name(f".parllama_nb-{os.getpid()}.part")
            try:
                part.write_bytes(data)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        failure = reason_of(error)
    except (RuntimeError, ValueError):
        failure = "There cannot be such a file."
    if failure:
        message = f"{str(path)!r:.300} cannot be written. {failure}"
        raise UsageError(message, hint="Name another place.")
    return target, []
