"""Texts, tables and notebooks as text for a model, none longer than a limit."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..surrogates import without_surrogates

__all__ = ["Extracted", "cut", "notebook_text", "table_text"]

_SNIFFED = 64 * 1024  # characters
_DELIMITERS = ",;\t|"
_OUTPUT = 2_000
"""Characters of one output of a cell; what is longer is rarely read by anybody."""

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")  # ECMA-48, 5.4
_FENCE = re.compile(r"^ {0,3}(`{3,})", re.MULTILINE)


class Extracted(NamedTuple):
    """Text of a document; `title` is its own, and `notes` what was left out."""

    text: str
    title: str = ""
    notes: tuple[str, ...] = ()


def cut(text: str, most: int) -> Extracted:
    """Return a text as far as its first `most` characters, at the end of a line."""
    if len(text) <= most:
        return Extracted(text)
    end = text.rfind("\n", most // 2, most)
    kept = text[: end if end > 0 else most]
    note = f"the first {len(kept):,} of {len(text):,} characters"
    return Extracted(kept, notes=(note,))


def table_text(text: str, most: int) -> Extracted:
    """Return a table as its size, its header and its rows, as they are in the file.

    A text that is no table is returned as it is.
    """
    try:
        dialect = csv.Sniffer().sniff(text[:_SNIFFED], _DELIMITERS)
    except csv.Error:
        # One column has no delimiter to find.
        dialect = csv.excel
    try:
        rows, columns, header = _measured(text, dialect)
    except csv.Error:
        return cut(text, most)
    if rows < 1:
        return cut(text, most)
    names = ", ".join(header)
    names = names if len(names) <= _OUTPUT else f"{names[:_OUTPUT]}…"
    size, how = f"{rows:,} rows and {columns:,} columns", _named(dialect.delimiter)
    head = f"Table of {size}, separated by {how}.\nHeader: {names}\n\n"
    kept = cut(text, most)
    notes = kept.notes
    if notes:
        shown = max(0, _measured(kept.text, dialect)[0])
        notes = (f"the first {shown:,} of {rows:,} rows",)
    return Extracted(head + kept.text, notes=notes)


def _measured(text: str, dialect: Any) -> tuple[int, int, list[str]]:  # noqa: ANN401
    """Return how many rows and columns a table has, and its first row."""
    header: list[str] = []
    rows = columns = 0
    for row in csv.reader(io.StringIO(text, newline=""), dialect):
        if not row:
            continue
        if not rows:
            header = row
        rows, columns = rows + 1, max(columns, len(row))
    return rows - 1, columns, header


def _named(delimiter: str) -> str:
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    return names.get(delimiter, repr(delimiter))


def notebook_text(text: str, most: int) -> Extracted:
    """Return a notebook's cells as Markdown, code with its outputs in text.

    Pictures are left out. An output is cut where it becomes long.
    """
    notebook = json.loads(text)
    language = _language(notebook.get("metadata"))
    cells = [cell for cell in notebook["cells"] if isinstance(cell, Mapping)]
    pieces: list[str] = []
    pictures = 0
    for cell in cells:
        source = _joined(cell.get("source"))
        if cell.get("cell_type") != "code":
            pieces.append(source)
            continue
        if source.strip():
            pieces.append(_fenced(source, language))
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else []:
            shown, has_picture = _output(output)
            pictures += has_picture
            if shown.strip():
                pieces.append("Output:\n" + _fenced(_short(shown), ""))
    whole = "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip())
    kept = cut(without_surrogates(whole), most)
    notes = kept.notes
    if pictures:
        left_out = "1 picture" if pictures == 1 else f"{pictures:,} pictures"
        notes = (*notes, f"without {left_out}")
    return Extracted(kept.text, _heading(cells), notes)


def _language(metadata: object) -> str:
    for name, key in (("language_info", "name"), ("kernelspec", "language")):
        found = metadata.get(name) if isinstance(metadata, Mapping) else None
        value = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(value, str) and value.isalnum():
            return value
    return "python"


def _heading(cells: list[Mapping[str, Any]]) -> str:
    """Return the notebook's first heading, "" if it has none."""
    for cell in cells:
        if cell.get("cell_type") == "markdown":
            found = re.search(r"^# +(.+)$", _joined(cell.get("source")), re.MULTILINE)
            return found[1].strip()[:200] if found else ""
    return ""


def _output(output: object) -> tuple[str, bool]:
    """Return the text of an output, and whether it also has a picture."""
    if not isinstance(output, Mapping):
        return "", False
    if output.get("output_type") == "stream":
        return _joined(output.get("text")), False
    if output.get("output_type") == "error":
        return f"{output.get('ename')}: {output.get('evalue')}", False
    data = output.get("data")
    if not isinstance(data, Mapping):
        return "", False
    has_picture = any(str(name).startswith("image/") for name in data)
    text = _joined(data.get("text/markdown") or data.get("text/plain"))
    # What a picture has as its text is `<Figure size 640x480>`.
    return ("" if has_picture else text), has_picture


def _joined(lines: object) -> str:
    if isinstance(lines, list):
        lines = "".join(each for each in lines if isinstance(each, str))
    return _ESCAPES.sub("", lines) if isinstance(lines, str) else ""


def _short(text: str) -> str:
    if len(text) <= _OUTPUT:
        return text
    return f"{text[:_OUTPUT]}\n… ({len(text) - _OUTPUT:,} more characters)"


def _fenced(code: str, language: str) -> str:
    longest = max(map(len, _fences(code)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code.strip(chr(10))}\n{fence}"


def _fences(code: str) -> Iterator[str]:
    return (match[1] for match in _FENCE.finditer(code))
