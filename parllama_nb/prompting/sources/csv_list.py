r"""Prompts as a table: CSV, or with tabs, semicolons or bars between the columns.

Columns: `name`, `description`, `tags` (with commas between them), `system`, `user`,
`variables` and `model`, in any order; the names that `records` knows are accepted too,
such as `act` and `prompt`. `variables` is a list of names with commas, each perhaps
with a default (`language=Python`), or JSON. Two columns are written if a prompt needs
them: `submit`, and `messages`, JSON for what is not one system prompt and one question.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

from ...errors import FieldError, UsageError
from ...surrogates import without_surrogates
from ..library.prompt import LONGEST_TEXT, Prompt
from ..library.variables import Variable
from .files import place, read_exact
from .json_list import read_json
from .reading import Parsed, Reading, read_files
from .records import TEXT_KEYS, as_record, key_of, record
from .source import Found, PromptSource, Report, SourceContext

__all__ = ["CSVSource"]

_COLUMNS = ("name", "description", "tags", "system", "user", "variables", "model")
_RARE_COLUMNS = ("submit", "messages")
_SUFFIXES = frozenset({".csv", ".tsv"})
# A default that stands in a cell without quotes of its own.
_PLAIN = re.compile(r"(?![\[{\s])[^,;=\n\r\0]*[^,;=\s\0]").fullmatch
_DELIMITERS = ",\t;|"
_HINT = "The first row names the columns, such as name and prompt."


class CSVSource(PromptSource):
    """A table of prompts, one a row."""

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "CSV"
    location: ClassVar[str] = "a CSV file whose first row names the columns"
    writes: ClassVar[bool] = True

    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        """See `PromptSource.read`."""
        del refresh

        return await read_files(
            lambda: place(location, self.location),
            _read,
            report,
            context,
            suffixes=_SUFFIXES,
            expected=self.location,
        )

    def write(self, prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
        """See `PromptSource.write`. One file in UTF-8 with its mark, for Excel."""
        rows = [_row(prompt) for prompt in prompts]
        used = [key for key in _RARE_COLUMNS if any(row[key] for row in rows)]
        table = io.StringIO(newline="")
        # All cells between quotes, since readers trim others.
        writer = csv.writer(table, quoting=csv.QUOTE_ALL)
        writer.writerow([*_COLUMNS, *used])
        for row in rows:
            writer.writerow([row[key] for key in (*_COLUMNS, *used)])
        return {"prompts.csv": table.getvalue().encode("utf-8-sig")}


def _row(prompt: Prompt) -> dict[str, str]:
    """Return the cells of a prompt.

    Raises:
        UsageError: it has a zero character, which no table can hold.

    """
    texts = {message.role: message.text for message in prompt.messages}
    roles = [message.role for message in prompt.messages]
    row = {
        "name": prompt.name,
        "description": prompt.description,
        "tags": ", ".join(prompt.tags),
        "system": texts.get("system", ""),
        "user": texts.get("user", ""),
        "variables": _variables_cell(prompt.variables),
        "model": prompt.model,
        "submit": "true" if prompt.submit else "",
        "messages": "",
    }
    simple = roles in (["system"], ["user"], ["system", "user"])
    if not simple or "\0" in row["system"] + row["user"]:
        row["messages"] = json.dumps(as_record(prompt)["messages"], ensure_ascii=False)
        row["system"] = row["user"] = ""
    for key, cell in row.items():
        if "\0" in cell:
            message = f"The {key} of {prompt.name} has a zero character."
            raise UsageError(message, hint="Export it as JSON.")
    return {key: without_surrogates(cell) for key, cell in row.items()}


def _variables_cell(declared: Sequence[Variable]) -> str:
    cells = []
    for variable in declared:
        default = variable.default
        if variable.description or (default is not None and not _PLAIN(default)):
            return json.dumps([asdict(each) for each in declared], ensure_ascii=False)
        cells.append(variable.name + ("" if default is None else f"={default}"))
    return ", ".join(cells)


def _read(path: Path, name: str, reading: Reading) -> None:
    shown = name or path.name
    try:
        text = read_exact(path)
        header, rows = _table(text)
    except UsageError as error:
        reading.problem(shown, error.message)
        return
    for where, row in reading.each(rows):

        def parse(row: list[str] | str = row, where: str = where) -> Parsed:
            if isinstance(row, str):
                raise UsageError(row, hint=_HINT)
            name = f"{path.stem} {where.removeprefix('row ')}"
            return _parsed(header, row, name)

        reading.attempt(f"{shown}, {where}", parse)


_Rows = list[tuple[str, list[str] | str]]


def _table(text: str) -> tuple[list[str], _Rows]:
    """Return the names of the columns, and each row, or why it cannot be read.

    Raises:
        UsageError: the first row does not name a column that holds a prompt.

    """
    # Its default would refuse a long prompt; the limit is of the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), 2 * LONGEST_TEXT))
    delimiter, text = _delimiter(text)
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    rows: _Rows = []
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            what = f"This is not CSV ({error}), line {reader.line_num:,}."
            rows.append((f"row {number:,}", what))
            continue
        if any(cell.strip() for cell in row):
            rows.append((f"row {number:,}", row))
    first = rows[0][1] if rows else []
    header = [] if isinstance(first, str) else [key_of(name) for name in first]
    if not TEXT_KEYS & set(header):
        message = "The first row names no column that holds a prompt."
        raise UsageError(message, hint=_HINT)
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        message = f"Two columns have the name {twice!r:.60}."
        raise UsageError(message, hint="Rename one of them.")
    return header, rows[1:]


def _delimiter(text: str) -> tuple[str, str]:
    """Return what is between the columns, and the table without a line that says so."""
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r"sep=(.)\r?", first)
    if named:
        return named[1], rest
    known = {*_COLUMNS, *_RARE_COLUMNS, *TEXT_KEYS, "act", "title"}

    def columns(delimiter: str) -> int:
        cells = first.split(delimiter)
        return sum(key_of(cell.strip().strip('"')) in known for cell in cells)

    return max(_DELIMITERS, key=columns), text


def _parsed(header: list[str], row: list[str], name: str) -> Parsed:
    if any(cell.strip() for cell in row[len(header) :]):
        message = f"It has {len(row):,} cells, and the first row {len(header):,}."
        raise UsageError(message, hint="Put texts with commas between quotes.")
    values: dict[object, object] = dict(zip(header, row, strict=False))
    for key in ("messages", "variables"):
        cell = values.get(key)
        if isinstance(cell, str) and cell.lstrip().startswith(("[", "{")):
            try:
                values[key] = read_json(cell)
            except UsageError as error:
                raise FieldError(error.message, hint=error.hint, field=key) from None
    return record(values, name)
