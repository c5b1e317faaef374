"""Questions and their answers as a DataFrame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..chats.answer import Answer

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Row", "columns_of", "free_name"]

COLUMNS = {
    "prompt": "object",
    "model": "object",
    "repeat": "Int64",
    "text": "object",
    "error": "object",
    "finish_reason": "object",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "cost": "Float64",
    "first_token_s": "Float64",
    "total_s": "Float64",
    "tokens_per_s": "Float64",
}
"""The columns of every table of answers, and their types. Times are in seconds, `cost`
in US dollars."""

_TYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}


@dataclass(slots=True)
class Row:
    """One question and its result.

    `fields` are the values parsed by a schema, `scores` those of the scorers.
    """

    prompt: str
    model: str
    repeat: int = 0
    answer: Answer | None = None
    error: str = ""
    cached: bool = False
    source: Mapping[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)

    def cells(self) -> dict[str, Any]:
        """Returns the values by the names of `COLUMNS`; None if unknown."""
        answer = self.answer
        if answer is None:
            return {
                "prompt": self.prompt,
                "model": self.model,
                "repeat": self.repeat,
                "error": self.error or "Not asked.",
            }
        return {
            "prompt": self.prompt,
            "model": self.model,
            "repeat": self.repeat,
            "text": answer.text,
            "error": self.error or None,
            "finish_reason": answer.finish_reason,
            "input_tokens": answer.usage.input_tokens,
            "output_tokens": answer.usage.output_tokens,
            "cost": answer.cost,
            "first_token_s": answer.timing.first_token_s,
            "total_s": answer.timing.total_s,
            "tokens_per_s": answer.tokens_per_s,
        }


def columns_of(
    rows: Sequence[Row],
    schema: Mapping[str, Any] | None = None,
    *,
    cached: bool = False,
) -> dict[str, pd.Series[Any]]:
    """Returns the columns of these rows by name, each with its type."""
    import pandas as pd  # noqa: PLC0415 - heavy, and only needed here

    cells = [row.cells() for row in rows]
    columns = {
        name: pd.Series([each.get(name) for each in cells], dtype=kind)
        for name, kind in COLUMNS.items()
    }
    if cached:
        columns["cached"] = pd.Series([row.cached for row in rows], dtype="bool")
    for name, kind in _types(rows, schema or {}).items():
        columns[name] = pd.Series([row.fields.get(name) for row in rows], dtype=kind)
    for name in dict.fromkeys(name for row in rows for name in row.scores):
        columns[name] = pd.Series(
            [row.scores.get(name) for row in rows]
        ).convert_dtypes()
    return columns


def free_name(name: str, taken: Sequence[str]) -> str:
    """Returns the name with as many `answer_` before it as make it not taken."""
    while name in taken:
        name = f"answer_{name}"
    return name


def _types(rows: Sequence[Row], schema: Mapping[str, Any]) -> dict[str, str]:
    properties = schema.get("properties", {})
    names = [*properties, *(name for row in rows for name in row.fields)]
    return {
        name: _TYPES.get(str(properties.get(name, {}).get("type", "")), "object")
        for name in dict.fromkeys(names)
    }
