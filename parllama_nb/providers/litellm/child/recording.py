"""Has litellm make a request that is recorded, instead of sent; counts what is sent.

litellm has no way to say what it would send: each of its providers writes its request
on the way to an HTTP client. So it is let go on its way, and stopped where the client
would send. Whatever else it would do over the network on that way (fetch a token, ask
where it runs) is refused, for the task alone that records.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import importlib
import json
import sys
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

__all__ = ["counted", "install", "recorded"]

_CONTACTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname")
"""Events of `sys.audit` that come before anything goes out."""

_FRAGMENT = 40
"""Characters of the question by which a request is known to be the one that asks."""


class RecordedError(Exception):
    """Ends what would have been sent."""


class OfflineError(OSError):
    """Ends what would have gone out beside the request."""


class _Recording:
    """The request of one preview, and whether something else would have gone out."""

    def __init__(self) -> None:
        self.request: Any = None
        self.blocked = False


_current: ContextVar[_Recording | None] = ContextVar("recording", default=None)

_count: ContextVar[Callable[[int, str], None] | None] = ContextVar(
    "count", default=None
)


def counted(count: Callable[[int, str], None]) -> None:
    """Have `count` called with the size and the host of each body this task sends."""
    _count.set(count)


def install() -> None:
    """Have all HTTP clients of this process record, or count, while a task wants it."""
    for name in ("httpx", "httpx2"):
        with contextlib.suppress(ImportError):
            module = importlib.import_module(name)
            module.AsyncClient.send = _async_send(module.AsyncClient.send)
            module.Client.send = _send(module.Client.send)
    sys.addaudithook(_stay_offline)


async def recorded(
    ask: Callable[[], Coroutine[Any, Any, Any]], messages: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the request that `ask` would send, as JSON values.

    `body` is in base64. `known` says whether it is the one that asks what `messages`
    do; without, it is another one that has to be answered first. It is {} if there is
    none, because something else had to go out first.

    Raises:
        Exception: what litellm raises before it would send.

    """
    recording = _Recording()
    token = _current.set(recording)
    try:
        await ask()
    except Exception:
        # Expected: sending ends in an exception, which litellm makes one of its own.
        if recording.request is None and not recording.blocked:
            raise
    finally:
        _current.reset(token)
    request = recording.request
    if request is None:
        return {}
    body = bytes(request.content)
    return {
        "method": request.method,
        "url": str(request.url),
        "headers": [
            [name.decode("latin-1"), value.decode("latin-1")]
            for name, value in request.headers.raw
        ],
        "body": base64.b64encode(body).decode(),
        "known": _asks(body, messages),
    }


def _asks(body: bytes, messages: list[dict[str, Any]]) -> bool:
    """Whether a body holds the last text of the messages, however it is escaped."""
    for message in reversed(messages):
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        for part in reversed(parts):
            text = part.get("text")
            if isinstance(text, str) and text.strip():
                begin = text[:_FRAGMENT]
                forms = {
                    begin,
                    json.dumps(begin)[1:-1],
                    json.dumps(begin, ensure_ascii=False)[1:-1],
                }
                return any(form.encode() in body for form in forms)
    return True


def _async_send(send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    async def instead(client: Any, request: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        recording = _current.get()
        if recording is None:
            _note(request)
            return await send(client, request, *args, **options)
        await request.aread()
        return _record(recording, request)

    return instead


def _send(send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    def instead(client: Any, request: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        recording = _current.get()
        if recording is None:
            _note(request)
            return send(client, request, *args, **options)
        request.read()
        return _record(recording, request)

    return instead


def _note(request: Any) -> None:  # noqa: ANN401
    count = _count.get()
    size = request.headers.get("content-length", "")
    if count is not None and request.method == "POST" and size.isdecimal():
        count(int(size), request.url.netloc.decode("ascii", "replace"))


def _record(recording: _Recording, request: Any) -> Any:  # noqa: ANN401
    # The first one: litellm may try again after the exception.
    if recording.request is None:
        recording.request = request
    raise RecordedError


def _stay_offline(event: str, arguments: tuple[Any, ...]) -> None:
    del arguments
    if event in _CONTACTS:
        recording = _current.get()
        if recording is not None:
            recording.blocked = True
            raise OfflineError
