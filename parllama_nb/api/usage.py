"""`pl.usage`: what was sent, where to, and what it cost, as a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..application import get_app
from ..commands.models import load_pandas
from ..ledger.periods import Moment, period
from ..ledger.queries import By, checked_by
from ..ledger.table import frame_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["usage"]


def usage(
    since: Moment = None, until: Moment = None, by: By | None = None
) -> pd.DataFrame:
    """Return the ledger: a row for each request that was sent, the newest first.

    A request that was sent again has a row for each time, and so have those that
    failed or were stopped. Requests of all notebooks are in it.

    Args:
        since: when it begins: a day, a month or a time, as text ("2026-11-30",
            "2026-11", "2026-11-30T18:00"), as `date` or as `datetime`; "today",
            "week", "month", "year"; or "12h", "7d", "4w" for so long ago.
        until: when it ends, likewise; a day or a month is part of it.
        by: what to sum by: "day", "month", "model", "provider", "notebook", "host",
            "purpose" or "conversation". The rows are then its values: days and months
            in their order, all others by what they cost.

    Returns:
        Without `by`: `when` (local time), `notebook`, `conversation` (its name; none if
        it is encrypted), `purpose` (ask, chat, compare, map, judge, embed, ...),
        `provider`, `model`, `host` that it was sent to, `sent_to` where it went on
        from there, `local` (it stayed on this machine), `bytes` of its body,
        `attachments` (their kinds), tokens as the provider counted them, of which
        `cached_tokens` and `cache_write_tokens` are part of `input_tokens` and
        `reasoning_tokens` part of `output_tokens`, `cost` in US dollars by list price
        (none if no price is known), `seconds` until its end, `ended` ("stop",
        "length", "content_filter", "cancelled" or "error") and the `error`'s code.

        With `by`: the sums: `requests`, those that `failed`, `bytes`, the number of
        `attachments`, tokens, `cost`, and `unpriced`: requests that left this machine
        and whose cost is not known.

    Raises:
        UsageError: a moment or `by` is not one.
        StoreError: the database cannot be read.

    """
    app, chosen = get_app(), checked_by(by)
    between = period(since, until)
    app.runtime.run(load_pandas())
    return frame_of(app.runtime.run(app.ledger.usages(between, chosen)), chosen)
