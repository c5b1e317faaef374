"""A table of answers from its questions: asked, read, scored."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ..application import Parllama
from ..batches.batch import BatchItem, BatchOptions
from ..batches.budget import Budget
from ..batches.table import Row
from ..errors import UsageError
from ..jobs import Work
from ..notebook.live_cell import arun_shown, run_shown
from ..output_schema import OutputSchema
from ..scorers import Judge, Scorer
from .asking import Answered, Asking, ask_all
from .questions import Target

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Plan", "Table", "asking", "estimate"]

T = TypeVar("T")

Steps: TypeAlias = "Generator[tuple[str, Work[Answered]], Answered, T]"
"""What yields jobs to run, is sent what each gave, and returns T in the end."""


@dataclass(slots=True)
class Plan:
    """Rows, and the question of each; None where a row has none to ask."""

    app: Parllama
    title: str
    rows: list[Row] = field(default_factory=list)
    questions: list[BatchItem | None] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, row: Row, question: BatchItem | None) -> None:
        """One more row."""
        self.rows.append(row)
        self.questions.append(question)


def asking(  # noqa: PLR0913 - what compare and map have in common
    plan: Plan,
    *,
    concurrency: int | None,
    budget: float | None,
    cache: bool,
    resume: bool,
    executor: object,
    streamed: bool,
) -> Asking:
    """How a plan is carried out.

    Raises:
        UsageError: a budget where a price is not known, or a number that is none.

    """
    if concurrency is not None and concurrency < 1:
        message = "concurrency= is at least 1."
        raise UsageError(message)
    limit = None
    if budget is not None:
        unknown = sorted({q.model for q in _asked(plan) if not _price(plan, q)})
        if unknown:
            message = f"No price is known for {', '.join(unknown)}."
            raise UsageError(message, hint="A budget cannot be kept: leave it out.")
        limit = Budget(budget)
    return Asking(BatchOptions(concurrency, limit, streamed), cache, resume, executor)


def estimate(plan: Plan) -> float | None:
    """About what a plan costs in US dollars; None where no price is known."""
    costs = [_price(plan, question) for question in _asked(plan)]
    known = [cost for cost in costs if cost]
    return sum(known) if known else None


@dataclass(slots=True)
class Table:
    """A plan, how it is carried out, and what makes a frame of it in the end.

    Ctrl-C, or a cancelled task, leaves the rows that have no answer as they are.
    """

    plan: Plan
    how: Asking
    scorers: Sequence[Scorer | Judge]
    schema: OutputSchema | None
    frame: Callable[[], pd.DataFrame]

    def run(self) -> pd.DataFrame:
        """Ask, and wait."""
        steps = _steps(self.plan, self.how, self.scorers, self.schema)
        done: Any = None
        with contextlib.suppress(StopIteration):
            while True:
                title, work = steps.send(done)
                done = run_shown(self.plan.app, title, work)
        return self.frame()

    async def arun(self) -> pd.DataFrame:
        """`run` for `await`."""
        steps = _steps(self.plan, self.how, self.scorers, self.schema)
        done: Any = None
        with contextlib.suppress(StopIteration):
            while True:
                title, work = steps.send(done)
                done = await arun_shown(self.plan.app, title, work)
        return self.frame()


def _steps(
    plan: Plan,
    how: Asking,
    scorers: Sequence[Scorer | Judge],
    schema: OutputSchema | None,
) -> Steps[None]:
    expected = estimate(plan)
    if expected is not None:
        plan.notes.append(f"estimated at ${expected:.4f}")
    whole = yield from _ask(plan, plan.title, plan.questions, how, plan.rows)
    for row in plan.rows:
        if row.answer is None:
            continue
        if row.answer.error is not None:
            row.error = str(row.answer.error)
        elif schema is not None:
            row.fields, row.error = schema.read(row.answer.text)
    for scorer in scorers:
        if isinstance(scorer, Judge):
            whole = whole and (yield from _judge(plan, scorer, how))
        else:
            for row in _scored(plan):
                text = row.answer.text if row.answer is not None else ""
                row.scores[scorer.name] = scorer(text, row.source)


def _ask(
    plan: Plan,
    title: str,
    questions: Sequence[BatchItem | None],
    how: Asking,
    rows: Sequence[Row],
) -> Steps[bool]:
    """Returns whether it was done to the end."""
    asked = [question for question in questions if question is not None]
    done = yield title, lambda job: ask_all(plan.app, job, asked, how)
    for row, question in zip(rows, questions, strict=True):
        if question is not None:
            row.answer = done.answers.get(question.number)
            row.cached = question.number in done.cached
    plan.notes += done.notes
    return not done.stopped


def _judge(plan: Plan, judge: Judge, how: Asking) -> Steps[bool]:
    target = Target(plan.app, judge.model, {"temperature": 0.0, "max_tokens": 64})
    scored = _scored(plan)
    grades = [Row(row.prompt, target.id) for row in scored]
    questions: list[BatchItem | None] = []
    for number, row in enumerate(scored):
        text = row.answer.text if row.answer is not None else ""
        prompt = judge.prompt(row.prompt, text)
        # What a judge is asked depends on nothing but the judge.
        request = target.request(prompt, bare=True)
        questions.append(BatchItem(number, target.spec.name, request))
    whole = yield from _ask(plan, f"{plan.title}: {judge.name}", questions, how, grades)
    for row, grade in zip(scored, grades, strict=True):
        reply = grade.answer
        good = reply is not None and reply.error is None
        row.scores[judge.name] = judge.grade(reply.text) if good and reply else None
    return whole


def _scored(plan: Plan) -> list[Row]:
    """The rows that have an answer to score."""
    return [r for r in plan.rows if r.answer is not None and r.answer.error is None]


def _asked(plan: Plan) -> list[BatchItem]:
    return [question for question in plan.questions if question is not None]


def _price(plan: Plan, question: BatchItem) -> float:
    return plan.app.batch.estimate(question)
