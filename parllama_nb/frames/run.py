"""Makes a table of answers: asks the questions, parses and scores the answers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
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
from .arguments import amount, count
from .asking import RunOptions, RunResult, ask_all
from .questions import Target

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Plan", "Table", "estimate", "run_options"]

T = TypeVar("T")

Steps: TypeAlias = "Generator[tuple[str, Work[RunResult]], RunResult, T]"
"""A generator that yields jobs to run, is sent their results, and returns T."""


@dataclass(slots=True)
class Plan:
    """Rows, and the question of each; None if a row has nothing to ask."""

    app: Parllama
    title: str
    rows: list[Row] = field(default_factory=list)
    questions: list[BatchItem | None] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, row: Row, question: BatchItem | None) -> None:
        """Append a row."""
        self.rows.append(row)
        self.questions.append(question)


def run_options(  # noqa: PLR0913 - what compare and map have in common
    plan: Plan,
    *,
    concurrency: int | None,
    budget: float | None,
    cache: bool,
    resume: bool,
    executor: object,
    streamed: bool,
    purpose: str,
) -> RunOptions:
    """Returns the options of a run from the arguments of `compare` and `map`.

    Raises:
        UsageError: one is invalid, or there is a budget and a price is unknown.

    """
    if concurrency is not None:
        count("concurrency", concurrency)
    limit = None
    if budget is not None:
        amount("budget", budget)
        unknown = sorted({q.model for q in _questions(plan) if not _price(plan, q)})
        if unknown:
            message = f"No price is known for {', '.join(unknown)}."
            hint = "Without prices a budget cannot be enforced: leave out budget=."
            raise UsageError(message, hint=hint)
        limit = Budget(budget)
    return RunOptions(
        BatchOptions(concurrency, limit, streamed, purpose), cache, resume, executor
    )


def estimate(plan: Plan) -> float | None:
    """Estimates the cost of a plan in US dollars; None if no price is known."""
    costs = [_price(plan, question) for question in _questions(plan)]
    known = [cost for cost in costs if cost]
    return sum(known) if known else None


@dataclass(slots=True)
class Table:
    """A plan, the options of its run, and the function that makes its frame.

    After Ctrl-C, or if the task is cancelled, rows without an answer stay empty.
    """

    plan: Plan
    options: RunOptions
    scorers: Sequence[Scorer | Judge]
    schema: OutputSchema | None
    frame: Callable[[], pd.DataFrame]

    def run(self) -> pd.DataFrame:
        """Ask everything and wait for the frame."""
        steps = _steps(self.plan, self.options, self.scorers, self.schema)
        done: Any = None
        with contextlib.suppress(StopIteration):
            while True:
                title, work = steps.send(done)
                done = run_shown(self.plan.app, title, work)
        return self.frame()

    async def arun(self) -> pd.DataFrame:
        """`run` for `await`."""
        steps = _steps(self.plan, self.options, self.scorers, self.schema)
        done: Any = None
        with contextlib.suppress(StopIteration):
            while True:
                title, work = steps.send(done)
                done = await arun_shown(self.plan.app, title, work)
        return self.frame()


def _steps(
    plan: Plan,
    options: RunOptions,
    scorers: Sequence[Scorer | Judge],
    schema: OutputSchema | None,
) -> Steps[None]:
    expected = estimate(plan)
    if expected is not None:
        plan.notes.append(f"estimated at ${expected:.4f}")
    complete = yield from _ask(plan, plan.title, plan.questions, options, plan.rows)
    for row in plan.rows:
        if row.answer is None:
            continue
        if row.answer.error is not None:
            row.error = str(row.answer.error)
        elif schema is not None:
            row.fields, row.error = schema.read(row.answer.text)
    for scorer in scorers:
        if isinstance(scorer, Judge):
            complete = complete and (yield from _judge(plan, scorer, options))
        else:
            for row in _scored(plan):
                text = row.answer.text if row.answer is not None else ""
                row.scores[scorer.name] = scorer(text, row.source)


def _ask(
    plan: Plan,
    title: str,
    questions: Sequence[BatchItem | None],
    options: RunOptions,
    rows: Sequence[Row],
) -> Steps[bool]:
    """Ask the questions into their rows. Returns True unless it was stopped."""
    items = [question for question in questions if question is not None]
    done = yield title, lambda job: ask_all(plan.app, job, items, options)
    for row, question in zip(rows, questions, strict=True):
        if question is not None:
            row.answer = done.answers.get(question.number)
            row.cached = question.number in done.cached
    plan.notes += done.notes
    return not done.stopped


def _judge(plan: Plan, judge: Judge, options: RunOptions) -> Steps[bool]:
    target = Target(plan.app, judge.model, {"temperature": 0.0, "max_tokens": 64})
    scored = _scored(plan)
    grades = [Row(row.prompt, target.id) for row in scored]
    questions: list[BatchItem | None] = []
    for number, row in enumerate(scored):
        text = row.answer.text if row.answer is not None else ""
        prompt = judge.prompt(row.prompt, text)
        # The user's defaults must not change what a judge is asked.
        request = target.request(prompt, bare=True)
        questions.append(BatchItem(number, target.spec.name, request))
    judging = replace(options, batch=replace(options.batch, purpose="judge"))
    complete = yield from _ask(
        plan, f"{plan.title}: {judge.name}", questions, judging, grades
    )
    for row, grade in zip(scored, grades, strict=True):
        reply = grade.answer
        good = reply is not None and reply.error is None
        row.scores[judge.name] = judge.grade(reply.text) if good and reply else None
    return complete


def _scored(plan: Plan) -> list[Row]:
    """Returns the rows that have an answer to score."""
    return [r for r in plan.rows if r.answer is not None and r.answer.error is None]


def _questions(plan: Plan) -> list[BatchItem]:
    return [question for question in plan.questions if question is not None]


def _price(plan: Plan, question: BatchItem) -> float:
    return plan.app.batch.estimate(question)
