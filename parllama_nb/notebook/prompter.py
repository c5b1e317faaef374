"""Asks the user for hidden input, such as a password, while a command waits for it.

A command runs on the service loop, but only the thread that runs the cell can ask: the
kernel's prompt and Ctrl-C belong to it. That thread only waits for the command anyway.
"""

from __future__ import annotations

import asyncio
import getpass
import queue
import sys
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from ..jobs import Job
from ..widgets._comm import in_kernel

__all__ = ["Prompter"]

# Seconds between checks for Ctrl-C: a wait without a timeout cannot be interrupted on
# every platform.
_TICK = 0.5


@dataclass(slots=True)
class _Question:
    what: str
    answer: Future[str] = field(default_factory=Future)


class Prompter:
    """Carries questions from a job to the thread that waits for it."""

    def __init__(self) -> None:
        self._questions: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()

    async def ask(self, what: str) -> str:
        """Returns the user's input. On the service loop, in a job that is attended.

        Raises:
            InputError: there is no way to ask here, or nothing was typed.

        """
        question = _Question(what)
        self._questions.put(question)
        return await asyncio.wrap_future(question.answer)

    def attend(self, job: Job[Any]) -> Any:  # noqa: ANN401 - the job's
        """Wait for a job, answering its questions, and return its result.

        Raises:
            ParllamaError: the job failed.
            KeyboardInterrupt: it was interrupted and has no partial result.

        """
        job.future.add_done_callback(lambda _: self._questions.put(None))
        try:
            while (question := self._next()) is not None:
                _put(question)
        except KeyboardInterrupt:
            job.cancel()
        return job.result()

    def _next(self) -> _Question | None:
        while True:
            try:
                return self._questions.get(timeout=_TICK)
            except queue.Empty:
                continue


def _put(question: _Question) -> None:
    """Ask the user, and set the question's answer or its InputError."""
    try:
        typed = _typed(f"{question.what}: ")
    except KeyboardInterrupt:
        question.answer.cancel()
        raise
    except Exception as error:  # noqa: BLE001 - the kernel's, a front end's or a terminal's
        kind = type(error).__name__
        message = f"There is no way to ask for this here: {question.what}."
        hint = "Run it in a notebook or a terminal, or set PARLLAMA_VAULT_KEY."
        if kind == "EOFError":
            message, hint = f"Nothing was typed: {question.what}.", ""
        failure = InputError(message, hint=hint or None)
    else:
        question.answer.set_result(typed)
        return
    question.answer.set_exception(failure)


def _typed(prompt: str) -> str:
    if not in_kernel() and not (sys.stdin and sys.stdin.isatty()):
        # getpass would wait for a terminal, or echo the input.
        message = "no terminal"
        raise OSError(message)
    # ipykernel replaces this function while a cell runs.
    return getpass.getpass(prompt)
