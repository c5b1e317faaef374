"""What is known of a model, from its server, from lists and from the price table."""

from __future__ import annotations

from collections.abc import Callable

from ..providers.base import Provider
from ..providers.messages import ChatRequest, Usage
from ..providers.spec import ModelInfo, Spec
from .lists import ModelLists
from .prices import PriceTable

__all__ = ["ModelKnowledge"]


class ModelKnowledge:
    """Answers what others ask of a model. `spec` returns a provider by its name."""

    def __init__(
        self, lists: ModelLists, prices: PriceTable, spec: Callable[[str], Spec]
    ) -> None:
        self._lists = lists
        self._prices = prices
        self._spec = spec

    def price(self, provider: str, model: str, usage: Usage) -> float | None:
        """Return the US dollars that a usage costs; None if no price is known."""
        facts = self._prices.facts(provider, model)
        return None if facts is None else facts.cost(usage)

    async def window(
        self,
        provider: Provider,
        request: ChatRequest,
        ask: bool = True,  # noqa: FBT001, FBT002 - as `Window` is called
    ) -> int | None:
        """Return how many tokens a model reads with a request; None if not known.

        What its server does comes first, then what it lists, then the price table.
        Without `ask`, the server is not asked.
        """
        spec, model = provider.spec, request.model
        found = await provider.window(request, ask=ask)
        found = found or self._lists.window(spec.name, model)
        if found is not None:
            return found
        facts = await self._prices.find(spec, model)
        return None if facts is None else facts.context_window

    def one_that_sees(self, provider: str) -> str | None:
        """Return a known model that sees images: of this provider, else a local one."""
        seeing = [
            model
            for each in self._lists.at_hand()
            for model in each.models
            if "vision" in (model.capabilities or ())
        ]

        def rank(model: ModelInfo) -> tuple[bool, bool]:
            local = self._spec(model.provider).local
            return model.provider != provider, not local

        return min(seeing, key=rank).id if seeing else None
