"""Anthropic, and other providers that speak its Messages API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...events import Progress
from ...secret import Secret
from ..http.provider import WireProvider
from ..spec import ModelInfo
from .client import AnthropicClient

__all__ = ["AnthropicWire"]

_ABILITIES = {
    "image_input": "vision",
    "pdf_input": "pdf",
    "structured_outputs": "json",
    "thinking": "thinking",
}


class AnthropicWire(WireProvider[AnthropicClient]):
    """A provider that speaks Anthropic's Messages API, as its `Spec` describes it."""

    kind = AnthropicClient

    async def models(self) -> list[ModelInfo]:
        """Return the models that the provider has now."""
        return [self._info(listed) for listed in await self.client().models()]

    async def prepare(
        self,
        model: str,
        report: Callable[[Progress], None],  # noqa: ARG002 - no slow step to report
    ) -> None:
        """Make a client, and fetch what the model can do.

        Raises:
            AuthenticationError: there is no key.

        """
        client = self.client()
        await client.open()
        await client.learn(model)

    def _connect(self, url: str, key: Secret | None) -> AnthropicClient:
        client = super()._connect(url, key)
        client.max_output = self._max_output
        return client

    async def _max_output(self, model: str) -> int | None:
        facts = await self.context.prices.find(self.spec, model)
        return None if facts is None else facts.max_output

    def _info(self, listed: Mapping[str, Any]) -> ModelInfo:
        window, created = listed.get("max_input_tokens"), listed.get("created_at")
        dated = isinstance(created, str) and not created.startswith("1970")
        return ModelInfo(
            provider=self.spec.name,
            name=str(listed["id"]),
            context_window=window if isinstance(window, int) else None,
            modified=created if dated else None,
            capabilities=_capabilities(listed.get("capabilities")),
            extra={k: v for k, v in listed.items() if k not in ("id", "type")},
        )


def _capabilities(listed: object) -> frozenset[str] | None:
    if not isinstance(listed, Mapping):
        return None
    found = {
        word
        for name, word in _ABILITIES.items()
        if isinstance(listed.get(name), Mapping) and listed[name].get("supported")
    }
    # Tools are not listed: every model of the API supports them.
    return frozenset(found | {"tools"})
