"""The package's functions: the commands, for people who do not like magics.

A prompt is sent as it is: Python has f-strings, so nothing is filled in here.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from .application import Parllama, get_app
from .chats.answer import Answer
from .commands import COMMANDS, Call, Notebook
from .errors import UsageError
from .events import AnswerDelta, Event
from .fuzzy import near
from .jobs import Job

if TYPE_CHECKING:
    from pandas import DataFrame

    from .widgets.chat.view import ChatView
    from .widgets.panel.view import ControlPanel

__all__ = [
    "AnswerStream",
    "achat",
    "app",
    "chat",
    "models",
    "open_chat",
    "panel",
    "stream",
]


def app() -> Parllama:
    """The services of this kernel."""
    return get_app()


def chat(prompt: str, **options: Any) -> Answer:  # noqa: ANN401 - `ask`'s options
    """Ask a model and wait for the answer; Ctrl-C gives what had come until then.

    Args:
        prompt: the question, sent as it is.
        **options: those of `%parllama ask`: `model`, `system`, `temperature`,
            `max_tokens`, `seed`, `top_p`, `top_k`, `stop`, `reasoning`,
            `reasoning_budget`, `response_schema`, `context_window`, `keep_alive`,
            `image`, `session`.

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


def panel() -> ControlPanel:
    """The control panel: chat, jobs and settings in one view, which shows itself.

    Each call gives another one; all of them show the same.

    Raises:
        FrontEndError: the front end was not built into this installation.

    """
    from .notebook.run import notebook_name  # noqa: PLC0415
    from .widgets.panel.view import ControlPanel  # noqa: PLC0415 - widgets are heavy

    return ControlPanel(get_app(), notebook_name())


def models(provider: str | None = None, *, refresh: bool = False) -> DataFrame:
    """The models there are, as a DataFrame with a row for each.

    Its columns are `provider`, `model`, `context_window` (tokens), `input_price` and
    `output_price` (US dollars for a million tokens), `capabilities`, `size` (bytes),
    `modified` and `note`. `attrs["notes"]` says, by provider, why its list is old or
    missing. Lists are kept; local providers are asked each time.

    Args:
        provider: only this one's; without it, those of all that are on.
        refresh: ask again, however new the list is.

    Raises:
        UnknownProviderError: there is no such provider.
        ProviderDisabledError: it is switched off.
        UsageError: pandas is not installed.

    """
    app, command = get_app(), COMMANDS["models"]
    # A word that is no provider would be looked for in the names of models.
    words = () if provider is None else (app.providers.require(provider),)
    params = command.validated({"words": words, "refresh": refresh})
    job = app.jobs.start(
        "models",
        lambda job: command.run(params, Call(app, Notebook(name="python"), job)),
        listed=False,
    )
    frame: DataFrame = job.result().frame
    return frame


def open_chat(session: str | None = None) -> ChatView:
    """A chat in a view: shown where it is the last thing of a cell, or displayed.

    Args:
        session: the conversation's name; without it, this notebook's own, which is
            that of `%%parllama -c`.

    Raises:
        StoreError: what was said in it cannot be read.
        FrontEndError: the front end is not built.

    """
    from .notebook.run import notebook_name  # noqa: PLC0415
    from .widgets.chat.view import ChatView  # noqa: PLC0415 - not needed to ask

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
        offered = near(name, known, 1, cutoff=0.6)
        also = f"Did you mean {offered[0]}? " if offered else ""
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
