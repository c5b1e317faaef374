"""Keeps known secrets out of the records of all loggers.

A client library logs what a server says, and a server may echo the key; asyncio logs
what a task was called with. A factory of records is asked for every record, before any
handler sees it. Filters would have to be on each handler, also on those that are added
later; a filter on a logger does not see the records of the loggers below it.

What a program passes as `extra` is set after the factory, and is not seen here.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any

from ..secret import redacted

__all__ = ["leave_logs", "redact_logs"]

_lock = threading.Lock()
_formatter = logging.Formatter()


class _RedactedRecords:
    """A factory of log records that hold no known secret.

    Args:
        earlier: the factory that makes the records.

    """

    def __init__(self, earlier: Callable[..., logging.LogRecord]) -> None:
        self.earlier = earlier
        self.wanted = True

    def __call__(self, *args: Any, **keys: Any) -> logging.LogRecord:  # noqa: ANN401 - whatever the earlier one takes
        record = self.earlier(*args, **keys)
        if self.wanted:
            # A log must not fail for our sake.
            with contextlib.suppress(Exception):
                _redact(record)
        return record


_factory: _RedactedRecords | None = None


def redact_logs() -> None:
    """Keep known secrets out of log records from now on. On any thread."""
    global _factory  # noqa: PLW0603 - as the factory of records is
    if logging.getLogRecordFactory() is _factory:
        return
    with _lock:
        earlier = logging.getLogRecordFactory()
        if earlier is _factory:
            return
        if _factory is not None:
            # The factory of somebody else may be around it.
            _factory.wanted = False
        _factory = _RedactedRecords(earlier)
        logging.setLogRecordFactory(_factory)


def leave_logs() -> None:
    """Undo `redact_logs`."""
    global _factory  # noqa: PLW0603 - as above
    with _lock:
        if _factory is None:
            return
        _factory.wanted = False
        if logging.getLogRecordFactory() is _factory:
            logging.setLogRecordFactory(_factory.earlier)
        _factory = None


def _redact(record: logging.LogRecord) -> None:
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001 - whatever a program logs
        # Then logging prints both as they are, in its report of the failure.
        text = f"{record.msg} {record.args}"
    shown = redacted(text)
    if shown != text:
        record.msg, record.args = shown, None
    if record.exc_info:
        traceback = _formatter.formatException(record.exc_info)
        shown = redacted(traceback)
        if shown != traceback:
            # Formatters use the text where there is one; without the exception they
            # cannot make another.
            record.exc_text, record.exc_info = shown, None
    if record.stack_info:
        record.stack_info = redacted(record.stack_info)
