"""One address that speaks the OpenAI wire format, through `openai`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Any

from ..http.client import WireClient, entries
from ..http.endpoint import is_within, local_options
from ..http.event_stream import Reader, Response
from ..messages import ChatRequest
from .errors import OPENAI_FAILURES
from .request import Dialect, body_of, dialect_of, option_names
from .stream import AnswerReader

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["OpenAIClient"]

_MAKER = "openai.com"
_LIST = "list of models"


class OpenAIClient(WireClient["AsyncOpenAI"]):
    """One address that speaks the OpenAI wire format, and the key to it."""

    failures = OPENAI_FAILURES
    usual_path = "/v1"
    _asks_usage = True
    _provider = ""

    def speak(self, provider: str) -> None:
        """Write options in the words of a provider.

        Where the address is a maker's, those of the maker are used.
        """
        self._provider = provider

    @property
    def _dialect(self) -> Dialect:
        return dialect_of(self._provider, self.endpoint.host)

    def _make(self, *, many: bool = False) -> AsyncOpenAI:
        import openai  # noqa: PLC0415 - not paid before the first request

        client = openai.AsyncOpenAI(
            base_url=self.base_url, **self._arguments(many=many)
        )
        if not is_within(self.endpoint.host, _MAKER):
            client.organization = client.project = None
        # Resources are imported with their first use.
        _ = client.chat.completions.with_streaming_response, client.models
        return client

    def _arguments(self, *, many: bool) -> dict[str, Any]:
        """Return the arguments of the library's client, beside the address."""
        import openai  # noqa: PLC0415

        connect = self.timeouts.connect
        # On connecting alone: waiting for tokens is measured by ourselves.
        limits = openai.Timeout(None, connect=connect, pool=connect)
        # aiohttp does three times as many requests a second.
        transport = (
            openai.DefaultAioHttpClient if many else openai.DefaultAsyncHttpxClient
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
            "http_client": transport(timeout=limits, **local_options(self.base_url)),
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
        asks_usage = self._asks_usage and not whole
        body = body_of(request, self._dialect, asks_usage=asks_usage)
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
        return option_names(request, self._dialect)

    async def _enter(
        self,
        stack: AsyncExitStack,
        library: AsyncOpenAI,
        request: ChatRequest,
        *,
        whole: bool,
    ) -> Response:
        """As of the base; once more where the server refuses to count tokens."""
        counts = self._asks_usage
        try:
            return await super()._enter(stack, library, request, whole=whole)
        except Exception as error:
            if not (counts and _refuses_usage(error)):
                raise
        # Refused before any work was done, so asking again costs nothing.
        self._asks_usage = False
        return await super()._enter(stack, library, request, whole=whole)


def _refuses_usage(error: Exception) -> bool:
    """Whether a server does not know the option that asks for the usage."""
    refused = getattr(error, "status_code", None) in (400, 422)
    return refused and "stream_options" in str(getattr(error, "body", ""))
