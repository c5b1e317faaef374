"""One question to several models at once, each answer in a column of its own.

An answer becomes a turn of a conversation when its column is picked. Until then, each
answer is written to disk like that of a question on its own, while it streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from ..chats.answer import Answer
from ..chats.engine import shielded
from ..chats.fitting import noted
from ..chats.history.rows import NewTurn
from ..chats.question import Question
from ..chats.services import ChatServices
from ..chats.sessions import Sessions
from ..errors import ParllamaError, StoppedError, StoreError, UsageError
from ..events import (
    ColumnChanged,
    ColumnDelta,
    ColumnRemoved,
    ColumnsGrew,
    ColumnWaits,
    Event,
    Progress,
)
from ..jobs import Job
from ..providers.accounting import occasion
from .column import Column, check_count
from .delta_joiner import DeltaJoiner
from .request import built_for
from .result import ComparisonResult

__all__ = ["Comparison"]


class Comparison:
    """A comparison under way or finished. Made by `Comparisons`.

    Used on the service loop only. Its events (`ColumnsGrew`, `ColumnWaits`,
    `ColumnChanged`, `ColumnRemoved`) are emitted under `id`.
    """

    def __init__(
        self,
        question: Question,
        services: ChatServices,
        sessions: Sessions,
        redact: Callable[[str], str],
        *,
        listed: bool,
    ) -> None:
        self.id = f"comparison {uuid.uuid4().hex}"
        self.question = question
        self.columns: list[Column] = []
        self._services = services
        self._sessions = sessions
        self._redact = redact
        self._listed = listed
        self._number = 0
        self._begun = time.monotonic()
        self._picked_turns: dict[str, int] = {}
        self._deltas = DeltaJoiner(self._grow)
        self._ends = asyncio.Event()

    @property
    def running(self) -> bool:
        """Whether a column is still answering."""
        return any(column.running for column in self.columns)

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun

    def column(self, number: int) -> Column:
        """Return a column by its number.

        Raises:
            UsageError: there is no such column.

        """
        for column in self.columns:
            if column.id == number:
                return column
        message = f"There is no column {number}."
        raise UsageError(message, hint=f"Available: {_numbers(self.columns)}.")

    def named(self, model: str) -> Column:
        """Return a column by its number, or by its model's name or a part of that.

        Raises:
            UsageError: there is no such column, or there are several.

        """
        if model.isdecimal():
            return self.column(int(model))
        matches = [each for each in self.columns if each.model == model]
        matches = matches or [each for each in self.columns if model in each.model]
        if len(matches) == 1:
            return matches[0]
        if matches:
            message = f"{model} answers in several columns."
            raise UsageError(message, hint=f"Choose one: {_numbers(matches)}.")
        message = f"There is no column of the model {model}."
        raise UsageError(message, hint=f"Available: {_names(self.columns)}.")

    # asking

    def add(self, model: str) -> Column:
        """Add a column and ask its model, even while others answer.

        If there is no question yet, the column stays idle.

        Raises:
            UsageError: there are `MOST_COLUMNS` columns already.

        """
        check_count(len(self.columns) + 1)
        self._number += 1
        column = Column(self._number, model)
        column.grow = self._deltas.add
        column.recasts = self._recast
        self.columns.append(column)
        if self.question.text:
            self._start(column)
        else:
            self._emit(ColumnChanged(self.id, column.id))
        return column

    def rerun(self, number: int) -> None:
        """Ask a column's model again, in the same place.

        Raises:
            UsageError: there is no such column, or it is still answering.

        """
        column = self.column(number)
        if column.running:
            message = "This column is still answering."
            raise UsageError(message, hint="Stop it first.")
        self._unpick(column)
        self._start(column)

    def remove(self, number: int) -> None:
        """Remove a column; stops it if it is answering.

        Raises:
            UsageError: there is no such column.

        """
        column = self.column(number)
        self.columns.remove(column)
        if column.job is not None:
            column.job.cancel()
        self._ends.set()
        self._emit(ColumnRemoved(self.id, number))

    def stop(self, number: int | None = None) -> None:
        """Stop a column, or all; the text so far is kept.

        Raises:
            UsageError: there is no such column.

        """
        for column in self.columns if number is None else [self.column(number)]:
            if column.job is not None and column.running:
                column.job.cancel()

    async def outcome(self, job: Job[Any]) -> ComparisonResult:
        """Wait for all columns within a job; if it is cancelled, stop them.

        Sets the job's state to "cancelled" or "failed" if no answer is complete.
        """
        try:
            await self._ended(job)
        except asyncio.CancelledError:
            job.state = "cancelled"
            self.stop()
            await shielded(self._ended(job))
        comparison = self.comparison(stopped=job.state == "cancelled")
        if job.state == "running" and comparison.error is not None:
            cancelled = isinstance(comparison.error, StoppedError)
            job.state = "cancelled" if cancelled else "failed"
        return comparison

    def comparison(self, *, stopped: bool = False) -> ComparisonResult:
        """Return the answers as far as they have come. From any thread."""
        answers = tuple(column.partial() for column in [*self.columns])
        question = self.question
        return ComparisonResult(question.text or "", answers, stopped, question.notes)

    async def _ended(self, job: Job[Any]) -> None:
        # Looked up each time, because a column may be added or asked again meanwhile.
        while running := [each for each in self.columns if each.running]:
            total = len(self.columns)
            job.report(Progress("Asking", total - len(running), total, "items"))
            self._ends.clear()
            await self._ends.wait()

    def _start(self, column: Column) -> None:
        words = " ".join((self.question.text or "").split())[:40]
        job: Job[Answer] = self._services.jobs.start(
            f"compare {column.model}: {words}",
            lambda job: self._ask(column, job),
            listener=lambda event: self._on_event(column, event),
            listed=self._listed,
        )
        column.begin(job)
        self._emit(ColumnChanged(self.id, column.id))
        job.future.add_done_callback(lambda _: self._end(column, job))

    async def _ask(self, column: Column, job: Job[Answer]) -> Answer:
        services, question = self._services, self.question
        provider, model = await services.choose(column.model)
        column.model = column.live.model = f"{provider.spec.name}/{model}"
        built = await built_for(question, provider, model, services, self._sessions)
        column.built = built
        new = NewTurn(
            column.model,
            built.request,
            built.new,
            cell_id=question.cell_id,
            beside=question.conversation if question.follows else None,
            library_prompt=built.library_prompt,
        )
        column.record = services.store.begin(new)
        with occasion("compare", lambda: question.conversation):
            return await services.engine.turn(
                provider,
                built.request,
                job,
                column,
                noted(question, built),
                library_prompt=built.library_prompt,
            )

    # answering

    def _on_event(self, column: Column, event: Event) -> None:
        if column.live.hear(event):
            self._emit(ColumnWaits(self.id, column.id))

    def _grow(self, deltas: list[ColumnDelta]) -> None:
        """Add deltas to their columns and emit them, so that both always agree."""
        columns = {column.id: column for column in self.columns}
        deltas = [each for each in deltas if each.column in columns]
        for delta in deltas:
            columns[delta.column].live.append(delta.kind, delta.text)
        if deltas:
            self._emit(ColumnsGrew(self.id, tuple(deltas)))

    def _recast(self, number: int) -> None:
        """Make the text of a column its thinking, unless the column was removed."""
        self._deltas.flush()
        for column in self.columns:
            if column.id == number:
                column.live.recast()
                self._emit(ColumnChanged(self.id, number))

    def _end(self, column: Column, job: Job[Answer]) -> None:
        if column.job is not job or column not in self.columns:
            return  # asked again meanwhile, or removed
        self._deltas.flush()
        result = job.future.exception() or job.future.result()
        column.end(result, self._redact)
        self._ends.set()
        self._emit(ColumnChanged(self.id, column.id))

    # picking

    async def pick(self, number: int, session: str | None = None) -> Answer:
        """Save a column's answer as a turn of `session`, else of its own conversation.

        It replaces an answer that was picked for the same conversation before.

        Returns:
            The answer, with its session and turn.

        Raises:
            UsageError: the column has no answer, or the conversation is answering.
            StoreError: the answer cannot be saved.

        """
        column = self.column(number)
        saved = await self._save(column, session or self.question.conversation or "")
        self._unpick()
        column.picked = True
        self._emit(ColumnChanged(self.id, column.id))
        return saved

    async def _save(self, column: Column, name: str) -> Answer:
        answer, built = column.answer, column.built
        if column.running:
            message = "This answer is not complete yet."
            raise UsageError(message, hint="Wait for the answer, or stop it.")
        if answer is None or built is None or not answer.text.strip():
            message = f"{column.model} has no answer that could be saved."
            raise UsageError(message)
        session = await self._sessions.open(name)
        if session.answering:
            message = f"The conversation {name!r} is answering."
            raise UsageError(message, hint="Wait for the answer, or stop it.")
        new = NewTurn(
            column.model,
            built.request,
            built.new,
            session=name,
            cell_id=self.question.cell_id,
            replaces=self._picked_turns.get(name),
            library_prompt=built.library_prompt,
        )
        failures: list[StoreError] = []
        record = self._services.store.begin(new, failures.append)
        saved = await shielded(record.settle(answer))
        if saved.turn is None:
            message = "The answer cannot be saved."
            raise failures[0] if failures else StoreError(message)
        self._picked_turns[name] = record.id
        # So that views of the conversation show the new turn.
        with contextlib.suppress(ParllamaError):
            await session.load()
        return saved

    def _unpick(self, only: Column | None = None) -> None:
        for column in self.columns:
            if column.picked and column is (only or column):
                column.picked = False
                self._emit(ColumnChanged(self.id, column.id))

    def _emit(
        self, event: ColumnsGrew | ColumnWaits | ColumnChanged | ColumnRemoved
    ) -> None:
        self._services.events.emit(event)


def _numbers(columns: Sequence[Column]) -> str:
    return ", ".join(str(column.id) for column in columns) or "none"


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(f"{each.id}: {each.model}" for each in columns) or "none"
