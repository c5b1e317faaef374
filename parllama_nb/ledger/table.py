"""The ledger as a DataFrame, and as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from .queries import By, Usages
from .rows import SUMS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["columns_of", "csv_of", "frame_of"]

_DETAILS = {
    "when": "datetime64[ns]",
    "notebook": "string",
    "conversation": "string",
    "purpose": "string",
    "provider": "string",
    "model": "string",
    "host": "string",
    "sent_to": "string",
    "local": "bool",
    "bytes": "Int64",
    "attachments": "string",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "cached_tokens": "Int64",
    "cache_write_tokens": "Int64",
    "reasoning_tokens": "Int64",
    "cost": "Float64",
    "seconds": "float64",
    "ended": "string",
    "error": "string",
}


def columns_of(by: By | None) -> dict[str, str]:
    """Return the columns of a table, and the type of each."""
    if by is None:
        return dict(_DETAILS)
    sums = {name: "float64" if name == "cost" else "int64" for name in SUMS}
    return {by: "string", **sums}


def frame_of(found: Usages, by: By | None) -> pd.DataFrame:
    """Return requests or sums as a DataFrame."""
    import pandas as pd  # noqa: PLC0415 - takes half a second, and only some need it

    columns = columns_of(by)
    values = {name: [_value(each, name) for each in found] for name in columns}
    series = {name: pd.Series(values[name], dtype=columns[name]) for name in columns}
    if by == "day":
        series["day"] = pd.to_datetime(series["day"])
    return pd.DataFrame(series)


def csv_of(found: Usages, by: By | None) -> str:
    """Return requests or sums as CSV, with a header."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    columns = columns_of(by)
    writer.writerow(columns)
    for each in found:
        values = (_value(each, name) for name in columns)
        writer.writerow([_plain(value) for value in values])
    return written.getvalue()


def _value(row: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - as it is stored
    if name == "when":
        return dt.datetime.fromtimestamp(row["began"])  # noqa: DTZ006 - the wall's clock
    if name == "local":
        return bool(row["local"])
    return row[name]


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        # A table program would take it for a formula.
        return f"'{value}"
    return value
