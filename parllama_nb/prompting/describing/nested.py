"""Values within values: dicts, lists and objects with fields, as much as fits."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import json
import pathlib
import re
import uuid
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from ...providers.token_estimate import text_tokens
from ...secret import Secret
from ..secret_names import HIDDEN, looks_secret
from .budget import cut_line
from .kinds import is_a, kinds, summary

__all__ = ["compact", "fields_of", "fields_text", "names_a_secret", "outline", "scalar"]

_PLAIN = (
    dt.date,
    dt.time,
    dt.timedelta,
    dt.tzinfo,
    decimal.Decimal,
    fractions.Fraction,
    pathlib.PurePath,
    re.Pattern,
    uuid.UUID,
    complex,
    range,
    slice,
)
"""Classes of the standard library whose repr is short and runs no other code."""

# From much to little: items of a container, characters of a text, levels.
_DETAIL = ((60, 400, 6), (30, 160, 5), (16, 80, 4), (10, 60, 3), (6, 40, 3))
_LEAST = ((4, 30, 2), (3, 20, 2), (2, 16, 1), (1, 12, 1))
_LONGEST_NUMBER = 60


def outline(value: object, tokens: int) -> str:
    """Return a value with as many of its items, levels and letters as fit."""
    text = ""
    for items, characters, levels in (*_DETAIL, *_LEAST):
        text = compact(value, items, characters, levels)
        if text_tokens(text) <= tokens:
            return text
    return summary(value)


def fields_text(fields: Mapping[str, object], tokens: int) -> str:
    """Return the fields of an object, one a line, as many as fit."""
    names = list(fields)
    text = ""
    for items, characters, levels in (*_DETAIL, *_LEAST):
        shown = names[: 2 * items]
        lines = [
            f"{name} = {_hideable(name, fields[name], items, characters, levels)}"
            for name in shown
        ]
        if len(names) > len(shown):
            lines.append(f"… {len(names) - len(shown):,} more")
        text = "\n".join(lines)
        if text_tokens(text) <= tokens:
            return text
    return f"{len(names):,} fields"


def compact(value: object, items: int, characters: int, levels: int) -> str:
    """Return a value in a form near to JSON, with so many items and levels of it."""
    text = scalar(value, characters)
    if text is not None:
        return text
    if isinstance(value, dict):
        return _dict(value, items, characters, levels)
    if isinstance(value, list | tuple | set | frozenset):
        return _sequence(value, items, characters, levels)
    fields = fields_of(value)
    if fields is None or levels <= 0:
        return f"<{summary(value)}>"
    shown = [
        f"{name}={_hideable(name, each, items, characters, levels - 1)}"
        for name, each in islice(fields.items(), items)
    ]
    if len(fields) > items:
        shown.append(f"… {len(fields) - items:,} more")
    return f"{type(value).__name__}({', '.join(shown)})"


def scalar(value: object, characters: int) -> str | None:  # noqa: PLR0911 - one a kind
    """Return a value that holds no others, on one line; None if it is none."""
    if isinstance(value, Secret):
        return HIDDEN
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{enum.Enum.__dict__['name'].__get__(value)}"
    if isinstance(value, str):
        return _text(str.__str__(value), characters)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, bytes | bytearray):
        more = f" ({len(value):,} bytes)" if len(value) > characters else ""
        return f"{bytes(value[:characters])!r}{more}"
    if type(value) in _PLAIN or isinstance(value, _PLAIN):
        return cut_line(repr(value), max(characters, 40))
    if is_a(value, ("numpy", "generic"), ("pandas", "Timestamp"), ("pandas", "NAType")):
        return cut_line(str(value), max(characters, 40))
    return None


def fields_of(value: Any) -> dict[str, object] | None:  # noqa: ANN401 - any value
    """Return the fields of a dataclass, a model of pydantic or a plain object.

    None if it is nothing of the kind. No property is read.
    """
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        names = [each.name for each in dataclasses.fields(value)]
        return {name: getattr(value, name, None) for name in names}
    named: Any = getattr(type(value), "_fields", None)
    if isinstance(value, tuple) and isinstance(named, tuple):
        return dict(zip(named, tuple.__iter__(value), strict=False))
    if ("pydantic", "BaseModel") in kinds(value):
        return dict(vars(value))
    if is_a(value, ("types", "SimpleNamespace"), ("argparse", "Namespace")):
        return dict(vars(value))
    return None


def _hideable(
    name: object, value: object, items: int, characters: int, levels: int
) -> str:
    if isinstance(name, str) and looks_secret(name) and value is not None:
        return HIDDEN
    return compact(value, items, characters, levels)


def _dict(value: dict[Any, Any], items: int, characters: int, levels: int) -> str:
    count = dict.__len__(value)
    name = type(value).__name__
    if count and levels <= 0:
        return f"<{name} {count:,} keys>"
    # A pair that names a secret in one field and holds it in another.
    pair = any(names_a_secret(each) for each in _safe(dict.values(value), items))
    shown = []
    for key, each in _safe(dict.items(value), items):
        written = scalar(key, characters) or compact(key, items, characters, 1)
        hidden = pair and isinstance(each, str) and not names_a_secret(each)
        text = HIDDEN if hidden else _hideable(key, each, items, characters, levels - 1)
        shown.append(f"{written}: {text}")
    if count > len(shown):
        shown.append(f"… {count - len(shown):,} more keys")
    return f"{{{', '.join(shown)}}}"


def _sequence(value: Any, items: int, characters: int, levels: int) -> str:  # noqa: ANN401
    fields = fields_of(value)
    if fields is not None:
        name = type(value).__name__
        shown = [
            f"{key}={_hideable(key, each, items, characters, levels - 1)}"
            for key, each in islice(fields.items(), items)
        ]
        return f"{name}({', '.join(shown)})"
    base = next(
        each for each in (list, tuple, set, frozenset) if isinstance(value, each)
    )
    count = base.__len__(value)
    if count and levels <= 0:
        return f"<{type(value).__name__} {count:,} items>"
    first = _safe(base.__iter__(value), items)
    named = isinstance(value, list | tuple) and any(map(names_a_secret, first))
    shown = [
        HIDDEN
        if named and isinstance(each, str | bytes) and not names_a_secret(each)
        else compact(each, items, characters, levels - 1)
        for each in first
    ]
    if count > len(shown):
        shown.append(f"… {count - len(shown):,} more")
    text = ", ".join(shown)
    if isinstance(value, list):
        return f"[{text}]"
    if isinstance(value, tuple):
        return f"({text}{',' if count == 1 else ''})"
    return f"{{{text}}}" if count else f"{base.__name__}()"


def _safe(values: Iterable[Any], count: int) -> list[Any]:
    """Return the first items; those so far if another thread changes them."""
    found: list[Any] = []
    with contextlib.suppress(RuntimeError):
        found.extend(islice(values, count))
    return found


def names_a_secret(value: object) -> bool:
    """Whether a value is the name of a secret, as a table of settings has it."""
    return (
        isinstance(value, str)
        and "_" in value
        and value.isidentifier()
        and looks_secret(value)
    )


def _text(text: str, characters: int) -> str:
    quoted = json.dumps(cut_line(text, characters), ensure_ascii=False)
    return f"{quoted} ({len(text):,} characters)" if len(text) > characters else quoted


def _number(value: float) -> str:
    base = int if isinstance(value, int) else float
    if base is int and value.bit_length() > 4 * _LONGEST_NUMBER:  # type: ignore[attr-defined]
        return f"<int of {value.bit_length():,} bits>"  # type: ignore[attr-defined]
    return base.__repr__(value)
