"""The package's functions: the commands, for people who do not like magics.

A prompt is sent as it is: Python has f-strings, so nothing is filled in here.
"""

from __future__ import annotations

import asyncio
import difflib
import queue
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from .application import Parllama, get_app
from .chats.answer import Answer
from .commands import COMMANDS, Call, Notebook
from .errors import UsageError
from .events import AnswerDelta, Event
from .jobs import Job

if TYPE_CHECKING:
    from .widgets.chat import ChatView

__all__ = ["AnswerStream", "achat", "app", "chat", "open_chat", "stream"]


def app() -> Parllama:
    """The services of this kernel."""
    return get_app()


def chat(prompt: str, **options: Any) -> Answer:  # noqa: ANN401 - `ask`'s options
    """Ask a model and wait for the answer; Ctrl-C gives what had come until then.

    Args:
        prompt: the question, sent as it is.
        **options: those of `%parllama ask`: `model`, `system`, `temperature`,
            `max_tokens`, `seed`, `session`.

    Raises:
        ParllamaError: the answer failed; `partial` is the text that had come.

    """
    return _whole(_start(prompt, options).result())


async def achat(prompt: str, **options: Any) -> Answer:  # noqa: ANN401
    """`chat` for `await`: the kernel does other things until the answer is there.

    Raises:
        ParllamaError: the answer failed.

    """
    job = _start(prompt, options)
    try:
        # Shielded, so that it is the job that is cancelled and settles its answer.
        return _whole(await asyncio.shield(asyncio.wrap_future(job.future)))
    except asyncio.CancelledError:
        job.cancel()
        raise


def stream(prompt: str, **options: Any) -> AnswerStream:  # noqa: ANN401
    """Ask a model and iterate over the answer's text as it comes.

    `for text in stream(...)` and `async for text in stream(...)` both work. Leaving
    the loop early ends the request.
    """
    return AnswerStream(prompt, options)


def open_chat(session: str | None = None) -> ChatView:
    """A chat in a view: shown where it is the last thing of a cell, or displayed.

    Args:
        session: the conversation's name; without it, this notebook's own, which is
            that of `%%parllama -c`.

    Raises:
        StoreError: what was said in it cannot be read.
        FrontEndError: the front end is not built.

    """
    from .widgets.chat import ChatView  # noqa: PLC0415 - not needed to ask
    from .widgets.present import notebook_name  # noqa: PLC0415

    app = get_app()
    opening = app.sessions.open(session or notebook_name())
    return ChatView(app, app.runtime.run(opening))


class AnswerStream:
    """The text of an answer as it comes; `answer` is the whole once it is over."""

    def __init__(self, prompt: str, options: dict[str, Any]) -> None:
        self.answer: Answer | None = None
        self._texts: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._job = _start(prompt, options, self._hear)
        self._job.future.add_done_callback(lambda _: self._texts.put(None))

    def __iter__(self) -> Iterator[str]:
        try:
            while (text := self._next()) is not None:
                if text:
                    yield text
            self.answer = self._job.result()
            _whole(self.answer)
        finally:
            self._job.cancel()

    async def __aiter__(self) -> AsyncIterator[str]:
        try:
            while (text := await asyncio.to_thread(self._next)) is not None:
                if text:
                    yield text
            self.answer = self._job.result()
            _whole(self.answer)
        finally:
            self._job.cancel()

    def _next(self) -> str | None:
        """The next piece, "" while there is none yet, None at the end."""
        try:
            # With a limit, so that Ctrl-C is heard on every platform.
            text = self._texts.get(timeout=0.5)
        except queue.Empty:
            return ""
        if text is None:
            self._texts.put(None)  # the end is the end for whoever asks again
        return text

    def _hear(self, event: Event) -> None:
        if isinstance(event, AnswerDelta) and event.kind == "text":
            self._texts.put(event.text)


def _start(prompt: str, options: dict[str, Any], listener: Any = None) -> Job[Answer]:  # noqa: ANN401
    app = get_app()
    command = COMMANDS["ask"]
    known = [name for name, option in command.options().items() if not option.cell]
    for name in options.keys() - {*known}:
        near = difflib.get_close_matches(name, known, 1)
        also = f"Did you mean {near[0]}? " if near else ""
        message = f"There is no option {name!r} here."
        raise UsageError(message, hint=f"{also}There is {', '.join(known)}.")
    params = command.validated({"prompt": prompt, **options})
    if len(getattr(params, "model", ())) > 1:
        message = "One model is asked here."
        raise UsageError(message, hint="pl.compare asks several.")
    return app.jobs.start(
        f"ask {' '.join(prompt.split())[:55]}",
        lambda job: command.run(params, Call(app, Notebook(name="python"), job)),
        listener=listener,
    )


def _whole(answer: Answer) -> Answer:
    if answer.error is not None:
        answer.error.partial = answer.text
        raise answer.error
    return answer
