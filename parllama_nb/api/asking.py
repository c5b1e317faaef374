"""ask, aask and stream: one question to one model.

A prompt is sent as it is: Python has f-strings, so nothing is filled in here.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Unpack

from ..application import get_app
from ..chats.answer import Answer
from ..chats.preview import RequestPreview
from ..commands import COMMANDS, Call, Notebook
from ..commands.question import check_names
from ..errors import UsageError
from ..events import AnswerDelta, Event
from ..jobs import Job
from ..prompting.library.rendering import Rendered
from ..prompting.messages import messages_of
from ..providers.messages import DocumentPart, ImagePart
from .options import AskOptions, shown

__all__ = ["AnswerStream", "aask", "ask", "checked", "preview", "start", "stream"]


@shown(AskOptions)
def ask(prompt: str | Rendered | None = None, **options: Unpack[AskOptions]) -> Answer:
    """Ask a model and wait for the answer; Ctrl-C returns the text so far.

    Args:
        prompt: the question, sent as it is, or a library prompt that is filled in. None
            if `messages` ends with it, or if `library_prompt` asks by itself.
        **options: `model` (`provider/model`), `system` ("" sends none),
            `library_prompt` and `variables` (a prompt of the library), `messages`
            (sent before the question: dicts of `role` and `content`), `image`, `files`
            (documents that are sent with it), `schema` (a pydantic model, a dataclass
            or a JSON schema; then `Answer.data` is the value), `session` (a
            conversation's name), `temperature`, `max_tokens`, `seed`, `top_p`, `top_k`,
            `stop`, `reasoning`, `reasoning_budget`, `context_window`, `keep_alive`.

    Raises:
        ParllamaError: the answer failed; `partial` is the text so far.

    """
    return checked(start(prompt, options).result())


@shown(AskOptions)
async def aask(
    prompt: str | Rendered | None = None, **options: Unpack[AskOptions]
) -> Answer:
    """`ask` for `await`: the kernel does other things until the answer is complete.

    Raises:
        ParllamaError: the answer failed.

    """
    return checked(await start(prompt, options).wait())


@shown(AskOptions)
def stream(
    prompt: str | Rendered | None = None, **options: Unpack[AskOptions]
) -> AnswerStream:
    """Ask a model and iterate over the answer's text as it arrives.

    `for text in stream(...)` and `async for text in stream(...)` both work. Leaving
    the loop early ends the request. The options are those of `ask`. What has been given
    and turns out to be the model's thinking is only right in `answer`, at the end.
    """
    return AnswerStream(prompt, options)


@shown(AskOptions)
def preview(
    prompt: str | Rendered | None = None, **options: Unpack[AskOptions]
) -> RequestPreview:
    """What `ask` would send: to which address, with which headers, and the exact body.

    Nothing is sent, and no key is in what is shown. The options are those of `ask`.
    `RequestPreview.body` has the bytes, `tokens` how many the prompt has.

    Raises:
        ParllamaError: it could not be asked like this.

    """
    made: RequestPreview = _run(prompt, options, dry_run=True).result()
    return made


class AnswerStream:
    """The text of an answer as it arrives; `answer` is None until the end."""

    def __init__(
        self, prompt: str | Rendered | None, options: Mapping[str, Any]
    ) -> None:
        self.answer: Answer | None = None
        self._texts: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._job = start(prompt, options, self._hear)
        self._job.future.add_done_callback(lambda _: self._texts.put(None))

    def __iter__(self) -> Iterator[str]:
        try:
            while (text := self._next()) is not None:
                if text:
                    yield text
            self.answer = self._job.result()
            checked(self.answer)
        finally:
            self._job.cancel()

    async def __aiter__(self) -> AsyncIterator[str]:
        try:
            while (text := await asyncio.to_thread(self._next)) is not None:
                if text:
                    yield text
            self.answer = self._job.result()
            checked(self.answer)
        finally:
            self._job.cancel()

    def _next(self) -> str | None:
        """Returns the next piece, "" if there is none yet, None at the end."""
        try:
            # With a timeout, so that Ctrl-C interrupts it on every platform.
            text = self._texts.get(timeout=0.5)
        except queue.Empty:
            return ""
        if text is None:
            self._texts.put(None)  # for the next iteration over the same stream
        return text

    def _hear(self, event: Event) -> None:
        if isinstance(event, AnswerDelta) and event.kind == "text":
            self._texts.put(event.text)


def start(
    prompt: str | Rendered | None,
    options: Mapping[str, Any],
    listener: Callable[[Event], None] | None = None,
) -> Job[Answer]:
    """Start the job that asks.

    Raises:
        UsageError: an option does not exist, or a value is invalid.

    """
    return _run(prompt, options, listener=listener)


def _run(
    prompt: str | Rendered | None,
    options: Mapping[str, Any],
    *,
    dry_run: bool = False,
    listener: Callable[[Event], None] | None = None,
) -> Job[Any]:
    app = get_app()
    command = COMMANDS["ask"]
    check_names(options, list(AskOptions.__annotations__))
    values = {name: value for name, value in options.items() if value is not None}
    if isinstance(prompt, Rendered):
        values["library_prompt"] = prompt
    elif prompt is not None:
        values["prompt"] = prompt
    if "messages" in values:
        values = _split(values)
    if isinstance(values.get("model"), list | tuple):
        message = "model= takes one model."
        raise UsageError(message, hint="To ask several models, use pl.compare.")
    params = command.validated({**values, "dry_run": dry_run})
    return app.jobs.start(
        f"ask {' '.join(str(values.get('prompt', '')).split())[:55]}",
        lambda job: command.run(params, Call(app, Notebook(name="python"), job)),
        listener=listener,
        listed=not dry_run,
    )


def _split(values: dict[str, Any]) -> dict[str, Any]:
    """Split `messages=` into the system prompt, earlier messages and the question."""
    if "session" in values:
        message = "messages= and session= exclude each other."
        raise UsageError(message, hint="A conversation has its own earlier messages.")
    messages = list(messages_of(values.pop("messages")))
    parts: dict[str, Any] = {}
    if messages and messages[0].role == "system":
        parts["system"] = messages.pop(0).text
    if "prompt" not in values and "library_prompt" not in values:
        if not messages or messages[-1].role != "user":
            message = "messages= does not end with a message of the user."
            raise UsageError(message, hint="Add one, or pass the question as prompt.")
        question = messages.pop()
        parts["prompt"] = question.text
        images = [part for part in question.parts if isinstance(part, ImagePart)]
        if images:
            parts["image"] = images
        documents = [part for part in question.parts if isinstance(part, DocumentPart)]
        if documents:
            parts["files"] = documents
    return {**parts, **values, "before": tuple(messages)}


def checked(answer: Answer) -> Answer:
    """Returns the answer if it did not fail.

    Raises:
        ParllamaError: it failed; `partial` is the text so far.

    """
    if answer.error is not None:
        answer.error.partial = answer.text
        raise answer.error
    return answer
