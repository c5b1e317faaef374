"""The routes of a running engine that are no chat: JSON over HTTP, an object each way.

They are those of llama.cpp's server:
https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from ...errors import ProviderError
from ...secret import Redactor
from ..accounting import note_sent
from ..http.endpoint import Endpoint, FailedCall, local_options
from ..http.stream_errors import RefusedError, SilentError, UnreadableError
from ..messages import ChatRequest
from ..openai.errors import OPENAI_FAILURES
from ..openai.request import body_of, dialect_of
from .engine import Engine

__all__ = ["LABEL", "EngineServer", "tokens_of"]

LABEL = "The embedded engine"

_SHAPING = ("messages", "chat_template_kwargs")


class EngineServer:
    """Asks one engine. `patience` is how many seconds a request may take."""

    def __init__(self, engine: Engine, redact: Redactor, patience: float) -> None:
        self._engine = engine
        self._patience = patience
        self._endpoint = Endpoint(LABEL, engine.url, redact, (engine.key,))

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request, an object.

        Raises:
            ProviderError: the engine refused, or ended.

        """
        failure: ProviderError | None = None
        try:
            return await self._posted(path, body)
        except Exception as error:  # noqa: BLE001 - mapped, whatever it is
            failure = OPENAI_FAILURES.mapped(error, FailedCall(self._endpoint))
        raise failure

    async def _posted(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        import httpx2  # noqa: PLC0415 - not paid before the first request

        # The server closes connections that it promised to keep.
        headers = {
            "Authorization": f"Bearer {self._engine.key.reveal()}",
            "Connection": "close",
            "Content-Type": "application/json",
        }
        url = self._engine.url
        options = local_options(url)
        try:
            async with (
                asyncio.timeout(self._patience),
                httpx2.AsyncClient(base_url=url, timeout=None, **options) as client,
            ):
                content = json.dumps(body).encode()
                if path.startswith("/v1/"):
                    note_sent(len(content), urlsplit(url).netloc)
                response = await client.post(path, content=content, headers=headers)
        except TimeoutError as error:
            missing = "answer"
            raise SilentError.of(missing, self._patience) from error
        if response.status_code >= 300:  # noqa: PLR2004
            headers_got = response.headers
            raise RefusedError(response.status_code, headers_got, response.content)
        answer = json.loads(response.content)
        if not isinstance(answer, dict):
            what = "something that is no object"
            raise UnreadableError(what)
        return answer


async def tokens_of(server: EngineServer, request: ChatRequest) -> int | None:
    """Return how many tokens a request has, as the engine counts them.

    None if the engine does not say.

    Raises:
        ProviderError: the engine refused, or ended.

    """
    body = body_of(request, dialect_of("embedded", ""), asks_usage=False)
    # Of all options these alone change the prompt.
    shaping = {name: body[name] for name in _SHAPING if name in body}
    rendered = await server.post("/apply-template", shaping)
    text = {"content": rendered.get("prompt"), "add_special": True}
    counted = await server.post("/tokenize", text | {"parse_special": True})
    tokens = counted.get("tokens")
    return len(tokens) if isinstance(tokens, list) else None
