"""Values of a notebook as text for a model, cut to a useful length.

pandas and numpy are not imported here, because whoever has a frame has imported them.
"""

from __future__ import annotations

import csv
import io
import json
import reprlib
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["describe", "shorten"]

_LONGEST = 20_000  # characters of a value
_SAMPLE = 4_000  # characters of a frame or an array
_CELL = 80
_ROWS = 20
_COLUMNS = 60
_LINE = 100  # characters of a list that stays on one line
_SCALARS = (str, int, float, bool, type(None))


def describe(value: object) -> str:  # noqa: PLR0911 - one a kind
    """Return a value as text: a string unchanged, everything else cut if it is long."""
    if isinstance(value, str):
        return str(value)
    kinds = {(_package(cls), cls.__name__) for cls in type(value).__mro__}
    if ("pandas", "DataFrame") in kinds:
        return _frame(value)
    if ("pandas", "Series") in kinds:
        return _series(value)
    if ("numpy", "ndarray") in kinds:
        return _array(value)
    if ("numpy", "generic") in kinds:
        return str(value)
    if isinstance(value, (dict, list)):
        return _nested(value)
    if isinstance(value, (tuple, set, frozenset, bytes, bytearray)):
        return shorten(_bounded_repr(value))
    if isinstance(value, BaseException):
        return shorten(f"{type(value).__name__}: {value}")
    return shorten(str(value))


def shorten(
    text: str, limit: int = _LONGEST, *, keep: Literal["start", "end"] = "start"
) -> str:
    """Return at most `limit` characters of a text; a line says if it was cut."""
    if len(text) <= limit:
        return text
    if keep == "end":
        return f"[cut: the last {limit:,} of {len(text):,} characters]\n{text[-limit:]}"
    return f"{text[:limit]}\n[cut: the first {limit:,} of {len(text):,} characters]"


def _package(cls: type) -> str:
    """Return the package of a class, "" if it does not say."""
    module = getattr(cls, "__module__", None)
    return module.partition(".")[0] if isinstance(module, str) else ""


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


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else None
    if text is None:
        nested = isinstance(value, (dict, list, tuple, set, frozenset, bytes))
        text = reprlib.repr(value) if nested else str(value)
    return text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"


def _csv(rows: Iterable[Iterable[object]], limit: int) -> tuple[str, int]:
    """Return as many rows as fit, as CSV, and their number."""
    text, count = "", 0
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow([_cell(cell) for cell in row])
        if len(text) + len(line.getvalue()) > limit:
            break
        text += line.getvalue()
        count += 1
    return text.rstrip("\n"), count


def _frame(frame: Any) -> str:  # noqa: ANN401 - not imported here
    """Return a frame's shape, its columns with their types, and its first rows."""
    height, width = frame.shape
    shown = frame.iloc[:_ROWS, :_COLUMNS]
    columns = [
        f"{_cell(name)} ({_cell(dtype)})"
        for name, dtype in zip(shown.columns, shown.dtypes, strict=True)
    ]
    more = f", and {width - _COLUMNS:,} more" if width > _COLUMNS else ""
    schema = shorten(f"Columns: {', '.join(columns)}{more}", _SAMPLE // 2)
    head = f"DataFrame, {height:,} rows x {width:,} columns\n{schema}"
    indexed = type(frame.index).__name__ != "RangeIndex"
    names = ["index", *shown.columns] if indexed else list(shown.columns)
    rows = shown.itertuples(index=indexed, name=None)
    text, count = _csv([names, *rows], _SAMPLE - len(head))
    if count < 2:  # noqa: PLR2004 - the names and one row
        return head
    return f"{head}\nFirst {count - 1:,} rows as CSV:\n{text}"


def _series(series: Any) -> str:  # noqa: ANN401 - not imported here
    """Return a series' length and type, and its first values."""
    name = f" {_cell(series.name)}" if series.name is not None else ""
    head = f"Series{name}, {len(series):,} values, {_cell(series.dtype)}"
    shown = series.iloc[:_ROWS]
    indexed = type(series.index).__name__ != "RangeIndex"
    rows = shown.items() if indexed else ((value,) for value in shown)
    text, count = _csv(rows, _SAMPLE - len(head))
    return f"{head}\nFirst {count:,} values as CSV:\n{text}" if count else head


def _array(array: Any) -> str:  # noqa: ANN401 - not imported here
    """Return an array's shape and type, and a few of its values."""
    head = f"{type(array).__name__}, shape {array.shape}, dtype {array.dtype}"
    numpy = sys.modules["numpy"]
    # An array of objects could hold anything, so only its first ones are converted.
    values = array.ravel()[:_ROWS] if array.dtype == object else array
    if values is not array:
        text = ", ".join(_cell(value) for value in values.tolist())
    else:
        text = numpy.array2string(array, threshold=200, edgeitems=4)
    return f"{head}\n{shorten(text, _SAMPLE - len(head))}"
