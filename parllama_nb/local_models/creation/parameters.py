"""The parameters that a model of Ollama can have, and what their values are.

As `api/types.go` of Ollama 0.33 has them. The server itself checks none when a model is
made: it fails on a wrong one when the model answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from ...errors import UsageError
from ...fuzzy import near

__all__ = ["OUTDATED", "PARAMETERS", "Parameter", "checked", "joined"]

Parameter = bool | int | float | str | list[str]

PARAMETERS: Final[dict[str, type]] = {
    "draft_num_predict": int,
    "frequency_penalty": float,
    "main_gpu": int,
    "min_p": float,
    "num_batch": int,
    "num_ctx": int,
    "num_gpu": int,
    "num_keep": int,
    "num_predict": int,
    "num_thread": int,
    "presence_penalty": float,
    "repeat_last_n": int,
    "repeat_penalty": float,
    "seed": int,
    "stop": list,
    "temperature": float,
    "top_k": int,
    "top_p": float,
    "typical_p": float,
    "use_mmap": bool,
}

OUTDATED: Final = frozenset(
    {
        "f16_kv",
        "logits_all",
        "low_vram",
        "mirostat",
        "mirostat_eta",
        "mirostat_tau",
        "num_gqa",
        "numa",
        "penalize_newline",
        "rope_frequency_base",
        "rope_frequency_scale",
        "tfs_z",
        "use_mlock",
        "vocab_only",
    }
)
"""Parameters that older models have, and that a server no longer reads."""

_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_SIGNS: Final = re.compile(r"[0-9.eE+-]+")
_LARGEST: Final = {int: 2**63 - 1, float: 3.4028234e38}
_CALLED: Final = {bool: "true or false", int: "a whole number", float: "a number"}


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Return the parameters of a Modelfile: the values of `stop` add up."""
    found: dict[str, object] = {}
    stops: list[str] = []
    for name, value in pairs:
        if name == "stop":
            stops.append(value)
        else:
            found[name] = value
    return {**found, "stop": stops} if stops else found


def checked(parameters: Mapping[str, object]) -> dict[str, Parameter]:
    """Return the parameters as a server takes them, without those it no longer reads.

    A value may be of its type, or a text as in a Modelfile.

    Raises:
        UsageError: there is no such parameter, or its value is of another type.

    """
    return {
        name: _checked(name, value)
        for name, value in parameters.items()
        if name not in OUTDATED
    }


def _checked(name: str, value: object) -> Parameter:
    kind = PARAMETERS.get(name)
    if kind is None:
        found = near(name, PARAMETERS)
        hint = f"Did you mean {' or '.join(found)}?" if found else None
        hint = hint or f"The parameters are {', '.join(PARAMETERS)}."
        message = f"A model of Ollama has no parameter {name!r}."
        raise UsageError(message, hint=hint)
    if kind is list:
        texts = [value] if isinstance(value, str) else value
        if isinstance(texts, list | tuple) and all(isinstance(t, str) for t in texts):
            return [str(text) for text in texts]
        message = f"{name} has to be a text or a list of texts, not {value!r}."
        raise UsageError(message)
    converted = _of_text(kind, value) if isinstance(value, str) else _of(kind, value)
    if converted is None:
        message = f"{name} has to be {_CALLED[kind]}, not {value!r}."
        raise UsageError(message)
    return converted


def _of(kind: type, value: object) -> Parameter | None:
    """Return a value as its type has it; None if it is of another."""
    if isinstance(value, bool):
        return value if kind is bool else None
    if isinstance(value, int) and kind is not bool:
        return value if abs(value) <= _LARGEST[kind] else None
    if isinstance(value, float) and kind is float:
        # False of what is no number, too.
        return value if abs(value) <= _LARGEST[kind] else None
    return None


def _of_text(kind: type, text: str) -> Parameter | None:
    """Return the value of a text in a Modelfile; None if it is none of the type."""
    if kind is bool:
        return True if text in _TRUE else False if text in _FALSE else None
    try:
        # Python's numbers may have more signs than those of a Modelfile.
        known = _SIGNS.fullmatch(text)
        return _of(kind, kind(text)) if known else None
    except ValueError:
        return None
