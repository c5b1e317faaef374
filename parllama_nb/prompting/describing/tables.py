"""Frames of pandas and polars: schema, nulls, ranges and the first rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...providers.token_estimate import text_tokens
from ..secret_names import looks_secret
from .budget import fitting
from .nested import names_a_secret
from .samples import (
    PRECISE,
    ROWS,
    count_of,
    csv_lines,
    examples,
    facts_of,
    name_of,
    nulls,
    step_of,
    value_range,
)
from .series import index_facts

__all__ = ["frame_text", "polars_text"]

_DETAILED = 60
_NAMED = 300
_DIGITS = 19
_LEAST_CELL = 1.5  # tokens
_CHECKED = 200  # rows, for names of secrets in them
_MORE = 8  # tokens of how many are left out


@dataclass(frozen=True, slots=True)
class _Table:
    """A frame of whatever library: what is shown of it, read when it is."""

    title: str
    height: int
    names: Sequence[object]
    dtypes: Sequence[str]
    facts: Callable[[int], Sequence[str]]
    """What there is to say of a column, by its number."""
    nulls: Callable[[], Sequence[int]]
    """How many values are missing in each column of which the facts are known."""
    rows: Callable[[int, int], Iterable[Sequence[object]]]
    """The first rows of the first columns, by their numbers."""
    labels: str = ""
    """The name of the labels that begin each row; "" if rows have none."""
    sampled: int = 0
    """Rows that the facts of a column are taken from; 0 for all of them."""


def frame_text(frame: Any, tokens: int) -> str:  # noqa: ANN401 - not imported here
    """Return a pandas frame's shape, columns with nulls and ranges, and first rows."""
    height, width = frame.shape
    step = step_of(height, width)
    sample = frame.iloc[::step, :_DETAILED] if step > 1 else frame
    dtypes = [str(dtype) for dtype in frame.dtypes.iloc[:_NAMED]]
    counting = type(frame.index).__name__ == "RangeIndex"
    names = list(frame.columns[:_NAMED])

    shown = not _has_settings(
        sample.iloc[:_CHECKED, number]
        for number, dtype in enumerate(dtypes[:_DETAILED])
        if dtype.startswith(("object", "str", "category"))
    )

    def facts(number: int) -> Sequence[str]:
        return facts_of(sample.iloc[:, number], sampled=step > 1, shown=shown)

    def missing() -> Sequence[int]:
        return [int(count) for count in sample.isna().sum()]

    def rows(count: int, columns: int) -> Iterable[Sequence[object]]:
        first = frame.iloc[:count, :columns]
        return list(first.itertuples(index=not counting, name=None))

    title = f"DataFrame, {_size(height, width)}"
    if not counting:
        title += f"\nIndex: {index_facts(frame.index, step)}"
    label = "" if counting else "index"
    sampled = len(sample) if step > 1 else 0
    table = _Table(title, height, names, dtypes, facts, missing, rows, label, sampled)
    return _table_text(table, width, tokens)


def polars_text(frame: Any, tokens: int) -> str:  # noqa: ANN401 - not imported here
    """Return the same of a polars frame."""
    height, width = frame.shape
    step = step_of(height, width)
    sample = frame.gather_every(step) if step > 1 else frame
    names = list(frame.columns[:_NAMED])
    dtypes = [str(dtype) for dtype in frame.dtypes[:_NAMED]]

    shown = not _has_settings(
        sample.to_series(number).head(_CHECKED).to_list()
        for number, dtype in enumerate(dtypes[:_DETAILED])
        if dtype in {"String", "Object", "Categorical"}
    )

    def facts(number: int) -> Sequence[str]:
        values = sample.to_series(number)
        found = nulls(int(values.null_count()), len(values), sampled=step > 1)
        if values.dtype.is_numeric() or values.dtype.is_temporal():
            return found + value_range(values.min(), values.max())
        return found + examples(values.head(50).to_list() if shown else ())

    def missing() -> Sequence[int]:
        return sample.null_count().row(0)  # type: ignore[no-any-return]

    def rows(count: int, columns: int) -> Iterable[Sequence[object]]:
        return list(frame[:, :columns].head(count).iter_rows())

    title = f"polars DataFrame, {_size(height, width)}"
    sampled = len(sample) if step > 1 else 0
    table = _Table(title, height, names, dtypes, facts, missing, rows, "", sampled)
    return _table_text(table, width, tokens)


def _size(height: int, width: int) -> str:
    return f"{count_of(height, 'row')} x {count_of(width, 'column')}"


def _table_text(table: _Table, width: int, tokens: int) -> str:
    left = tokens - text_tokens(table.title) - 12
    parts = [table.title]
    if width and table.height >= 0:
        columns = _columns(table, width, int(left * 0.62))
        left -= text_tokens(columns)
        parts += [columns, *_sample(table, width, left)]
    return "\n".join(filter(None, parts))


