"""A cell that shows a job: its view first, at the end the settled output."""

from __future__ import annotations

import asyncio
import html
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.commands import COMMANDS, Call, Notebook, Report
from parllama_nb.errors import (
    ParllamaError,
    StoppedError,
    StreamInterruptedError,
    UsageError,
)
from parllama_nb.events import AnswerDelta, Event
from parllama_nb.jobs import Job
from parllama_nb.markdown.sanitize import escape
from parllama_nb.notebook import live_cell as live
from parllama_nb.notebook.live_cell import LiveCell
from parllama_nb.providers.messages import parts_of
from parllama_nb.secret import Secret
from parllama_nb.testing import Pause
from parllama_nb.widgets._comm import Cell
from parllama_nb.widgets._job_view import JobView
from parllama_nb.widgets.answer.view import AnswerView
from parllama_nb.widgets.progress.view import ProgressView

from ..interrupts import interrupt_the_waiting
from ..own_app import own_app, scripted
from ..widgets.recording import Page

KEY = "sk-sentinel-41d0c2be"
VIEW = "application/vnd.jupyter.widget-view+json"
WHOLE = Answer(parts_of("**Yes.**"), "fake/m", "stop", Timing(0.0, 0.1, 1.0))
CUT = replace(WHOLE, finish_reason="error", error=StreamInterruptedError("Far: cut."))


@pytest.fixture
def app(page: Page) -> Iterator[Parllama]:
    with own_app() as app:
        yield app


