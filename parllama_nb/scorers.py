"""Scorers: functions that grade answers, each as a column of the table.

A scorer has a `name`, the name of its column, and returns a value for every answer;
rows without an answer have none. `pl.compare` and `pl.map` take any such object.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from .errors import UsageError

__all__ = [
    "Judge",
    "Scorer",
    "check",
    "exact",
    "json_valid",
    "judge",
    "regex",
    "similarity",
]

# Characters of each text that `similarity` compares: its time grows with their product.
_COMPARED = 5_000


@runtime_checkable
class Scorer(Protocol):
    """What `scorers=` takes."""

    @property
    def name(self) -> str:
        """The name of its column."""

    def __call__(self, text: str, row: Mapping[str, Any]) -> object:
        """Returns the score; `row` is the answer's row of the frame, or empty."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A scorer made of a function, and the column that it compares with."""

    name: str
    score: Callable[[str, Mapping[str, Any]], object] = field(repr=False)
    column: str | None = None

    def __call__(self, text: str, row: Mapping[str, Any]) -> object:
        return self.score(text, row)


@dataclass(frozen=True, slots=True)
class Judge:
    """A model that grades. Made by `judge`; `pl.compare` and `pl.map` ask it."""

    name: str
    model: str
    criterion: str
    lowest: int = 1
    highest: int = 5

    def prompt(self, question: str, text: str) -> str:
        """Returns the prompt that asks the judge about one answer."""
        return (
            f"Grade an answer from {self.lowest} (worst) to {self.highest} (best).\n"
            f"Criterion: {self.criterion}\n\n"
            f"<question>\n{question}\n</question>\n\n<answer>\n{text}\n</answer>\n\n"
            f"Reply with the grade alone, one whole number."
        )

    def grade(self, reply: str) -> int | None:
        """Returns the grade in a reply; None if it holds no number within the scale."""
        for number in map(int, re.findall(r"-?\d+", reply)):
            if self.lowest <= number <= self.highest:
                return number
        return None


def exact(
    column: str | None = None, *, value: str | None = None, name: str = "exact"
) -> Scorer:
    """Whether the answer equals a text; case and outer white space do not count.

    Args:
        column: the column of the frame that holds the text, or
        value: the text itself.
        name: the name of the column of scores.

    """
    expected = _expected(column, value)

    def score(text: str, row: Mapping[str, Any]) -> bool:
        return text.strip().casefold() == expected(row).strip().casefold()

    return _Rule(name, score, column)


def regex(pattern: str, *, name: str = "regex") -> Scorer:
    """Whether a regular expression matches anywhere in the answer.

    Raises:
        UsageError: the pattern is not a regular expression.

    """
    problem = ""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        problem = str(error)
    if problem:
        message = f"{pattern!r} is not a regular expression: {problem}."
        raise UsageError(message)
    return _Rule(name, lambda text, _row: compiled.search(text) is not None)


def json_valid(*, name: str = "json_valid") -> Scorer:
    """Whether the whole answer is JSON, with nothing around it."""

    def score(text: str, _row: Mapping[str, Any]) -> bool:
        try:
            json.loads(text)
        except ValueError:
            return False
        return True

    return _Rule(name, score)


def similarity(
    column: str | None = None, *, value: str | None = None, name: str = "similarity"
) -> Scorer:
    """How similar the answer is to a text, from 0 to 1 (`difflib`'s ratio).

    Args:
        column: the column of the frame that holds the text, or
        value: the text itself.
        name: the name of the column of scores.

    """
    expected = _expected(column, value)

    def score(text: str, row: Mapping[str, Any]) -> float:
        one, other = text[:_COMPARED], expected(row)[:_COMPARED]
        matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
        return round(matcher.ratio(), 4)

    return _Rule(name, score, column)


def judge(
    model: str,
    criterion: str,
    *,
    scale: tuple[int, int] = (1, 5),
    name: str = "judge",
) -> Judge:
    """Have a model grade by a criterion: one more request, with its cost, per answer.

    Args:
        model: the model that grades, `provider/model`.
        criterion: what a good answer is, in words.
        scale: the lowest and the highest grade.
        name: the name of the column of scores.

    """
    return Judge(name, model, criterion, *scale)


def check(scorers: object, columns: Sequence[str]) -> None:
    """Check scorers before anything is paid for.

    Raises:
        UsageError: this is no list, one is not a scorer, two have the same name, or
            one compares with a column that does not exist.

    """
    names: set[str] = set()
    if not isinstance(scorers, Iterable):
        message = f"scorers= is a {type(scorers).__name__}, not a list."
        raise UsageError(message, hint="Put it in brackets: scorers=[...].")
    for scorer in scorers:
        if not isinstance(scorer, Judge | Scorer):
            message = f"{scorer!r:.60} is not a scorer."
            raise UsageError(message, hint="See parllama_nb.scorers for some.")
        if scorer.name in names:
            message = f"Two scorers are called {scorer.name!r}."
            raise UsageError(message, hint="Give one of them another name=.")
        names.add(scorer.name)
        column = getattr(scorer, "column", None)
        if column is not None and column not in columns:
            message = f"There is no column {column!r} to compare with."
            shown = ", ".join(columns)
            raise UsageError(message, hint=f"Available: {shown}." if shown else None)


def _expected(
    column: str | None, value: str | None
) -> Callable[[Mapping[str, Any]], str]:
    if value is not None and column is None:
        return lambda _row: value
    if column is not None and value is None:
        return lambda row: str(row[column])
    message = "Name the column that holds the expected text, or give value=."
    raise UsageError(message)
