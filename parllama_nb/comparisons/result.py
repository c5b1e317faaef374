"""The answers of several models to one question, as a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..batches.table import Row, columns_of
from ..chats.answer import Answer, dollars
from ..errors import ParllamaError, ProviderError, StoppedError
from ..markdown.sanitize import escape, sanitize

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ComparisonResult"]


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """The answers of several models to one question. Shows as Markdown in a notebook.

    `answers` are in the order of the columns; each holds its own error. `stopped`:
    whether the user stopped the whole comparison. `notes` are remarks for the reader.
    """

    prompt: str
    answers: tuple[Answer, ...]
    stopped: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.answers)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)

    def __getitem__(self, which: int | str) -> Answer:
        """Return an answer by its index or by its column's name.

        Raises:
            IndexError: there is no such column.
            KeyError: no column has this name (see `names`).

        """
        if isinstance(which, int):
            return self.answers[which]
        return dict(zip(self.names, self.answers, strict=True))[which]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names: the model's, with a number from the second one on."""
        seen: Counter[str] = Counter()
        names = []
        for answer in self.answers:
            seen[answer.model] += 1
            again = seen[answer.model]
            names.append(answer.model if again == 1 else f"{answer.model} ({again})")
        return tuple(names)

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the columns that have an error."""
        pairs = zip(self.names, self.answers, strict=True)
        return tuple(name for name, answer in pairs if answer.error is not None)

    @property
    def error(self) -> ParllamaError | None:
        """The error of the whole; None if at least one answer is complete.

        If all failed for the same reason, it is that one.
        """
        stopped = StoppedError("Stopped.", hint="The text so far is kept.")
        if self.stopped:
            return stopped
        errors = [each.error for each in self.answers if each.error is not None]
        if len(errors) < len(self.answers):
            good = any(
                each.error is None and each.finish_reason != "cancelled"
                for each in self.answers
            )
            return None if good else stopped
        if len({str(error) for error in errors}) <= 1:
            return next(iter(errors), None)
        message = f"None of {len(errors)} models answered."
        return ProviderError(message, hint="The error of each is above.")

    def frame(self) -> pd.DataFrame:
        """Return the answers as a table with a row per model.

        Its columns are those of `pl.compare`; times are in seconds, cost is in US
        dollars.
        """
        import pandas as pd  # noqa: PLC0415 - heavy, and only needed here

        seen: Counter[str] = Counter()
        rows = []
        for answer in self.answers:
            error = "" if answer.error is None else str(answer.error)
            repeat = seen[answer.model]
            rows.append(Row(self.prompt, answer.model, repeat, answer, error))
            seen[answer.model] += 1
        return pd.DataFrame(columns_of(rows))

    @property
    def footer(self) -> str:
        """One line: how many answered, which failed, the longest time, cost, notes."""
        failed = self.failed
        stopped = sum(each.finish_reason == "cancelled" for each in self.answers)
        good = len(self.answers) - len(failed) - stopped
        facts = [f"{good} of {len(self.answers)} answered"]
        if failed:
            facts.append(f"failed: {', '.join(failed)}")
        if stopped:
            facts.append(f"stopped: {stopped}")
        if self.answers:
            facts.append(f"{max(each.timing.total_s for each in self.answers):.1f} s")
        costs = [each.cost for each in self.answers if each.cost is not None]
        if costs:
            facts.append(dollars(sum(costs)))
        each = (note for answer in self.answers for note in answer.notes)
        notes = dict.fromkeys([*self.notes, *each])
        return " ".join(" · ".join([*facts, *notes]).split())

    @property
    def markdown(self) -> str:
        """A section for each model, a table and a footer, safe to show and to share."""
        sections = [
            _section(name, answer)
            for name, answer in zip(self.names, self.answers, strict=True)
        ]
        table = [
            "| # | model | first token | time | speed | tokens | cost |",
            "|---:|:---|---:|---:|---:|---:|---:|",
        ]
        for number, answer in enumerate(self.answers, 1):
            table.append(f"| {number} | {escape(answer.model)} | {_cells(answer)} |")
        footer = f"<sub>{escape(self.footer)}</sub>"
        return "\n\n".join([*sections, "\n".join(table), footer])

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __str__(self) -> str:
        parts = []
        for name, answer in zip(self.names, self.answers, strict=True):
            error = "" if answer.error is None else f"{_error_text(answer.error)}\n"
            parts.append(f"== {name}\n{answer.text}\n{error}".rstrip())
        return "\n\n".join([*parts, self.footer])


def _section(name: str, answer: Answer) -> str:
    parts = [f"#### {escape(name)}"]
    if answer.text.strip():
        parts.append(sanitize(answer.text))
    if answer.error is not None:
        parts.append(escape(_error_text(answer.error)))
    elif not answer.text.strip():
        parts.append("*No text arrived.*")
    return "\n\n".join(parts)


def _error_text(error: ParllamaError) -> str:
    return f"{type(error).__name__}: {error}"


def _cells(answer: Answer) -> str:
    first, speed = answer.timing.first_token_s, answer.tokens_per_s
    tokens, ending = answer.usage.output_tokens, answer.ending
    time = f"{answer.timing.total_s:.1f} s"
    return " | ".join(
        [
            "" if first is None else f"{first:.2f} s",
            f"{time}, {ending}" if ending else time,
            "" if speed is None else f"{speed:,.0f}/s",
            "" if tokens is None else f"{tokens:,}",
            "" if answer.cost is None else escape(dollars(answer.cost)),
        ]
    )
