"""Answers the kernel's requests to litellm, many at a time.

It reads JSON from stdin, one value a line: the settings first, then requests. It prints
lists of a request's number, a kind and a value. It ends when stdin does, which is when
the kernel is gone, however it went. What others print goes to stderr.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import threading
from typing import Any, TextIO

from .bedrock import bedrock_models
from .provider_fields import fields_of
from .recording import counted, install, recorded

__all__ = ["Child", "main"]

_THOUGHTS = ("reasoning_content", "reasoning", "reasoning_text", "thinking", "thoughts")
"""The fields that carry thoughts: litellm passes on those it does not know. The first
one that has some is read."""


class Child:
    """Answers the requests of the kernel, each in a task of its own."""

    def __init__(self, package_path: str, answer: TextIO) -> None:
        self._package_path = package_path
        self._answer = answer
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._litellm: Any = None

    def say(self, number: int, kind: str, value: object = None) -> None:
        """Send the kernel a reply to one request."""
        self._answer.write(json.dumps([number, kind, value]) + "\n")
        self._answer.flush()

    async def serve(self) -> None:
        """Load litellm, then answer until stdin ends."""
        lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def read() -> None:
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            os._exit(0)  # nothing here needs a clean-up

        # Before the import, so that the end of the kernel ends it too.
        threading.Thread(target=read, daemon=True).start()
        try:
            self._litellm = _load(self._package_path)
        except Exception as error:  # noqa: BLE001 - sent to the kernel, whatever it is
            self.say(0, "failed", f"{type(error).__name__}: {error}")
            return
        self.say(0, "ready")
        while True:
            self._take(json.loads(await lines.get()))

    def _take(self, request: dict[str, Any]) -> None:
        number = request["number"]
        if request["do"] == "cancel":
            task = self._tasks.get(number)
            if task is not None:
                task.cancel()
            return
        task = asyncio.ensure_future(self._run(number, request))
        self._tasks[number] = task
        task.add_done_callback(lambda _: self._tasks.pop(number, None))

    async def _run(self, number: int, request: dict[str, Any]) -> None:
        try:
            if request["do"] == "fields":
                self.say(number, "result", fields_of(self._litellm, request["model"]))
            elif request["do"] == "bedrock models":
                self.say(number, "result", await bedrock_models(request["arguments"]))
            elif request["do"] == "preview":
                messages = request["arguments"]["messages"]
                preview = await recorded(lambda: self._opened(request), messages)
                self.say(number, "result", preview)
            else:
                await self._chat(number, request)
        except Exception as error:  # noqa: BLE001 - sent to the kernel, whatever it is
            self.say(number, "failure", _failure(error))

    async def _chat(self, number: int, request: dict[str, Any]) -> None:
        counted(lambda size, host: self.say(number, "sent", [size, host]))
        stream = await self._opened(request)
        reason, usage = None, None
        try:
            async for chunk in stream:
                usage = getattr(chunk, "usage", None) or usage
                for choice in chunk.choices[:1]:
                    delta = choice.delta
                    fields = (getattr(delta, name, None) for name in _THOUGHTS)
                    thought = next(filter(None, fields), None)
                    if isinstance(thought, str):
                        self.say(number, "thinking", thought)
                    if getattr(delta, "content", None):
                        self.say(number, "text", delta.content)
                    reason = choice.finish_reason or reason
        finally:
            # Else a stream that is cancelled would be read to its end.
            with contextlib.suppress(Exception):
                await stream.aclose()
        # If the provider gives no reason, litellm ends a stream as if it were whole.
        reason = getattr(stream, "received_finish_reason", reason)
        self.say(number, "end", {"reason": reason, "usage": _usage(usage, stream)})

    async def _opened(self, request: dict[str, Any]) -> Any:  # noqa: ANN401 - litellm's
        import httpx  # noqa: PLC0415 - litellm has loaded it

        arguments = {
            **request["arguments"],
            "stream": True,
            "num_retries": 0,
            "max_retries": 0,
            "timeout": httpx.Timeout(request["limit"], connect=request["connect"]),
        }
        counting = {"stream_options": {"include_usage": True}}
        try:
            return await self._litellm.acompletion(**arguments, **counting)
        except Exception as error:
            refused = getattr(error, "status_code", None) in (400, 422)
            if not (refused and "stream_options" in str(error)):
                raise
        # Refused before any work was done, so asking again costs nothing.
        return await self._litellm.acompletion(**arguments)


def _load(package_path: str) -> Any:  # noqa: ANN401 - a module
    # Where the kernel found it, which may be a path only the kernel knows; last, so
    # that it shadows nothing.
    sys.path.append(package_path)
    import litellm  # noqa: PLC0415 - seconds, and only here

    # At DEBUG it logs requests, keys included.
    logging.disable(logging.CRITICAL)
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.drop_params = False
    litellm.modify_params = False
    litellm.num_retries = 0
    for name in ("callbacks", "input_callback", "success_callback", "failure_callback"):
        setattr(litellm, name, [])
    install()
    return litellm


def _usage(usage: Any, stream: Any) -> dict[str, int | None]:  # noqa: ANN401 - litellm's
    """Return what the provider counted.

    Where it did not, litellm itself counts, with any tokenizer: the whole answer if no
    chunk had a usage, and the thoughts if no usage had theirs.
    """
    counted = [each.usage for each in stream.chunks if getattr(each, "usage", None)]
    if not counted or usage is None:
        return {}
    read = getattr(usage, "prompt_tokens_details", None)
    made = [getattr(each, "completion_tokens_details", None) for each in counted]
    thought = [getattr(each, "reasoning_tokens", None) or 0 for each in made]
    wrote = getattr(usage, "cache_creation_input_tokens", None)
    return {
        "input_tokens": getattr(usage, "prompt_tokens", None),
        "output_tokens": getattr(usage, "completion_tokens", None),
        "cached_tokens": getattr(read, "cached_tokens", None),
        "cache_write_tokens": wrote or getattr(read, "cache_creation_tokens", None),
        "reasoning_tokens": max(thought),
    }


def _failure(error: BaseException) -> dict[str, Any]:
    """Return an exception as plain values: itself holds the request and its key."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", getattr(response, "status_code", None))
    text = getattr(error, "message", None) or error
    if type(error).__name__ == "HTTPStatusError":
        text = getattr(response, "text", "")
    return {
        "classes": [cls.__name__ for cls in type(error).__mro__],
        "causes": [type(each).__name__ for each in chain],
        "status": status if isinstance(status, int) else None,
        "text": str(text),
        "headers": _headers(chain),
    }


def _headers(chain: list[BaseException]) -> dict[str, str]:
    """Return when to try again, from any exception that has the server's headers.

    Those of limits may be the only ones to say it; litellm prefixes their names.
    """
    for error in chain:
        response = getattr(error, "response", None)
        for headers in (
            getattr(error, "litellm_response_headers", None),
            getattr(error, "headers", None),
            getattr(response, "headers", None),
        ):
            found = {
                name.lower().removeprefix("llm_provider-"): str(value)
                for name, value in dict(headers or {}).items()
                if "retry-after" in name.lower() or "ratelimit" in name.lower()
            }
            if found:
                return found
    return {}


def main() -> None:
    """Run until stdin ends."""
    # stdout is for replies alone; what others print, as banners, goes to stderr.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.readline())
    asyncio.run(Child(settings["package_path"], answer).serve())
