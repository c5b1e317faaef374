"""What a Modelfile asks for, its paths looked up beside it; blocking."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ...errors import UsageError
from .creation import Creation
from .modelfile import Modelfile
from .parameters import joined

__all__ = ["creation_of"]

_PATH: Final = re.compile(
    r"[./~\\].*|[A-Za-z]:[\\/].*|.*\.(gguf|safetensors|bin)", re.DOTALL
)
"""What can only be a path, and is no name of a model."""

_OF_SERVER: Final = re.compile(r".*[\\/]blobs[\\/]sha256[-:][0-9a-f]{64}", re.DOTALL)


def creation_of(
    name: str, modelfile: Modelfile, folder: Path, *, quantize: str = ""
) -> Creation:
    """Return what a Modelfile asks for, as a model of this name.

    FROM is a path if there is such a file or folder, from `folder` on, and else the
    name of a model: that is how Ollama itself decides.

    Raises:
        UsageError: what it names is not there, or is both a model and files.

    """
    models, weights = [], []
    for value in modelfile.values("from"):
        path = _path(folder, value, "FROM")
        if path is None:
            models.append(value)
        else:
            weights.append(path)
    if models and weights:
        message = f"FROM names a model, {models[0]}, and files."
        raise UsageError(message, hint="Name either in the Modelfile.")
    return Creation(
        name=name,
        from_model=models[-1] if models else "",
        weights=tuple(weights),
        system=modelfile.value("system") or "",
        template=modelfile.value("template") or "",
        parameters=joined(_pairs(modelfile, "parameter")),
        license=modelfile.values("license"),
        messages=_pairs(modelfile, "message"),
        adapter=_file(folder, modelfile, "adapter"),
        draft=_file(folder, modelfile, "draft"),
        renderer=modelfile.value("renderer") or "",
        parser=modelfile.value("parser") or "",
        requires=modelfile.value("requires") or "",
        quantize=quantize,
    )


def _pairs(modelfile: Modelfile, name: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (command.key, command.value)
        for command in modelfile.commands
        if command.name == name
    )


def _file(folder: Path, modelfile: Modelfile, name: str) -> Path | None:
    """Return the path of a command that takes no name; the last one counts."""
    value = modelfile.value(name)
    if value is None:
        return None
    path = _path(folder, value, name.upper())
    if path is None:
        raise _missing(value, name.upper())
    return path


def _path(folder: Path, value: str, command: str) -> Path | None:
    """Return the path that a value names, None if it may be the name of a model."""
    if not value:
        message = f"{command} of the Modelfile has no value."
        raise UsageError(message)
    path = _existing(folder, value)
    if path is not None:
        # A folder may bear the name of a model by chance.
        if path.is_file() or _PATH.fullmatch(value) or _has_weights(path):
            return path
        return None
    if _OF_SERVER.fullmatch(value):
        message = f"{command} names a file that the server keeps for itself."
        hint = (
            "Name the model there, as the comment above FROM of such a Modelfile does."
        )
        raise UsageError(message, hint=hint)
    if _PATH.fullmatch(value):
        raise _missing(value, command)
    return None


def _existing(folder: Path, value: str) -> Path | None:
    try:
        path = folder / Path(value).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError, ValueError):
        # Too long for a path, with a zero byte, or the home of nobody.
        return None


def _has_weights(folder: Path) -> bool:
    patterns = ("*.gguf", "*.safetensors")
    return any(path for pattern in patterns for path in folder.glob(pattern))


def _missing(value: str, command: str) -> UsageError:
    return UsageError(
        f"{command} names {value!r}, which is not there.",
        hint="A path is taken from the Modelfile's folder on, on the kernel's machine.",
    )