class Output:
    """Records the output of one cell as it is shown and replaced."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []
        self.ids: set[str] = set()
        self.kept: list[Any] = []
        self.settled = threading.Event()
        self.on_update: Callable[[], object] = lambda: None

    def publish(
        self, data: dict[str, str], *, display_id: str, cell: Cell, update: bool
    ) -> None:
        assert update == bool(self.shown)
        self.shown.append(data)
        self.ids.add(display_id)
        if update:
            self.on_update()
            self.settled.set()


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Output:
    output = Output()
    monkeypatch.setattr(live, "publish", output.publish)
    return output


def run(
    app: Parllama,
    output: Output,
    work: Callable[[Job[Any]], Any],
    *,
    background: bool = False,
    listener: Callable[[Event], object] = lambda _: None,
    view: Callable[[Parllama, str], JobView] | None = None,
) -> object:
    def start(hear: Callable[[Event], None]) -> Job[Any]:
        def both(event: Event) -> None:
            hear(event)
            listener(event)

        return app.jobs.start("work", work, listener=both)

    cell = LiveCell(app, (view or AnswerView)(app, "fake/m"), Cell())
    return cell.run(start, output.kept.append, background=background)


def gives(result: object) -> Callable[[Job[Any]], Any]:
    async def work(job: Job[Any]) -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    return work


def asks(app: Parllama, *script: Any) -> Callable[[Job[Any]], Any]:
    """Returns work that asks a scripted provider."""
    scripted(app, script)
    command = COMMANDS["ask"]
    params = command.validated({"prompt": "hi", "model": "fake/scripted"})
    return lambda job: command.run(params, Call(app, Notebook("nb"), job))


def test_a_finished_answer_replaces_its_view(app: Parllama, output: Output) -> None:
    assert run(app, output, gives(WHOLE)) is WHOLE
    view, kept = output.shown
    assert VIEW in view
    assert kept == {"text/markdown": WHOLE.markdown, "text/plain": "**Yes.**"}
    assert len(output.ids) == 1
    assert output.kept == [WHOLE]


@pytest.mark.parametrize("background", [False, True])
def test_a_page_that_does_not_get_the_cells_error_gets_it_with_the_answer(
    app: Parllama,
    output: Output,
    monkeypatch: pytest.MonkeyPatch,
    *,
    background: bool,
) -> None:
    late: queue.Queue[dict[str, str]] = queue.Queue()
    monkeypatch.setattr(AnswerView, "replaced_by", lambda _, made: late.put(made()))
    run(app, output, gives(CUT), background=background)
    kept = late.get(timeout=10)
    assert ("Far: cut." in output.shown[-1]["text/markdown"]) == background
    assert "**Yes.**" in kept["text/markdown"]
    assert "Far: cut." in kept["text/markdown"]


def test_a_finished_report_replaces_its_view(app: Parllama, output: Output) -> None:
    report = Report(f"*Chosen:* {escape('a_b|c')}")
    run(app, output, gives(report), view=ProgressView)
    assert "still running" in output.shown[0]["text/plain"]
    kept = output.shown[-1]
    assert kept["text/markdown"] == report.markdown
    assert "a_b|c" in kept["text/plain"]


def test_an_empty_result_leaves_nothing_of_its_view(
    app: Parllama, output: Output
) -> None:
    run(app, output, gives(None))
    assert output.shown[-1] == {"text/plain": ""}


@pytest.mark.parametrize(
    "error",
    [UsageError("Far: cut.", hint="Try again."), StreamInterruptedError("Far: cut.")],
)
def test_an_error_that_the_cell_raises_is_not_shown_in_its_output(
    app: Parllama, output: Output, error: ParllamaError
) -> None:
    with pytest.raises(type(error)):
        run(app, output, gives(error))
    assert output.shown[-1] == {"text/plain": ""}


def test_a_partial_answer_stays_with_its_footer(app: Parllama, output: Output) -> None:
    assert run(app, output, gives(CUT)) is CUT
    assert "Far: cut." not in html.unescape(str(output.shown[-1]))
    assert "broke off" in output.shown[-1]["text/markdown"]


@pytest.mark.parametrize("result", [CUT, UsageError("Far: cut.", hint="Try again.")])
def test_an_error_in_the_background_stays_in_the_output(
    app: Parllama, output: Output, result: object
) -> None:
    assert run(app, output, gives(result), background=True) is None
    assert output.settled.wait(10)
    kept = output.shown[-1]
    assert "Far: cut." in html.unescape(kept["text/markdown"])
    assert "Far: cut." in kept["text/plain"]


def test_an_error_in_the_output_holds_no_secret_and_no_markup(
    app: Parllama, output: Output
) -> None:
    app.redact.add(Secret("FAR_API_KEY", KEY))
    error = UsageError(f"{KEY} <img src=http://x.example> ![](http://x.example/?q)")
    run(app, output, gives(error), background=True)
    assert output.settled.wait(10)
    kept = output.shown[-1]
    assert KEY not in html.unescape(str(kept))
    assert "<img" not in kept["text/markdown"]
    assert "![" not in kept["text/markdown"]


def test_a_foreign_exception_replaces_its_view(app: Parllama, output: Output) -> None:
    with pytest.raises(Exception, match=r".*") as caught:
        run(app, output, gives(ValueError(f"Bearer {KEY}")))
    assert not isinstance(caught.value, AssertionError)
    assert VIEW not in output.shown[-1]


def test_a_foreign_exception_in_the_background_is_shown_by_its_type(
    app: Parllama, output: Output
) -> None:
    run(app, output, gives(ValueError(f"Bearer {KEY}")), background=True)
    assert output.settled.wait(10)
    assert "ValueError" in output.shown[-1]["text/plain"]
    assert KEY not in str(output.shown)


def test_a_cell_in_the_background_does_not_wait(app: Parllama, output: Output) -> None:
    work = asks(app, "Half", Pause(60))
    begun = threading.Event()

    def hear(event: Event) -> None:
        if isinstance(event, AnswerDelta):
            begun.set()

    assert run(app, output, work, background=True, listener=hear) is None
    assert begun.wait(10)
    assert len(output.shown) == 1
    app.jobs.list()[0].cancel()
    assert output.settled.wait(10)
    assert "stopped" in output.shown[-1]["text/markdown"]


def interrupt(event: Event) -> None:
    if isinstance(event, AnswerDelta):
        interrupt_the_waiting()


def test_an_interrupt_keeps_the_text_so_far(app: Parllama, output: Output) -> None:
    work = asks(app, "Half", Pause(60))
    result: Any = run(app, output, work, listener=interrupt)
    assert (result.text, result.finish_reason) == ("Half", "cancelled")
    assert output.kept == [result]
    assert "Half" in output.shown[-1]["text/markdown"]
    assert "stopped" in output.shown[-1]["text/markdown"]


def test_an_interrupt_while_settling_is_raised_after_settling(
    app: Parllama, output: Output
) -> None:
    output.on_update = lambda: signal.raise_signal(signal.SIGINT)
    with pytest.raises(StoppedError):
        run(app, output, gives(WHOLE))
    assert output.kept == [WHOLE]
    assert output.shown[-1]["text/markdown"] == WHOLE.markdown
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupted_job_without_a_partial_result_leaves_no_view(
    app: Parllama, output: Output
) -> None:
    async def work(job: Job[Any]) -> None:
        interrupt_the_waiting()
        await asyncio.Event().wait()

    with pytest.raises(StoppedError):
        run(app, output, work)
    assert VIEW not in output.shown[-1]
