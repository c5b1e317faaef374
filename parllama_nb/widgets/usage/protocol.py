"""What the view of the ledger and the kernel send each other."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import EventData, Failure, Snapshot, Wire
from ..settings.protocol import SettingData

__all__ = [
    "BudgetData",
    "UsageCsv",
    "UsageData",
    "UsageParams",
    "UsageRow",
    "UsageSnapshot",
    "UsageSpan",
]

UsageSpan = Literal["today", "7d", "month", "30d", "90d", "year", "all"]

UsageBy = Literal["model", "provider", "notebook", "conversation", "purpose"]


class UsageParams(Wire):
    """A period that ends now, and what to sum by."""

    span: UsageSpan = "month"
    by: UsageBy = "model"


class UsageRow(Wire):
    """The sums of some requests; `name` is what they have in common, "" for nothing.

    `cost` is in US dollars; `unpriced` requests left this machine, and no cost of them
    is known.
    """

    name: str
    requests: int
    failed: int
    bytes: int
    attachments: int
    input_tokens: int
    output_tokens: int
    cost: float
    unpriced: int


class UsageData(Wire):
    """What was sent in a period.

    `times` are its days, or its months if they are many, all of them in order;
    `hosts` are those that it left this machine for.
    """

    total: UsageRow
    times: list[UsageRow]
    rows: list[UsageRow]
    hosts: list[UsageRow]
    by_month: bool = False


class UsageCsv(Wire):
    """The name of the file in the response's buffer, and the requests that it has."""

    file_name: str
    count: int


class BudgetData(EventData):
    """What this month has cost, and what it may; sent when that may have changed.

    `month` is its name. `unwritten` says why the ledger is not complete on disk.
    """

    event = "budget"
    month: str
    cost: float
    settings: list[SettingData] = Field(default_factory=list)
    unwritten: Failure | None = None


class UsageSnapshot(Snapshot):
    """The budget; requests and sums are asked for."""

    budget: BudgetData | None = None