def _columns(table: _Table, width: int, tokens: int) -> str:
    """Return the columns with their facts; many of them only by their types."""
    title = "Columns:"
    if table.sampled:
        title = f"Columns (nulls and ranges of {table.sampled:,} rows spread evenly):"
    tokens -= text_tokens(title)
    detailed = list(fitting(_details(table), tokens))
    if len(detailed) == width:
        return "\n".join([title, *detailed])
    # Every name matters more than the range of some.
    names = _by_type(table, width, int(tokens * 0.6))
    listed = "\n".join(
        [f"Columns by type: {names}", *_null_columns(table, tokens // 5)]
    )
    detailed = list(fitting(_details(table), tokens - text_tokens(listed) - 4))
    if not detailed:
        return listed
    first = f"The first {len(detailed):,}" if len(detailed) > 1 else "The first"
    about = f" ({table.sampled:,} rows spread evenly)" if table.sampled else ""
    return "\n".join([listed, f"{first}{about}:", *detailed])


def _details(table: _Table) -> Iterator[str]:
    for number in range(min(len(table.names), _DETAILED)):
        name = table.names[number]
        facts = ["hidden"] if looks_secret(str(name)) else table.facts(number)
        yield ", ".join([f"{name_of(name)} {table.dtypes[number]}", *facts])


def _null_columns(table: _Table, tokens: int) -> list[str]:
    """Return a line with the columns that have nulls, and their share; none without."""
    size = table.sampled or table.height
    found = [
        f"{name_of(name)} {max(count / size, 0.01):.0%}, "
        for name, count in zip(table.names, table.nulls(), strict=False)
        if count
    ]
    if not found:
        return []
    shown = list(fitting(found, tokens - _MORE))
    more = f" … {len(found) - len(shown):,} more" if len(shown) < len(found) else ""
    return [f"With nulls: {''.join(shown).rstrip(', ')}{more}"]


def _by_type(table: _Table, width: int, tokens: int) -> str:
    """Return as many names of columns as fit, in groups of one type."""
    pieces: list[str] = []
    previous = ""
    shown = 0
    # By types, in the order in which the first of each comes.
    order = {dtype: number for number, dtype in reversed([*enumerate(table.dtypes)])}
    for names, dtype in sorted(_runs(table), key=lambda run: order[run[1]]):
        quoted = [name_of(name) for name in names]
        # A run of numbered names is said by its ends.
        written = f"{quoted[0]} to {quoted[-1]}" if len(names) > 1 else quoted[0]
        piece = f", {written}" if dtype == previous else f"; {dtype}: {written}"
        tokens -= text_tokens(piece)
        if tokens < _MORE:
            break
        pieces.append(piece)
        shown += len(names)
        previous = dtype
    more = width - shown
    text = "".join(pieces).removeprefix("; ")
    return f"{text} … {more:,} more" if more else text


def _runs(table: _Table) -> Iterator[tuple[list[str], str]]:
    """Give the names of columns with their type; those numbered on are together."""
    run: list[str] = []
    last: tuple[str, str, int] | None = None
    for each, dtype in zip(table.names, table.dtypes, strict=False):
        name = str(each)
        stem = name.rstrip("0123456789")
        digits = name[len(stem) :]
        number = int(digits) if digits and len(digits) < _DIGITS else -1
        if last is not None and number >= 0 and last == (dtype, stem, number - 1):
            run.append(name)
        else:
            if last is not None:
                yield from _grouped(run, last[0])
            run = [name]
        last = (dtype, stem, number)
    if last is not None:
        yield from _grouped(run, last[0])


def _grouped(run: list[str], dtype: str) -> list[tuple[list[str], str]]:
    if len(run) > 2:  # noqa: PLR2004 - two are said as they are
        return [(run, dtype)]
    return [([name], dtype) for name in run]


def _sample(table: _Table, width: int, tokens: int) -> list[str]:
    """Return the first rows as CSV, with a line that says so; none if nothing fits."""
    shown = min(width, len(table.names), _DETAILED)
    precise = tokens >= PRECISE // 2
    tokens -= 14
    wanted = min(3, table.height)
    # A digit and a comma take more than this, so wider rows need not be tried.
    shown = min(shown, max(1, int(tokens / (_LEAST_CELL * (wanted + 1)))))
    rows: list[str] = []
    while shown and table.height:
        names = (
            [table.labels, *table.names[:shown]]
            if table.labels
            else [*table.names[:shown]]
        )
        hidden = [looks_secret(str(name)) for name in names]
        values = table.rows(ROWS, shown)
        lines = csv_lines([names], precise=True)
        body = csv_lines(values, precise=precise, hidden=hidden)
        rows = list(fitting([*lines, *body], tokens))
        if len(rows) > wanted:
            break
        smaller = int(shown * 0.8) if rows else shown // 2
        shown = min(smaller, shown - 1)
    if len(rows) <= 1:
        return []
    count = len(rows) - 1
    of = f" of the first {shown:,} columns" if shown < width else ""
    return [f"First {count_of(count, 'row')}{of} as CSV:", *rows]


def _has_settings(columns: Iterable[Iterable[object]]) -> bool:
    """Whether some rows name secrets, which other columns then hold."""
    return any(names_a_secret(value) for values in columns for value in values)
