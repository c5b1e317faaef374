"""A provider that speaks the OpenAI wire format; most of them do."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ...secret import Secret
from ..base import collected
from ..http.provider import WireProvider
from ..messages import ChatRequest, Completion
from ..spec import ModelInfo
from .client import OpenAIClient

__all__ = ["OpenAIClient", "OpenAIWire"]


class OpenAIWire(WireProvider[OpenAIClient]):
    """A provider that speaks the OpenAI wire format, as its `Spec` describes it."""

    kind = OpenAIClient

    async def models(self) -> list[ModelInfo]:
        """Return the models that the provider has now."""
        return [self._info(listed) for listed in await self.client().models()]

    async def complete(self, request: ChatRequest) -> Completion:
        """Answer a request in one piece, over connections made for many at once."""
        answer = await collected(self.client().stream(request, whole=True))
        return replace(answer, first_token_s=None)

    def _connect(self, url: str, key: Secret | None) -> OpenAIClient:
        client = super()._connect(url, key)
        client.speak(self.spec.name)
        return client

    def _info(self, listed: Mapping[str, Any]) -> ModelInfo:
        meta = listed.get("meta")
        meta = meta if isinstance(meta, dict) else {}
        pricing = listed.get("pricing")
        pricing = pricing if isinstance(pricing, dict) else {}
        windows = [
            listed.get(name)
            for name in ("context_window", "context_length", "max_context_length")
        ]
        windows += [listed.get("max_model_len"), meta.get("n_ctx_train")]
        size = meta.get("size")
        return ModelInfo(
            provider=self.spec.name,
            # Gemini lists `models/NAME` and takes both.
            name=str(listed["id"]).removeprefix("models/"),
            context_window=next((w for w in windows if isinstance(w, int)), None),
            size=size if isinstance(size, int) else None,
            modified=_date(listed.get("created")),
            input_price=_price(pricing.get("prompt")),
            output_price=_price(pricing.get("completion")),
            extra={k: v for k, v in listed.items() if k not in ("id", "object")},
        )


def _date(created: object) -> str | None:
    """ISO 8601 in UTC of the seconds since 1970 that servers list; 0 is not known."""
    if not isinstance(created, int | float) or not created:
        return None
    with contextlib.suppress(OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(created, UTC).isoformat()
    return None


def _price(per_token: object) -> float | None:
    """US dollars for a million tokens, of a price as OpenRouter lists it: per token.

    https://openrouter.ai/api/v1/models has it as "0.000002", and "-1" where it depends
    on the model that answers.
    """
    if not isinstance(per_token, str):
        return None
    with contextlib.suppress(ValueError):
        price = float(per_token)
        return price * 1e6 if 0 <= price < 1 else None
    return None
