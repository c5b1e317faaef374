"""Azure OpenAI: the OpenAI wire format, at an address of each customer.

Azure's deployment is the model here. Without `OPENAI_API_VERSION` it is the
v1 API, which has no versions; with one, the dated API of that version:
https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...secret import Secret
from ..http.client import entries
from ..http.stream_errors import SilentError
from ..spec import ModelInfo
from .client import OpenAIClient
from .provider import OpenAIWire

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI
    from openai._types import RequestOptions

__all__ = ["AzureClient", "AzureWire"]

VERSION_ENV = ("OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION", "AZURE_API_VERSION")
"""Variables for the version of the dated API; the first that is set is used."""

_DEPLOYMENTS_VERSION = "2023-03-15-preview"
"""The version of the API whose list of deployments a key is enough for; newer ones
list what could be deployed."""


class AzureClient(OpenAIClient):
    """One Azure OpenAI resource, and the key to it.

    The dated API has the key in `api-key`; the v1 API takes it as OpenAI does, in a
    header that is not sent on to the target of a redirect. `version` is that of the
    dated API.
    """

    usual_path = ""
    version = ""

    def _make(
        self, *, many: bool = False, transport: httpx2.AsyncBaseTransport | None = None
    ) -> AsyncOpenAI:
        import openai  # noqa: PLC0415 - not paid before the first request

        arguments = self._arguments(many=many, transport=transport)
        client: AsyncOpenAI
        if self.version:
            client = openai.AsyncAzureOpenAI(
                azure_endpoint=self.base_url,
                api_version=self.version,
                **arguments,
            )
        else:
            client = openai.AsyncOpenAI(
                base_url=f"{self.base_url}/openai/v1", **arguments
            )
        client.organization = client.project = None
        # Resources are imported with their first use.
        _ = client.chat.completions.with_streaming_response
        return client

    async def _models(self, library: AsyncOpenAI) -> list[dict[str, Any]]:
        # By its whole address: the library would resolve another one in its own API.
        url = f"{self.base_url}/openai/deployments"
        options: RequestOptions = {
            "params": {"api-version": _DEPLOYMENTS_VERSION},
            "headers": {"api-key": self.key.reveal() if self.key else ""},
            # A redirect would send that header to another server.
            "follow_redirects": False,
        }
        limit, missing = self.timeouts.stall, "list of deployments"
        try:
            async with asyncio.timeout(limit):
                answer = json.loads(
                    await library.get(url, cast_to=str, options=options)
                )
        except TimeoutError as error:
            raise SilentError.of(missing, limit) from error
        except ValueError:
            answer = None
        return entries(answer, missing)


class AzureWire(OpenAIWire):
    """Azure OpenAI, as its `Spec` describes it."""

    kind = AzureClient

    def _connect(self, url: str, key: Secret | None) -> OpenAIClient:
        client = super()._connect(url, key)
        if isinstance(client, AzureClient):
            client.version = self._version()
        return client

    def _is_current(self, client: OpenAIClient, url: str, key: Secret | None) -> bool:
        ours = isinstance(client, AzureClient) and client.version == self._version()
        return ours and super()._is_current(client, url, key)

    def _version(self) -> str:
        versions = (self.context.environ(name) for name in VERSION_ENV)
        return next((v.strip() for v in versions if v and v.strip()), "")

    def _info(self, listed: Mapping[str, Any]) -> ModelInfo:
        known = {**listed, "created": listed.get("created_at", listed.get("created"))}
        return super()._info(known)
