"""Runs the command of a magic in a notebook or a terminal, and shows its result."""

from __future__ import annotations

import logging
import sys
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..application import Parllama, get_app
from ..chats.answer import Answer
from ..chats.preview import RequestPreview, RequestPreviews
from ..commands import COMMANDS, Call, Check, Command, Notebook, Opening, Params
from ..commands.grammar import parse_cell, parse_line
from ..comparisons.result import ComparisonResult
from ..errors import FrontEndError, ParllamaError, PrivateLineError, StoppedError
from ..events import Event
from ..jobs import Job
from ..secret import where
from ..tracebacks import is_ipythons
from ..widgets._comm import Cell, in_kernel, publish, supports_subshells
from .history import forget_input
from .namespace import last_exception
from .origin import origin
from .prompter import Prompter
from .terminal import Printer

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ..widgets._job_view import JobView

__all__ = ["run_line"]

_log = logging.getLogger(__name__)

_LONGEST_TITLE = 60

_KEPT = (Answer, ComparisonResult, RequestPreview, RequestPreviews)
"""Results that `-o` keeps in a variable."""


def run_line(shell: InteractiveShell, line: str, cell: str | None) -> None:
    """Run the command of a magic's line, or of a cell.

    Raises:
        ParllamaError: it failed; IPython shows one line and no traceback.

    """
    app = get_app()
    try:
        result = _run(app, shell, line, cell)
        error = _failure_of(result)
    except KeyboardInterrupt:
        error = StoppedError("Stopped.")
    except ParllamaError as failure:
        error = failure
    except Exception as failure:  # noqa: BLE001 - never a bare traceback
        _log.error("a command failed: %s", where(failure))
        error = ParllamaError.unexpected(failure)
    if error is not None:
        # Outside of the except clauses, so that it has no context.
        raise _quiet(error, app)


def _run(app: Parllama, shell: InteractiveShell, line: str, body: str | None) -> object:
    try:
        command, params = (
            parse_line(COMMANDS, line)
            if body is None
            else parse_cell(COMMANDS, line, body)
        )
    except PrivateLineError:
        forget_input(shell, line)
        raise
    cell, remark = origin()
    prompter = Prompter()
    notebook = _notebook(app, shell, cell, prompter)
    params = command.prepare(params, notebook)
    if not command.is_live(params):
        job = _start(app, command, params, notebook, None)
        result = prompter.attend(job)
        if isinstance(result, Opening) and in_kernel():
            _open(app, result, cell)
        else:
            _show(result)
        _assign(params, notebook, result)
        return result
    # Only a command that may ask for a secret does ask.
    wait = prompter.attend if command.private else Job.result
    if not in_kernel():
        job = _start(app, command, params, notebook, Printer())
        try:
            result = wait(job)
        finally:
            print()  # noqa: T201 - ends the line of the answer, or of the progress
        _show(result.footer if isinstance(result, Answer) else result)
        _assign(params, notebook, result)
        return result
    from .live_cell import LiveCell  # noqa: PLC0415 - not needed in a terminal

    return LiveCell(app, _view(app, command, params), cell, remark).run(
        lambda hear: _start(app, command, params, notebook, hear),
        lambda result: _assign(params, notebook, result),
        background=getattr(params, "background", False),
        wait=wait,
    )


def _view(app: Parllama, command: Command, params: Params) -> JobView[Any, Any]:
    """Returns the view that shows a live command while it runs."""
    if command.answers:
        models = _models(params) or (app.default_model or "",)
        if len(models) > 1:
            from ..widgets.compare.view import CompareView  # noqa: PLC0415 - for several models only

            return CompareView(app, models=models)
        from ..widgets.answer.view import AnswerView  # noqa: PLC0415 - as above

        return AnswerView(app, *models)
    from ..widgets.progress.view import ProgressView  # noqa: PLC0415

    return ProgressView(app, _title(command, params))


def _models(params: Params) -> tuple[str, ...]:
    named = getattr(params, "model", None) or ()
    return (named,) if isinstance(named, str) else tuple(named)


