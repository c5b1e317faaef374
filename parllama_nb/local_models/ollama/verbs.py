"""What an Ollama server does with its models, over its API: https://docs.ollama.com/api.

Each verb is one coroutine over a client. Which version of the server has a route that
is missing is said here; what a service makes of it, jobs and lists, is `service`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

from ...errors import (
    AuthenticationError,
    ModelNotFoundError,
    ParllamaError,
    ProviderError,
    StreamInterruptedError,
    UsageError,
)
from ...events import Progress
from ...providers.ollama.client import OllamaClient, entries_of
from ...providers.ollama.names import canonical
from .full_disk import explain_full_disk
from .push_key import key_hint
from .transfer import Transfer
from .versions import ROUTES_SINCE, UPDATE, server_version, version_text

__all__ = [
    "call",
    "copy",
    "delete",
    "load",
    "pull",
    "push",
    "unload",
    "unload_if_loaded",
]

_NO_ROUTE = "404 page not found"
_UNKNOWN = ("file does not exist", "not found", "no such file")
_REFUSED = re.compile(r"unauthorized|access denied|signed in|\b40[13]\b")
_NO_TLS = ("not look like a tls handshake", "http response to https", "x509:")
_GIVEN_UP = "max retries exceeded"
"""What a server says that has tried a broken download six times by itself."""

_FOREVER = -1
"""The `keep_alive` of a model that stays loaded until it is unloaded."""


async def call(
    client: OllamaClient,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    model: str | None = None,
) -> dict[str, Any]:
    """Send one request, as `OllamaClient.call`; names the version of a missing route.

    Raises:
        UsageError: the server is too old for this.
        ProviderError: the server did not answer as expected.

    """
    try:
        return await client.call(method, path, body, model=model)
    except ProviderError as error:
        failure: ParllamaError = error
    if _NO_ROUTE in failure.message:
        failure = await _too_old(client, path) or failure
    raise failure


async def pull(
    client: OllamaClient,
    name: str,
    report: Callable[[Progress], None],
    *,
    insecure: bool = False,
) -> Transfer:
    """Download a model to the server; returns what has travelled.

    A pull that is cancelled or cut goes on where it was when it is asked for again:
    the server keeps the parts. `insecure` allows a registry without TLS.

    Raises:
        ModelNotFoundError: the registry has no such model.
        ProviderError: it failed, or the connection broke.

    """
    return await _transfer(client, "pull", name, "Downloading", report, insecure)


async def push(
    client: OllamaClient,
    name: str,
    report: Callable[[Progress], None],
    *,
    insecure: bool = False,
) -> Transfer:
    """Upload a model of the server to its registry; returns what has travelled.

    Raises:
        AuthenticationError: the registry does not know the server's key; the hint says
            which key to register, and where.
        ModelNotFoundError: the server has no such model.
        ProviderError: it failed, or the connection broke.

    """
    return await _transfer(client, "push", name, "Uploading", report, insecure)


async def copy(client: OllamaClient, source: str, destination: str) -> None:
    """Give a model one more name.

    Raises:
        ModelNotFoundError: the server has no model `source`.
        ProviderError: the server refused.

    """
    body = {"source": source, "destination": destination}
    await call(client, "POST", "/api/copy", body, model=source)


async def delete(client: OllamaClient, name: str) -> None:
    """Delete a model, loaded or not.

    Raises:
        ModelNotFoundError: the server has no such model.
        ProviderError: the server refused.

    """
    # `name` is what servers before 0.1.39 call it.
    body = {"model": name, "name": name}
    await call(client, "DELETE", "/api/delete", body, model=name)


async def load(
    client: OllamaClient, name: str, keep_alive: str | float | None = None
) -> None:
    """Load a model into the server's memory; takes as long as the server needs.

    `keep_alive` is for how long: seconds, a text such as `10m`, or None for the
    server's own time.

    Raises:
        ModelNotFoundError: the server has no such model.
        ProviderError: it cannot be loaded.

    """
    await _generate(client, name, keep_alive)


async def unload(client: OllamaClient, name: str) -> None:
    """Remove a model from the server's memory; does nothing if it is not there.

    Raises:
        ModelNotFoundError: the server has no such model.
        ProviderError: the server refused.

    """
    await _generate(client, name, 0)


async def unload_if_loaded(client: OllamaClient, name: str) -> None:
    """Remove a model from memory if it is there; asks no server that is too old.

    Raises:
        ProviderError: the server did not answer as expected.

    """
    loaded = entries_of(await client.call("GET", "/api/ps"))
    if canonical(name) in (canonical(str(entry["name"])) for entry in loaded):
        await unload(client, name)


async def _generate(
    client: OllamaClient, name: str, keep_alive: str | float | None
) -> None:
    # A question without a prompt loads, or unloads, and answers nothing.
    body: dict[str, Any] = {"model": name, "stream": False}
    if keep_alive is not None:
        body["keep_alive"] = keep_alive
    steps = client.objects("/api/generate", body, model=name)
    async with aclosing(steps) as lines:
        async for _ in lines:
            pass


async def _transfer(  # noqa: PLR0913, PLR0917 - one call of two callers
    client: OllamaClient,
    verb: str,
    name: str,
    title: str,
    report: Callable[[Progress], None],
    insecure: bool,  # noqa: FBT001
) -> Transfer:
    path = f"/api/{verb}"
    body = {"model": name, "name": name, "insecure": insecure, "stream": True}
    transfer = Transfer(title)
    failure: Exception | None = None
    try:
        steps = client.objects(path, body, model=name)
        async with aclosing(steps) as lines:
            async for line in lines:
                report(transfer.read(line))
    except ProviderError as error:
        explain_full_disk(error)
        # A wrong password is the server's own matter, not that of a registry.
        login = isinstance(error, AuthenticationError)
        failure = error if login else await _explained(error, client, path, name)
    if failure is not None:
        raise failure
    if not transfer.succeeded:
        text = f'the server ended the {verb} of {name} without "success".'
        raise StreamInterruptedError(client.endpoint.line(text))
    return transfer


async def _explained(
    error: ProviderError, client: OllamaClient, path: str, name: str
) -> Exception:
    """Return what a refusal of a pull or a push means."""
    text = error.message.lower()
    if _NO_ROUTE in text:
        return await _too_old(client, path) or error
    verb = path.rpartition("/")[2]
    if _holds(text, _NO_TLS):
        error.hint = f"If you trust this registry: {verb} --insecure."
    elif _REFUSED.search(text):
        line = client.endpoint.line(f"it may not {verb} {name}.")
        page = await _sign_in_url(client)
        hint = await key_hint(client.endpoint.host, name, page, verb)
        return AuthenticationError(line, hint=hint)
    elif verb == "push":
        if _holds(text, _UNKNOWN):
            return ModelNotFoundError(client.endpoint.line(f"it has no model {name}."))
    elif _GIVEN_UP in text:
        # It keeps what has come, so that another try goes on there.
        return StreamInterruptedError(error.message)
    elif isinstance(error, ModelNotFoundError):
        line = client.endpoint.line(f"the registry has no model {name}.")
        return ModelNotFoundError(line)
    return error


async def _too_old(client: OllamaClient, path: str) -> UsageError | None:
    """Return the error of a route that an old server lacks; None if it is not old."""
    try:
        now = await server_version(client)
    except ProviderError:
        return None
    since = ROUTES_SINCE.get(path)
    if now and since and now >= since:
        return None  # something between us and the server refuses the route
    has = f"; Ollama has it since {version_text(since)}" if since else ""
    text = f"version {version_text(now) if now else 'unknown'} has no {path}{has}."
    return UsageError(client.endpoint.line(text), hint=UPDATE)


async def _sign_in_url(client: OllamaClient) -> str:
    """Return the page on which the server's key is registered, "" if it says none."""
    try:
        await client.call("POST", "/api/me")
    except AuthenticationError as error:
        return error.sign_in_url
    except ProviderError:
        pass
    return ""


def _holds(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)
