"""One address that speaks the OpenAI wire format, through `openai`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..accounting import note_body
from ..http.client import WireClient, entries
from ..http.endpoint import is_within, local_options
from ..http.event_stream import Reader, Response
from ..http.network import uses_socks
from ..messages import ChatRequest
from .adaptation import OTHER_NAMES, Adaptation
from .errors import OPENAI_FAILURES
from .request import Dialect, body_of, dialect_of, option_names
from .stream import AnswerReader

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

__all__ = ["OpenAIClient"]

_MAKER = "openai.com"
_LIST = "list of models"

_REFUSALS = (400, 422, 500)
"""Of an option; servers that fail over one answer 500."""


class OpenAIClient(WireClient["AsyncOpenAI"]):
    """One address that speaks the OpenAI wire format, and the key to it.

    What a model's server refuses of a request, and how it is written then, is
    remembered for the next request.
    """

    failures = OPENAI_FAILURES
    usual_path = "/v1"
    _provider = ""

    def speak(self, provider: str) -> None:
        """Write options in the words of a provider.

        Where the address is a maker's, those of the maker are used.
        """
        self._provider = provider

    @cached_property
    def _adaptations(self) -> dict[str, Adaptation]:
        """What to change of a request, by model."""
        return {}

    @property
    def _dialect(self) -> Dialect:
        return dialect_of(self._provider, self.endpoint.host)

    def _make(
        self, *, many: bool = False, transport: httpx2.AsyncBaseTransport | None = None
    ) -> AsyncOpenAI:
        import openai  # noqa: PLC0415 - not paid before the first request

        client = openai.AsyncOpenAI(
            base_url=self.base_url, **self._arguments(many=many, transport=transport)
        )
        if not is_within(self.endpoint.host, _MAKER):
            client.organization = client.project = None
        # Resources are imported with their first use.
        _ = client.chat.completions.with_streaming_response, client.models
        return client

    def _arguments(
        self, *, many: bool, transport: httpx2.AsyncBaseTransport | None
    ) -> dict[str, Any]:
        """Return the arguments of the library's client, beside the address."""
        import openai  # noqa: PLC0415

        connect = self.timeouts.connect
        # On connecting alone: waiting for tokens is measured by ourselves.
        limits = openai.Timeout(None, connect=connect, pool=connect)
        # aiohttp does three times as many requests a second, but speaks no SOCKS.
        http = (
            openai.DefaultAioHttpClient
            if many and not uses_socks()
            else openai.DefaultAsyncHttpxClient
        )
        return {
            # With None the library would take OpenAI's key from the environment, and
            # send it to another server.
            "api_key": self.key.reveal() if self.key else "none",
            "admin_api_key": "",
            "webhook_secret": "",
            "max_retries": 0,
            "default_headers": self._changed_headers(
                openai.Omit(), _MAKER, "OPENAI_CUSTOM_HEADERS"
            ),
            "http_client": http(
                timeout=limits,
                transport=transport,
                event_hooks={"request": [note_body]},
                **local_options(self.base_url),
            ),
        }

    def _headers(self) -> dict[str, Any]:
        from openai import Omit  # noqa: PLC0415

        return {} if self.key else {"Authorization": Omit()}

    async def _models(self, library: AsyncOpenAI) -> list[dict[str, Any]]:
        asking = library.models.with_streaming_response.list(
            extra_headers=self._headers()
        )
        return entries(await self._json(asking, _LIST), _LIST)

    async def _ask(
        self, library: AsyncOpenAI, request: ChatRequest, *, whole: bool
    ) -> AbstractAsyncContextManager[Response]:
        return self._adapted(library, request, whole=whole)

    @asynccontextmanager
    async def _adapted(
        self, library: AsyncOpenAI, request: ChatRequest, *, whole: bool
    ) -> AsyncIterator[Response]:
        """Send a request, and again where the server refuses the name of an option."""
        body = body_of(request, self._dialect, asks_usage=not whole)
        known = self._adaptations.get(request.model, Adaptation())
        adaptation = known
        async with AsyncExitStack() as stack:
            response: Response | None = None
            while response is None:
                sending = self._sending(library, adaptation.applied(body), whole=whole)
                try:
                    response = await stack.enter_async_context(sending)
                except Exception as error:
                    further = _further(adaptation, error, body)
                    if further is None:
                        raise
                    # Refused before any work was done, so asking again costs nothing.
                    adaptation = further
            if adaptation != known:
                self._adaptations[request.model] = adaptation
            yield response

    def _sending(
        self, library: AsyncOpenAI, body: dict[str, Any], *, whole: bool
    ) -> AbstractAsyncContextManager[Response]:
        # By way of `extra_body`: the library checks all other arguments, which takes a
        # fifth of the time of many short requests. Azure's needs the model.
        return library.chat.completions.with_streaming_response.create(
            model=body.pop("model"),
            messages=[],
            stream=not whole,
            extra_body=body,
            extra_headers=self._headers(),
        )

    def _reader(self) -> Reader:
        return AnswerReader()

    def _option_names(self, request: ChatRequest) -> Mapping[str, str]:
        names = option_names(request, self._dialect)
        others = {
            OTHER_NAMES[name]: ours
            for name, ours in names.items()
            if name in OTHER_NAMES
        }
        return {**others, **names}


def _further(
    adaptation: Adaptation, error: Exception, body: Mapping[str, Any]
) -> Adaptation | None:
    """Return what to change after an exception of the library; None for no way."""
    if getattr(error, "status_code", None) not in _REFUSALS:
        return None
    return adaptation.after(getattr(error, "body", None), body)
