"""One address that speaks Anthropic's Messages API, through `anthropic`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..accounting import note_body
from ..http.client import WireClient, entries
from ..http.endpoint import is_within, local_options
from ..http.event_stream import Reader, Response
from ..messages import ChatRequest
from ..thinking import ThinkingSplitter
from .errors import ANTHROPIC_FAILURES
from .request import OPTION_NAMES, Abilities, body_of
from .stream import MessageReader

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic

__all__ = ["AnthropicClient"]

_MAKER = "anthropic.com"
_LIST = "list of models"

_PAGE = 1000
"""Models of one page, the most that the API allows."""

_PAGES = 20
"""Pages to fetch at most, in case a server always says that there is more."""

_PATIENCE = 1.0
"""Seconds that a question waits for its model's abilities; it works without them."""

_LIMIT = 5.0
"""Seconds until the server has to say what a model can do, beside the question."""

_PAUSE = 60.0
"""Seconds after a failure in which the server is not asked again."""


class AnthropicClient(WireClient["AsyncAnthropic"]):
    """One address that speaks Anthropic's Messages API, and the key to it.

    What a model can do is fetched with its first request and cached. A server that does
    not say it in time is asked beside the question, and not again for a while.
    """

    failures = ANTHROPIC_FAILURES

    max_output: Callable[[str], Awaitable[int | None]] | None = None
    """Returns how many tokens a model can answer with, if the server does not say."""

    @cached_property
    def _abilities(self) -> dict[str, Abilities]:
        """What is known of each model."""
        return {}

    @cached_property
    def _fetches(self) -> dict[str, asyncio.Task[Abilities]]:
        """What is being fetched, by model."""
        return {}

    _not_before = 0.0
    """The loop's time before which the server is not asked what a model can do."""

    async def aclose(self) -> None:
        """End all connections."""
        for fetch in [*self._fetches.values()]:
            fetch.cancel()
        await super().aclose()

    async def learn(self, model: str) -> None:
        """Fetch what a model can do, ahead of its first request. Never raises."""
        try:
            library = await self._opened()
        except Exception:  # noqa: BLE001 - the first request will say it
            return
        await self._of(library, model)

    def _make(
        self,
        *,
        many: bool = False,  # noqa: ARG002 - one way
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> AsyncAnthropic:
        import anthropic  # noqa: PLC0415 - not paid before the first request

        connect = self.timeouts.connect
        # On connecting alone: waiting for tokens is measured by ourselves.
        limits = anthropic.Timeout(None, connect=connect, pool=connect)
        client = anthropic.AsyncAnthropic(
            base_url=self.base_url,
            # With None the library would look in the environment and on disk.
            api_key=self.key.reveal() if self.key else "none",
            webhook_key="",
            max_retries=0,
            open_telemetry=False,
            default_headers=self._changed_headers(
                anthropic.Omit(), _MAKER, "ANTHROPIC_CUSTOM_HEADERS"
            ),
            http_client=anthropic.DefaultAsyncHttpxClient(
                timeout=limits,
                transport=transport,
                event_hooks={"request": [note_body]},
                **local_options(self.base_url),
            ),
        )
        # Resources are imported with their first use.
        _ = client.messages.with_streaming_response, client.models
        return client

    def _headers(self) -> dict[str, Any]:
        from anthropic import Omit  # noqa: PLC0415

        return {} if self.key else {"Authorization": Omit(), "X-Api-Key": Omit()}

    async def _models(self, library: AsyncAnthropic) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        after: dict[str, Any] = {}
        for _ in range(_PAGES):
            asking = library.models.with_streaming_response.list(
                limit=_PAGE, extra_headers=self._headers(), **after
            )
            page = await self._json(asking, _LIST)
            new = {model["id"]: model for model in entries(page, _LIST)}
            found |= new
            last = page.get("last_id") if isinstance(page, dict) else None
            more = isinstance(page, dict) and page.get("has_more")
            if not (more and new and isinstance(last, str)):
                break
            after = {"after_id": last}
        for name, model in found.items():
            self._abilities[name] = Abilities.of(model)
        return list(found.values())

    async def _ask(
        self,
        library: AsyncAnthropic,
        request: ChatRequest,
        *,
        whole: bool,  # noqa: ARG002 - it is always streamed
    ) -> AbstractAsyncContextManager[Response]:
        abilities = await self._of(library, request.model)
        return self._sending(library, request, abilities)

    async def _ask_unheard(
        self, library: AsyncAnthropic, request: ChatRequest
    ) -> AbstractAsyncContextManager[Response]:
        known = self._abilities.get(request.model, Abilities())
        abilities = await self._completed(request.model, known)
        return self._sending(library, request, abilities)

    def _doubt(self, request: ChatRequest) -> str:
        asked = (request.reasoning, request.reasoning_budget, request.response_schema)
        settled = request.max_tokens is not None and not any(
            option is not None for option in asked
        )
        if settled or request.model in self._abilities:
            return ""
        return (
            "The server is asked first what the model can do, and has not been yet: "
            "max_tokens, thinking and a schema may be written otherwise."
        )

    def _sending(
        self, library: AsyncAnthropic, request: ChatRequest, abilities: Abilities
    ) -> AbstractAsyncContextManager[Response]:
        from anthropic import transform_schema  # noqa: PLC0415

        body = body_of(
            request, abilities, lambda schema: transform_schema(dict(schema))
        )
        # By way of `extra_body`: at a model's name the library would print warnings.
        return library.messages.with_streaming_response.create(
            model="",
            messages=[],
            max_tokens=body["max_tokens"],
            stream=True,
            extra_body=body,
            extra_headers=self._headers(),
        )

    async def _of(self, library: AsyncAnthropic, model: str) -> Abilities:
        """Return what a model can do, as far as the server or the price table says."""
        abilities = self._abilities.get(model)
        if abilities is None:
            abilities = await self._awaited(library, model)
        return await self._completed(model, abilities)

    async def _completed(self, model: str, abilities: Abilities) -> Abilities:
        """Return what a model can do, with the price table's limit of an answer."""
        if abilities.max_tokens is None and self.max_output is not None:
            return replace(abilities, max_tokens=await self.max_output(model))
        return abilities

    async def _awaited(self, library: AsyncAnthropic, model: str) -> Abilities:
        """Fetch what a model can do; waits for it, but not for long."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._not_before:
            return Abilities()
        fetch = self._fetches.get(model)
        if fetch is None:
            fetch = loop.create_task(self._fetched(library, model))
            self._fetches[model] = fetch
            fetch.add_done_callback(lambda _: self._fetches.pop(model, None))
        await asyncio.wait([fetch], timeout=_PATIENCE)
        if fetch.done() and not fetch.cancelled():
            return fetch.result()
        self._not_before = loop.time() + _PAUSE
        return Abilities()

    async def _fetched(self, library: AsyncAnthropic, model: str) -> Abilities:
        """Fetch what a model can do; cached unless the server may say more later."""
        try:
            async with asyncio.timeout(_LIMIT):
                asking = library.models.with_streaming_response.retrieve(
                    model, extra_headers=self._headers()
                )
                listed = await self._json(asking, "model")
        except Exception as error:  # noqa: BLE001 - the request itself will say it
            abilities = Abilities()
            # A server without this API will not have it the next time.
            final = getattr(error, "status_code", None) in (404, 405, 501)
            if not final:
                self._not_before = asyncio.get_running_loop().time() + _PAUSE
        else:
            abilities = Abilities.of(listed if isinstance(listed, dict) else {})
            final = True
        if final:
            self._abilities[model] = abilities
        return abilities

    def _reader(self) -> Reader:
        # A model of another maker may write its thoughts into the text.
        own = is_within(self.endpoint.host, _MAKER)
        return MessageReader(None if own else ThinkingSplitter())

    def _option_names(self, request: ChatRequest) -> Mapping[str, str]:
        sent = request.options()
        return {wire: ours for wire, ours in OPTION_NAMES.items() if ours in sent}
