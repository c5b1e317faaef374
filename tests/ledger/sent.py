"""A request that was sent, as a provider has it recorded."""

from __future__ import annotations

import time

from parllama_nb.providers.accounting import SentRequest
from parllama_nb.providers.messages import Usage

__all__ = ["sent"]


def sent(
    cost: float | None, *, model: str = "m", host: str = "h", sent_to: str = ""
) -> SentRequest:
    """Return one of this cost, with an answer that is complete."""
    return SentRequest(
        began=time.time(),
        seconds=1.0,
        purpose="ask",
        conversation=None,
        provider="p",
        model=model,
        host=host,
        sent_to=sent_to,
        local=False,
        bytes=1,
        attachments=(),
        usage=Usage(1, 1),
        cost=cost,
        ended="stop",
    )
