"""In which part of a notebook a secret stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .finder import Finder, Match
from .hits import Kind

__all__ = ["places"]

# Matches in one part of a notebook, of which one for each secret and form is reported.
_MOST = 1_000


def places(content: bytes, finder: Finder) -> list[tuple[Kind, str, Match]]:
    """Return where in a notebook each secret stands; nothing if it is none."""
    found: dict[tuple[str, tuple[str, ...], str], tuple[Kind, str, Match]] = {}
    try:
        for kind, where, part in _parts(json.loads(content)):
            texts = "\0".join(_texts(part)).encode(errors="surrogatepass")
            for match in finder.first(texts, _MOST):
                key = where, match.names, match.form
                found.setdefault(key, (kind, where, match))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return []
    return list(found.values())


def _parts(notebook: Mapping[str, Any]) -> Iterator[tuple[Kind, str, object]]:
    """Yield the parts of a notebook, each with its kind and name."""
    for number, cell in enumerate(notebook["cells"], 1):
        count = cell.get("execution_count")
        name = f"cell {number}"
        if isinstance(count, int):
            name += f" [{count}]"
        yield "input", name, cell.get("source")
        outputs = cell.get("outputs", ())
        for place, output in enumerate(outputs, 1):
            which = "output" if len(outputs) == 1 else f"output {place}"
            yield "output", f"{name}, {which}", output
        named = {"source", "outputs", "execution_count"}
        rest = {key: value for key, value in cell.items() if key not in named}
        yield "metadata", f"{name}, metadata", rest
    metadata = notebook.get("metadata", {})
    yield "widgets", "saved widgets", metadata.get("widgets")
    rest = {key: value for key, value in metadata.items() if key != "widgets"}
    yield "metadata", "metadata of the notebook", rest


def _texts(part: object) -> Iterator[str]:
    """Yield all texts of a part; a list of texts, as the lines of a cell, is one."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        if all(isinstance(each, str) for each in part):
            yield "".join(part)
        else:
            for each in part:
                yield from _texts(each)
    elif isinstance(part, dict):
        for key, each in part.items():
            yield key
            yield from _texts(each)
