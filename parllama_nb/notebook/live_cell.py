"""Shows a job in a cell while it runs, and its result when it is done."""

from __future__ import annotations

import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from ..application import Parllama
from ..chats.answer import Answer
from ..errors import ParllamaError, StoppedError
from ..events import Event
from ..jobs import Job, Work
from ..markdown.sanitize import escape, sanitize
from ..vaults.errors import VaultLockedError
from ..widgets._comm import Cell, in_kernel, publish
from ..widgets._job_view import JobView
from ..widgets.answer.view import AnswerView
from .origin import origin

__all__ = ["LiveCell", "arun_shown", "run_shown"]

Start = Callable[[Callable[[Event], None]], Job[Any]]


class LiveCell:
    """One output of one cell: first a view, at the end Markdown in its place.

    A `remark` about the cell is shown below that.
    """

    def __init__(
        self, app: Parllama, view: JobView[Any, Any], cell: Cell, remark: str = ""
    ) -> None:
        self._app = app
        self._remark = remark
        self._cell = cell
        self._view = view
        self._start: Start | None = None
        self._display_id = uuid.uuid4().hex

    def run(
        self,
        start: Start,
        save: Callable[[object], None],
        *,
        background: bool,
        wait: Callable[[Job[Any]], object] = Job.result,
    ) -> object:
        """Start a job, show it, and settle its result, which `save` gets too.

        `wait` waits for the job, and may answer its questions meanwhile.

        Returns:
            The job's result, partial after an interrupt; None in the background.

        Raises:
            ParllamaError: the job failed without a result.

        """
        job: Job[Any] | None = None
        result: object
        self._start = start
        try:
            self._publish(self._view.output(), update=False)
            job = start(self._view.hear)
            self._view.follow(job)
            self._prepare()
            if background:
                job.future.add_done_callback(
                    lambda future: self._in_thread(self._settle_later, future, save)
                )
                return None
            result = wait(job)
        except KeyboardInterrupt:
            if job is not None:
                job.cancel()
            result = self._view.partial() or StoppedError("Stopped.")
        except Exception as error:  # noqa: BLE001 - shown, whatever it is
            result = ParllamaError.of(error)
        with _deferred_interrupts() as interrupted:
            self._settle(result, save, raised=True)
        if isinstance(result, ParllamaError):
            raise result
        if interrupted:
            message = "Stopped."
            raise StoppedError(message, hint="The answer is complete.")
        return result

    def _prepare(self) -> None:
        """Import what settling needs while the model thinks."""
        self._in_thread(sanitize, "*")

    def _in_thread(self, function: Callable[..., object], *arguments: object) -> None:
        # Blocks neither the caller nor the service loop, which has answers to read.
        loop = self._app.runtime.loop
        loop.call_soon_threadsafe(loop.run_in_executor, None, function, *arguments)

    def _settle_later(
        self, future: Future[Any], save: Callable[[object], None]
    ) -> None:
        """Settle after the cell has ended, so that it cannot raise the error."""
        error = future.exception()
        self._settle(
            future.result() if error is None else ParllamaError.of(error),
            save,
            raised=False,
        )

    def _settle(
        self, result: object, save: Callable[[object], None], *, raised: bool
    ) -> None:
        save(result)
        view = self._view
        if not isinstance(view, AnswerView) or not self._cell.has_user:
            self._end(result, raised=raised)
        elif _is_mendable(result):
            self._offer(view, result, save, raised=raised)
        else:
            self._end(result, raised=raised)

    def _end(self, result: object, *, raised: bool) -> None:
        """Put the cell's own output in the place of the view."""
        self._publish(self._settled(result, raised=raised), update=True)
        self._view.settle(result)
        # A page that was loaded while the cell ran gets no error that the cell raises.
        # Few cells have such a page, so nothing is made for it in advance.
        self._view.replaced_by(lambda: self._settled(result, raised=False))

    def _offer(
        self,
        view: AnswerView,
        result: object,
        save: Callable[[object], None],
        *,
        raised: bool,
    ) -> None:
        """Keep the view, which shows the error and what mends it, and asks again.

        The notebook is saved with the text of the error. If no page shows the view,
        the cell's own output takes its place as ever.
        """
        view.without_widgets = self._settled(result, raised=False)["text/plain"]
        self._publish(view.output(), update=True)
        view.settle(result)
        view.offer(
            lambda: self._ask_again(save),
            unseen=lambda: self._in_thread(lambda: self._end(result, raised=raised)),
        )

    def _ask_again(self, save: Callable[[object], None]) -> None:
        """Start the job once more, after the cell has ended."""
        if self._start is None:
            return
        job = self._start(self._view.hear)
        self._view.follow(job)
        job.future.add_done_callback(
            lambda future: self._in_thread(self._settle_later, future, save)
        )

    def _settled(self, result: object, *, raised: bool) -> dict[str, str]:
        """Returns the cell's final output, with the error unless the cell raises it."""
        error = result if isinstance(result, ParllamaError) else None
        # An answer, a report and a comparison have a Markdown form.
        markdown = str(getattr(result, "markdown", ""))
        text = str(result) if markdown else ""
        if isinstance(result, Answer):
            error = result.error
        if error is not None and not raised:
            line = self._app.redact(f"{type(error).__name__}: {error}")
            markdown = f"{escape(line)}\n\n{markdown}"
            text = f"{text}\n{line}".strip()
        if self._remark:
            markdown = f"{markdown}\n\n<sub>{self._remark}</sub>".strip()
            text = f"{text}\n{self._remark}".strip()
        # The text replaces the view even if it is empty.
        shown = {"text/markdown": markdown} if markdown else {}
        return {**shown, "text/plain": text}

    def _publish(self, data: dict[str, str], *, update: bool) -> None:
        publish(data, display_id=self._display_id, cell=self._cell, update=update)


