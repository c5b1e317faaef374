"""usage: what was sent, where to, and what it cost; its sums, or all of it as CSV."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from ..chats.answer import dollars
from ..errors import UsageError
from ..ledger.periods import Period, period
from ..ledger.queries import BY, By, Usages
from ..ledger.table import csv_of
from ..markdown.sanitize import escape
from ..sizes import size_in_words
from ..whole_files import replace_file
from .report import Report, table
from .table import Call, Command, Opening, Option, Params

__all__ = ["COMMAND", "UsageParams"]

_MOST = 40
"""Rows that are shown."""

_VIEW = (
    "Usage is a view, which only Jupyter shows. %parllama usage says without it what "
    "was sent, and what it cost."
)


class UsageParams(Params):
    """A period, what to sum by, and where to write it."""

    by: Annotated[
        By,
        Option(("--by",), f"Sum by {', '.join(BY[:-1])} or {BY[-1]}.", "WHAT"),
    ] = "model"
    since: Annotated[
        str,
        Option(
            ("--since",),
            "A day, a month, a time, today, week, month, year, or 7d, 12h for so long "
            "ago.",
            "WHEN",
        ),
    ] = "month"
    until: Annotated[
        str | None, Option(("--until",), "Likewise; a day is part of it.", "WHEN")
    ] = None
    csv: Annotated[
        str | None,
        Option(("--csv",), "Write each request of the period to this file.", "PATH"),
    ] = None
    view: Annotated[
        bool, Option(("--view",), "Open usage and budget in a view.", cell=True)
    ] = False


async def usage(params: UsageParams, call: Call) -> Report | Opening:
    """Show sums of the ledger, or write its rows to a file."""
    if params.view:
        return Opening("usage", None, _VIEW)
    ledger, chosen = call.app.ledger, period(params.since, params.until)
    if params.csv is not None:
        return await _write(params.csv, await ledger.usages(chosen))
    found = await ledger.usages(chosen, params.by)
    month = await ledger.month_cost()
    budget = call.app.applied.budget()
    limits = [
        f"{name} at {dollars(limit)}"
        for name, limit in (("warns", budget.warn), ("stops", budget.stop))
        if limit is not None
    ]
    known = f"; the budget {' and '.join(limits)}" if limits else ""
    line = f"This month has cost {dollars(month)}{known}."
    if not found:
        return Report(f"Nothing was sent {escape(_words(chosen))}. {line}")
    return Report("\n".join([*_table(found, params.by, call), "", line]))


def _table(found: Usages, by: By, call: Call) -> Iterator[str]:
    header = (
        *(by, ">requests", ">failed", ">input tokens", ">output tokens"),
        *(">sent", ">cost"),
    )
    rows = [
        (
            escape(call.app.redact(str(row[by] or "none"))),
            *(f"{row['requests']:,}", f"{row['failed']:,}"),
            *(f"{row['input_tokens']:,}", f"{row['output_tokens']:,}"),
            *(size_in_words(row["bytes"]), _cost(row)),
        )
        for row in (found[-_MOST:] if by in ("day", "month") else found[:_MOST])
    ]
    yield table(header, rows)
    if len(found) > _MOST:
        yield f'\n{_MOST} of {len(found):,}; `pl.usage(by="{by}")` returns all.'
    if unpriced := sum(row["unpriced"] for row in found):
        yield f"\nOf {unpriced:,} requests that left this machine no cost is known."


def _cost(row: dict[str, object]) -> str:
    cost, known = row["cost"], row["unpriced"] != row["requests"]
    assert isinstance(cost, float)  # noqa: S101 - a sum
    return dollars(cost) if cost or known else "not known"


def _words(chosen: Period) -> str:
    def shown(moment: dt.datetime) -> str:
        return moment.isoformat(" ", "minutes").removesuffix(" 00:00")

    words = [f"since {shown(chosen.since)}"] if chosen.since else []
    words += [f"before {shown(chosen.until)}"] if chosen.until else []
    return " and ".join(words)


async def _write(path: str, found: Usages) -> Report:
    count = len(found)
    noun = "request is" if count == 1 else "requests are"
    try:
        target = await asyncio.to_thread(_replaced, path, csv_of(found, None))
        return Report(f"{count:,} {noun} in {escape(str(target))}.")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    message = f"{path} cannot be written: {reason}."
    raise UsageError(message, hint="Name another file.")


def _replaced(path: str, text: str) -> Path:
    target = Path(path).expanduser()
    replace_file(target, text.encode())
    return target


COMMAND = Command(
    name="usage",
    group="Notebook",
    summary="Show what was sent where, and its cost.",
    params=UsageParams,
    run=usage,
    examples=(
        "%parllama usage",
        "%parllama usage --by day --since 30d",
        "%parllama usage --since year --csv usage.csv",
        "%parllama usage --view",
    ),
)
