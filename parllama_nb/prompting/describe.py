"""Values of a notebook as text for a cell's `{{name}}`, cut to a useful length.

Who names a value in a cell wants much of it: a string is whole, JSON long, and all else
is described as in `describing`, with a larger budget.
"""

from __future__ import annotations

import json
import reprlib
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from ..secret import Secret
from .describing.describer import text_of
from .describing.kinds import is_a
from .secret_names import HIDDEN, looks_secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["describe", "shorten"]

_LONGEST = 20_000  # characters of a value
_SAMPLE = 4_000  # characters of a frame or an array
_TOKENS = 5_000
_SAMPLE_TOKENS = 1_000
_LINE = 100  # characters of a list that stays on one line
_DEPTH = 20
_SCALARS = (str, int, float, bool, type(None))

_SAMPLED = (
    ("pandas", "DataFrame"),
    ("pandas", "Series"),
    ("pandas", "Index"),
    ("polars", "DataFrame"),
    ("numpy", "ndarray"),
)
_TYPED = ("function", "method", "builtin_function_or_method", "module", "partial")


def describe(value: object) -> str:
    """Return a value as text: a string unchanged, everything else cut if it is long."""
    if isinstance(value, str):
        return str(value)
    if is_a(value, *_SAMPLED):
        return shorten(text_of(value, _SAMPLE_TOKENS), _SAMPLE)
    if isinstance(value, (dict, list)):
        return without_secrets(_nested(_visible(value)))
    if isinstance(value, (tuple, set, frozenset, bytes, bytearray)):
        return without_secrets(shorten(_bounded_repr(_visible(value))))
    if isinstance(value, (BaseException, type)) or type(value).__name__ in _TYPED:
        return shorten(text_of(value, _TOKENS))
    return shorten(without_secrets(str(value)))


def shorten(
    text: str, limit: int = _LONGEST, *, keep: Literal["start", "end"] = "start"
) -> str:
    """Return at most `limit` characters of a text; a line says if it was cut."""
    if len(text) <= limit:
        return text
    if keep == "end":
        return f"[cut: the last {limit:,} of {len(text):,} characters]\n{text[-limit:]}"
    return f"{text[:limit]}\n[cut: the first {limit:,} of {len(text):,} characters]"


def _visible(value: Any, depth: int = _DEPTH) -> Any:  # noqa: ANN401 - any value
    """Return a container with `[hidden]` for what is named like a secret.

    It is the container itself if nothing has to be hidden.
    """
    if depth == 0:
        return value
    if isinstance(value, dict):
        shown = {key: _shown(key, each, depth) for key, each in _first(value.items())}
        return shown if _differ(shown.values(), value.values()) else value
    if type(value) in {list, tuple}:
        items = [_visible(each, depth - 1) for each in _first(value)]
        return type(value)(items) if _differ(items, value) else value
    return value


def _shown(key: object, value: object, depth: int) -> object:
    if isinstance(key, str) and looks_secret(key) and value is not None:
        # A `Secret` shows its name by itself.
        return value if isinstance(value, Secret) else HIDDEN
    return _visible(value, depth - 1)


def _first(values: Iterable[Any]) -> Iterator[Any]:
    return islice(values, _LONGEST)


def _differ(some: Iterable[object], others: Iterable[object]) -> bool:
    return any(one is not other for one, other in zip(some, others, strict=False))


def _bounded_repr(value: object) -> str:
    """Return the repr of a container or of bytes, without building all of it."""
    if isinstance(value, (bytes, bytearray)):
        head = repr(bytes(value[:_LONGEST]))
        more = len(value) - _LONGEST
        return f"{head} [cut: {more:,} more bytes]" if more > 0 else head
    brief = reprlib.Repr()
    brief.maxlevel = 20
    brief.maxdict = brief.maxlist = brief.maxtuple = brief.maxset = 1_000
    brief.maxfrozenset = brief.maxdeque = brief.maxarray = 1_000
    brief.maxstring = brief.maxother = brief.maxlong = _LONGEST
    return brief.repr(value)


def _nested(value: dict[Any, Any] | list[Any]) -> str:
    """Return a list or a dict as JSON, which models read best, else as its repr."""
    if not _is_json(value):
        return shorten(_bounded_repr(value))
    flat = isinstance(value, list) and all(
        isinstance(item, _SCALARS) for item in islice(value, _LONGEST)
    )
    text, whole = _join(_pieces(value, indent=None), _LONGEST if flat else _LINE)
    if not whole and not flat:
        text, whole = _join(_pieces(value, indent=2), _LONGEST)
    if whole:
        return text
    return f"{text}\n[cut: the first {_LONGEST:,} characters of {len(value):,} items]"


def _is_json(value: object, depth: int = 20, budget: list[int] | None = None) -> bool:
    """Whether JSON keeps a value unchanged; checks no more items than are shown."""
    budget = [_LONGEST] if budget is None else budget
    budget[0] -= 1
    if budget[0] < 0 or type(value) in _SCALARS:
        return True
    if depth == 0:
        return False
    items: Iterable[object]
    if type(value) is dict:
        if not all(type(key) is str for key in islice(value, _LONGEST)):
            return False
        items = value.values()
    elif type(value) in {list, tuple}:
        items = value  # type: ignore[assignment]
    else:
        return False
    return all(_is_json(item, depth - 1, budget) for item in islice(items, _LONGEST))


def _pieces(value: object, *, indent: int | None) -> Iterator[str]:
    encoder = json.JSONEncoder(ensure_ascii=False, indent=indent, default=str)
    return encoder.iterencode(value)


def _join(pieces: Iterator[str], limit: int) -> tuple[str, bool]:
    """Return the text of as many pieces as fit, and whether that is all of them."""
    parts: list[str] = []
    length = 0
    for piece in pieces:
        parts.append(piece[: limit + 1])
        length += len(parts[-1])
        if length > limit:
            return "".join(parts)[:limit], False
    return "".join(parts), True