def _is_mendable(result: object) -> bool:
    """Whether a question failed for what the user can add: a key, the vault."""
    error = result.error if isinstance(result, Answer) else result
    if not isinstance(error, ParllamaError):
        return False
    return bool(getattr(error, "missing_key", "")) or isinstance(
        error, VaultLockedError
    )


def run_shown(
    app: Parllama, title: str, work: Work[Any], *, listed: bool = True
) -> Any:  # noqa: ANN401
    """Run a job, show its progress in the calling cell, and return its result.

    It is in the list of jobs if it is `listed`. Outside of a notebook nothing is shown:
    a function of a package does not print.

    Raises:
        ParllamaError: the job failed without a result.

    """
    if not in_kernel():
        return app.jobs.start(title, work, listed=listed).result()
    from ..widgets.progress.view import ProgressView  # noqa: PLC0415 - for cells only

    return LiveCell(app, ProgressView(app, title), *origin()).run(
        lambda hear: app.jobs.start(title, work, listener=hear, listed=listed),
        lambda _: None,
        background=False,
    )


async def arun_shown(app: Parllama, title: str, work: Work[Any]) -> Any:  # noqa: ANN401
    """`run_shown` for `await`. If the waiting task is cancelled, so is the job.

    Raises:
        ParllamaError: the job failed without a result.

    """
    started: list[Job[Any]] = []

    def start(hear: Callable[[Event], None] | None = None) -> Job[Any]:
        started.append(app.jobs.start(title, work, listener=hear))
        return started[0]

    if in_kernel():
        from ..widgets.progress.view import ProgressView  # noqa: PLC0415

        cell = LiveCell(app, ProgressView(app, title), *origin())
        cell.run(start, lambda _: None, background=True)
    else:
        start()
    return await started[0].wait()


@contextmanager
def _deferred_interrupts() -> Iterator[list[int]]:
    """Collect interrupts, so that none of them leaves a half-settled cell."""
    interrupts: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(
        signal.SIGINT, lambda number, _frame: interrupts.append(number)
    )
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)
