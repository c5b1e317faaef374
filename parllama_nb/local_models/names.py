"""Names of models on an Ollama server: HOST/NAMESPACE/MODEL:TAG, or some of it.

As `types/model/name.go` of Ollama takes them.
"""

from __future__ import annotations

import re
from typing import Final

from ..errors import UsageError

__all__ = ["check_name", "is_pulled_by_server"]

_START: Final = r"[A-Za-z0-9_]"
_NAME: Final = re.compile(
    rf"(?:(?:https?://)?{_START}[\w.:-]{{0,349}}/(?={_START}[\w-]*/))?"
    rf"(?:{_START}[\w-]{{0,79}}/)?"
    rf"{_START}[\w.-]{{0,79}}"
    rf"(?::{_START}[\w.-]{{0,79}})?",
    re.ASCII,
)


def check_name(name: str) -> None:
    """Check that an Ollama server can have a model of this name.

    Raises:
        UsageError: it cannot.

    """
    if _NAME.fullmatch(name):
        return
    message = (
        f"{name!r} is not a name of a model." if name else "The model has no name."
    )
    hint = "A name has letters, digits, `_`, `-` and `.`: my-model, or me/my-model:tag."
    better = re.sub(r"[^\w.:/-]+", "-", name.strip(), flags=re.ASCII).strip("-.:/")
    if better != name and _NAME.fullmatch(better):
        hint = f"{better} would be one."
    raise UsageError(message, hint=hint)


def is_pulled_by_server(name: str) -> bool:
    """Whether a name says where it is from: a server pulls such a base by itself."""
    return name.count("/") > 1
