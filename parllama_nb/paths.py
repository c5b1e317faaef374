"""The directories of the user's files: data, configuration, cache and state.

`PARLLAMA_NB_HOME` puts all four below one directory. A directory is created on first
use, readable by its owner alone.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from .errors import StoreUnavailableError

__all__ = ["HOME_VARIABLE", "directory"]

HOME_VARIABLE = "PARLLAMA_NB_HOME"

_APP = "parllama_nb"


def directory(kind: Literal["data", "config", "cache", "state"]) -> Path:
    """Return the directory of one kind; creates it if need be.

    Raises:
        StoreUnavailableError: it cannot be created or is not writable.

    """
    path = Path()
    try:
        path = _place(kind)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"The {kind} directory {path} cannot be created: {reason}."
    else:
        if os.access(path, os.W_OK | os.X_OK):
            return path
        message = f"The {kind} directory {path} is not writable."
    raise StoreUnavailableError(
        message, hint=f"Set {HOME_VARIABLE} to a writable directory."
    )


def _place(kind: str) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home).expanduser() / kind
    import platformdirs  # noqa: PLC0415 - not paid by %load_ext

    return Path(getattr(platformdirs, f"user_{kind}_dir")(_APP, appauthor=False))
