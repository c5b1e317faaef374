"""What an entry of the log says: its body, written and read."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..errors import VaultDamagedError

__all__ = ["PRUNED", "START", "Link", "LogEntry", "body", "pruned_base", "read_entry"]

PRUNED = "pruned"
"""The event of the entry that says where a pruned log begins."""

Link = tuple[int, bytes]
"""An entry's number and link."""

START: Link = (0, bytes(32))
"""What the first entry of a log follows."""

# An entry lists at most so many ids; the others are only counted.
_LISTED = 64


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry. `at` is an ISO time in UTC; `kernel` is the process that wrote it.

    `ids` are those of the records it is about, `count` is how many these are. `sealed`
    is False for an entry without a MAC.
    """

    seq: int
    at: str
    event: str
    kernel: str
    ids: tuple[str, ...] = ()
    count: int = 0
    detail: str = ""
    sealed: bool = True


def body(event: str, ids: Sequence[bytes], base: Link | None = None) -> bytes:
    """Write the body of an entry, with the present time and process.

    `base` is number and link of the last entry that was pruned.
    """
    fields: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "event": event,
        "kernel": f"pid {os.getpid()}",
    }
    if ids:
        listed = [record_id.hex() for record_id in ids[:_LISTED]]
        fields |= {"ids": listed, "count": len(ids)}
    if base is not None:
        number, link = base
        fields |= {"first": number + 1, "before": link.hex()}
        fields["detail"] = f"up to entry {number:,}"
    return json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()


def pruned_base(written: bytes) -> Link | None:
    """Return the base that the body of an entry names, None if it names none."""
    if PRUNED.encode() not in written:
        return None  # as most do not, and JSON takes a while
    try:
        fields = json.loads(written)
        if fields["event"] != PRUNED:
            return None
        return int(fields["first"]) - 1, bytes.fromhex(fields["before"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def read_entry(seq: int, written: bytes, *, sealed: bool) -> LogEntry:
    """Read the body of the entry with this number.

    Raises:
        VaultDamagedError: it cannot be read.

    """
    try:
        fields = json.loads(written)
        return LogEntry(
            seq=seq,
            at=str(fields["at"]),
            event=str(fields["event"]),
            kernel=str(fields["kernel"]),
            ids=tuple(map(str, fields.get("ids", ()))),
            count=int(fields.get("count", 0)),
            detail=str(fields.get("detail", "")),
            sealed=sealed,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    message = f"Entry {seq} of the vault's log cannot be read."
    raise VaultDamagedError(message)