def _title(command: Command, params: Params) -> str:
    subject = (
        getattr(params, "prompt", None)
        or " ".join(_models(params))
        or " ".join(getattr(params, "models", ()))
    )
    words = f"{command.name} {' '.join(str(subject).split())}".strip()
    return words if len(words) <= _LONGEST_TITLE else f"{words[:_LONGEST_TITLE]}…"


def _start(
    app: Parllama,
    command: Command,
    params: Params,
    notebook: Notebook,
    listener: Callable[[Event], None] | None,
) -> Job[Any]:
    return app.jobs.start(
        _title(command, params),
        lambda job: command.run(params, Call(app, notebook, job)),
        listener=listener,
        listed=command.is_live(params) and not command.follower,
    )


def _assign(params: Params, notebook: Notebook, result: object) -> None:
    name = getattr(params, "output", None)
    if name and isinstance(result, _KEPT):
        notebook.assign(name, result)


def _failure_of(result: object) -> ParllamaError | None:
    """Returns the error of a cell with no complete answer; None if there is one."""
    if isinstance(result, ComparisonResult):
        return result.error
    if not isinstance(result, Answer):
        return None
    if result.error is not None:
        return result.error
    if result.finish_reason == "cancelled":
        return StoppedError("Stopped.", hint="The text so far is saved.")
    return None


def _quiet(error: ParllamaError, app: Parllama) -> ParllamaError:
    """Makes IPython show the error as one line, without a traceback."""
    error.redact(app.redact)
    error.__cause__ = error.__context__ = None
    # {{error}} means the user's own last error, not ours.
    last = getattr(sys, "last_value", None)
    error.earlier = getattr(last, "earlier", last)  # type: ignore[attr-defined]
    line = f"{type(error).__name__}: {error}"
    # A kernel sends the exception's name and text beside its traceback, and front ends
    # show these if the traceback is empty; a terminal gets the traceback only.
    error._render_traceback_ = lambda: [] if in_kernel() else [line]  # type: ignore[method-assign]
    return error.with_traceback(None)


def _notebook(
    app: Parllama, shell: InteractiveShell, cell: Cell, prompter: Prompter
) -> Notebook:
    return Notebook(
        name=app.notebook_name,
        cell_id=cell.id,
        namespace=shell.user_ns,
        last_error=_last_error,
        assign=shell.user_ns.__setitem__,
        next_cell=shell.set_next_input,
        checks=_checks,
        ask=prompter.ask,
    )


def _last_error() -> str | None:
    """Returns the user's last traceback, from their own first line on."""
    import traceback  # noqa: PLC0415

    error = last_exception()
    if error is None:
        return None
    frames = error.__traceback__
    while frames is not None and is_ipythons(frames.tb_frame):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))


def _show(result: object) -> None:
    if isinstance(result, str):
        print(result)  # noqa: T201
        return
    from IPython.display import display  # noqa: PLC0415

    if in_kernel():
        display(result)
    else:
        print(result)  # noqa: T201


def _open(app: Parllama, opening: Opening, cell: Cell) -> None:
    """Show the view that a command opens."""
    from .views import open_view  # noqa: PLC0415 - not needed in a terminal

    view = open_view(app, opening.view, opening.subject)
    publish(view.output(), display_id=uuid.uuid4().hex, cell=cell, update=False)


def _checks() -> list[Check]:
    """Returns the doctor's checks of the front end and the kernel."""
    from ..widgets._assets import asset  # noqa: PLC0415

    try:
        built = Check("front end", ok=True, found=f"built ({asset('answer').hash})")
    except FrontEndError as error:
        built = Check(
            "front end", ok=False, found=error.message, remedy=error.hint or ""
        )
    if not in_kernel():
        return [built]
    live = supports_subshells()
    return [
        built,
        Check(
            "buttons while a cell runs",
            ok=live,
            found="they work" if live else "they wait until the cell has ended",
            remedy='Run `%pip install -U "ipykernel>=7"`; until then, interrupt the '
            "kernel to stop an answer.",
        ),
    ]
