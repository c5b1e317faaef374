"""What a batch may cost, kept while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..providers.messages import ChatRequest, Usage

__all__ = ["Budget", "Price", "estimated_usage"]

Price = Callable[[str, str, Usage], float | None]
"""US dollars of a usage at a provider's model; None where no price is known."""

# A rule of thumb for English; it is an estimate and called one.
_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
_TYPICAL_OUTPUT = 300


def estimated_usage(request: ChatRequest) -> Usage:
    """About how many tokens a request will take, from its length alone."""
    characters = sum(len(message.text) for message in request.messages)
    around = _TOKENS_PER_MESSAGE * len(request.messages)
    return Usage(
        input_tokens=around + characters // _CHARACTERS_PER_TOKEN,
        output_tokens=request.max_tokens or _TYPICAL_OUTPUT,
    )


class Budget:
    """US dollars that may be spent. Used on one event loop.

    A question is only asked if what is spent, what is under way at its expected cost
    and its own expected cost fit. What is expected is an estimate at first and the
    dearest answer so far later: an estimate by length alone may be far off.
    """

    def __init__(self, dollars: float) -> None:
        self.dollars = dollars
        self.spent = 0.0
        self._reserved = 0.0
        self._dearest: float | None = None
        self._settled = asyncio.Event()

    async def reserve(self, estimate: float) -> float | None:
        """Set aside the cost of one question; None where the budget is used up."""
        while True:
            expected = estimate if self._dearest is None else self._dearest
            if self.spent + self._reserved + expected <= self.dollars:
                self._reserved += expected
                return expected
            if self._reserved <= 0:
                return None
            # What is under way may cost less than was set aside for it.
            self._settled.clear()
            await self._settled.wait()

    def settle(self, reserved: float, cost: float | None) -> None:
        """What a question cost in the end; None where it failed or nobody knows."""
        self._reserved = max(0.0, self._reserved - reserved)
        if cost is not None:
            self.spent += cost
            self._dearest = max(cost, self._dearest or 0.0)
        self._settled.set()
