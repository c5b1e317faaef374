"""Keeps secrets out of what the HTTP libraries log at DEBUG level.

They do not log a request's headers, but they do log a response's, where a server may
echo the key.
"""

from __future__ import annotations

import logging
from typing import Final

from ...secret import Redactor

__all__ = ["redact_logs"]

_LOGGERS: Final = (
    "anthropic",
    "anthropic._base_client",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore2",
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.http2",
    "httpcore2.proxy",
    "httpx",
    "httpx2",
    "openai",
    "openai._base_client",
)


class _Redaction(logging.Filter):
    """Rewrites a record that holds a known secret."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self.redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        redacted = self.redact(text)
        if redacted != text:
            record.msg, record.args = redacted, None
        return True


def redact_logs(redact: Redactor) -> None:
    """Put a redactor before the loggers of the HTTP libraries, once."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        present = (f for f in logger.filters if isinstance(f, _Redaction))
        if not any(f.redact is redact for f in present):
            logger.addFilter(_Redaction(redact))
