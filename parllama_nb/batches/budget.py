"""A limit on the cost of a batch, enforced while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..providers.messages import ChatRequest, Usage

__all__ = ["Budget", "Price", "estimated_usage"]

Price = Callable[[str, str, Usage], float | None]
"""The cost in US dollars, by provider, model and usage; None if no price is known."""

# A rule of thumb for English; users are told that it is an estimate.
_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
_TYPICAL_OUTPUT = 300


def estimated_usage(request: ChatRequest) -> Usage:
    """Estimates how many tokens a request will use, from its length alone."""
    characters = sum(len(message.text) for message in request.messages)
    overhead = _TOKENS_PER_MESSAGE * len(request.messages)
    return Usage(
        input_tokens=overhead + characters // _CHARACTERS_PER_TOKEN,
        output_tokens=request.max_tokens or _TYPICAL_OUTPUT,
    )


class Budget:
    """US dollars that may be spent. Used on one event loop.

    A question is sent only if the money spent, the expected cost of the requests in
    flight and its own expected cost fit together. The expected cost is the estimate
    at first, later the cost of the dearest answer so far: an estimate by length alone
    may be far off.
    """

    def __init__(self, dollars: float) -> None:
        self.dollars = dollars
        self.spent = 0.0
        self._reserved = 0.0
        self._dearest: float | None = None
        self._settled = asyncio.Event()

    async def reserve(self, estimate: float) -> float | None:
        """Set aside the cost of one question; None if the budget is used up."""
        while True:
            expected = estimate if self._dearest is None else self._dearest
            if self.spent + self._reserved + expected <= self.dollars:
                self._reserved += expected
                return expected
            if self._reserved <= 0:
                return None
            # The requests in flight may cost less than was set aside for them.
            self._settled.clear()
            await self._settled.wait()

    def settle(self, reserved: float, cost: float | None) -> None:
        """Replace a reservation by the actual cost; None if it failed or is unknown."""
        self._reserved = max(0.0, self._reserved - reserved)
        if cost is not None:
            self.spent += cost
            self._dearest = max(cost, self._dearest or 0.0)
        self._settled.set()
