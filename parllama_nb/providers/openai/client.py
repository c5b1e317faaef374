"""One address that speaks the OpenAI wire format, through `openai`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from typing import TYPE_CHECKING, Any

from ..http.client import WireClient, entries
from ..http.endpoint import is_within, local_options
from ..http.event_stream import Reader, Response
from ..messages import ChatRequest, StreamEvent
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
        """Take options in the words of a provider.

        Where it is one of the makers, the address says that already.
        """
        self._provider = provider

    @property
    def _dialect(self) -> Dialect:
        return dialect_of(self._provider, self._peer.host)

    def _make(self, *, many: bool = False) -> AsyncOpenAI:
        import openai  # noqa: PLC0415 - not paid before the first request

        client = openai.AsyncOpenAI(
            base_url=self.base_url, **self._arguments(many=many)
        )
        if not is_within(self._peer.host, _MAKER):
            client.organization = client.project = None
        # Resources are imported with their first use.
        _ = client.chat.completions.with_streaming_response, client.models
        return client

    def _arguments(self, *, many: bool) -> dict[str, Any]:
        """What the library's client is made with, beside the address."""
        import openai  # noqa: PLC0415

        connect = self.timeouts.connect
        # On connecting alone: waiting for tokens is measured by ourselves.
        limits = openai.Timeout(None, connect=connect, pool=connect)
        # aiohttp does three times as many requests a second.
        transport = (
            openai.DefaultAioHttpClient if many else openai.DefaultAsyncHttpxClient
        )
        return {
            # What is None here would be taken from the environment: OpenAI's key, sent
            # to somebody else.
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
        # By way of `extra_body`: the library looks through all it gets otherwise, which
        # of many short questions takes a fifth of the time. Azure's wants the model.
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

    async def _batches(
        self, request: ChatRequest, *, whole: bool
    ) -> AsyncGenerator[list[StreamEvent], None]:
        """As of the base; once more where the server refuses to count tokens."""
        while True:
            asked = self._asks_usage
            try:
                async with aclosing(super()._batches(request, whole=whole)) as batches:
                    async for batch in batches:
                        yield batch
            except Exception as error:
                if not (asked and _refuses_usage(error)):
                    raise
                # Refused before any work was done, so asking again costs nothing.
                self._asks_usage = False
            else:
                return


def _refuses_usage(error: Exception) -> bool:
    """Whether a server does not know the option that asks for the usage."""
    refused = getattr(error, "status_code", None) in (400, 422)
    return refused and "stream_options" in str(getattr(error, "body", ""))
