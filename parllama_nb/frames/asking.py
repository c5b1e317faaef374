"""Runs many questions as one job, with progress, Ctrl-C, a cache and resuming."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..application import Parllama
from ..batches.batch import BatchItem, BatchOptions
from ..batches.run_store import Run
from ..chats.answer import Answer
from ..errors import ParllamaError
from ..events import Progress
from ..jobs import Job
from ..markdown.sanitize import escape
from .executors import ask_with_executor

__all__ = ["RunOptions", "RunResult", "ask_all"]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run is done.

    `batch` says how the questions are sent. With `cache`, cached answers are reused and
    new ones are cached; with `resume`, an interrupted run is continued. `executor` is a
    `concurrent.futures.Executor` whose workers ask, or what `executor_of` accepts.
    """

    batch: BatchOptions = field(default_factory=BatchOptions)
    cache: bool = False
    resume: bool = True
    executor: Any = None


@dataclass(slots=True)
class RunResult:
    """The answers of a run by the numbers of their questions, failed ones included.

    `questions` is the number of questions. `cached` are the numbers answered from the
    cache, `resumed` is how many an earlier run had answered. `notes` are remarks for
    the user.
    """

    questions: int = 0
    answers: dict[int, Answer] = field(default_factory=dict)
    stopped: bool = False
    cached: set[int] = field(default_factory=set)
    resumed: int = 0
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        failed = sum(answer.error is not None for answer in self.answers.values())
        costs = [a.cost for a in self.answers.values() if a.cost is not None]
        facts = [f"{len(self.answers) - failed:,} of {self.questions:,} answered"]
        facts += [f"{failed:,} failed"] if failed else []
        facts += [f"${sum(costs):.4f}"] if costs else []
        return " · ".join([*facts, *self.notes])

    @property
    def markdown(self) -> str:
        """The summary in one line, for the cell that asked."""
        return f"<sub>{escape(str(self))}</sub>"


async def ask_all(
    app: Parllama, job: Job[Any], questions: Sequence[BatchItem], options: RunOptions
) -> RunResult:
    """Ask all questions. If cancelled, returns the answers that had arrived by then.

    Raises:
        ParllamaError: a provider does not exist, or the database fails or is locked.

    """
    await app.prices.warm()
    keys = [question.key() for question in questions]
    call = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    run = await app.runs.begin(call, resume=options.resume)
    done = RunResult(len(questions), dict(run.known), resumed=len(run.known))
    if options.cache:
        await _take_cached(app, keys, done)
    left = [each for each in questions if each.number not in done.answers]

    def report() -> None:
        job.report(Progress("Asking", len(done.answers), len(questions), "items"))

    report()

    def deliver(question: BatchItem, answer: Answer) -> None:
        done.answers[question.number] = answer
        if answer.error is None:
            run.save(question.number, answer)
            if options.cache:
                app.runs.cache(keys[question.number], answer)
        report()

    complete = False
    try:
        if options.executor is None:
            await app.batch.run(left, deliver, job.notice, options.batch)
        else:
            await ask_with_executor(options.executor, left, deliver, options.batch)
        complete = all(answer.error is None for answer in done.answers.values())
    except asyncio.CancelledError:
        job.state, done.stopped = "cancelled", True
    except BaseExceptionGroup as failures:
        raise _first(failures) from None
    finally:
        # Shielded: a second Ctrl-C must not leave the run without an end.
        await asyncio.shield(asyncio.ensure_future(run.end(complete=complete)))
    _remark(done, run)
    return done


async def _take_cached(app: Parllama, keys: Sequence[str], done: RunResult) -> None:
    """Answer from the cache what it holds."""
    wanted = {n: key for n, key in enumerate(keys) if n not in done.answers}
    cached = await app.runs.cached(wanted.values())
    hits = {n: cached[key] for n, key in wanted.items() if key in cached}
    done.answers |= hits
    done.cached |= hits.keys()


def _remark(done: RunResult, run: Run) -> None:
    if done.stopped:
        done.notes.append("stopped")
    if done.resumed:
        done.notes.append(f"{done.resumed:,} answered by an earlier run")
    if done.cached:
        done.notes.append(f"{len(done.cached):,} from the cache")
    if run.failure is not None:
        done.notes.append(f"not saved on disk: {run.failure.message}")


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Returns the first of our own errors that ended a run, else the first of all."""
    ours = failures.subgroup(ParllamaError)
    group: BaseExceptionGroup[BaseException] = ours or failures
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
