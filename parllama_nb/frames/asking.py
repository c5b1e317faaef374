"""A run over many questions as a job: how far it is, Ctrl-C, and going on later."""

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
from .elsewhere import ask_elsewhere

__all__ = ["Answered", "Asking", "ask_all"]


@dataclass(frozen=True, slots=True)
class Asking:
    """How a run is done: `manner` at the providers, the rest here.

    With `cache` an answer that was kept is given in place of a new one, and new ones
    are kept; with `resume` a run that broke off is gone on with. `executor` is a
    `concurrent.futures.Executor` whose workers ask.
    """

    manner: BatchOptions = field(default_factory=BatchOptions)
    cache: bool = False
    resume: bool = True
    executor: Any = None


@dataclass(slots=True)
class Answered:
    """The answers of a run by the numbers of their questions; failed ones too.

    `asked` is how many questions there were. `cached` are the numbers answered from
    what was kept, `resumed` how many an earlier try was answered. `notes` are remarks
    for the user.
    """

    asked: int = 0
    answers: dict[int, Answer] = field(default_factory=dict)
    stopped: bool = False
    cached: set[int] = field(default_factory=set)
    resumed: int = 0
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        failed = sum(answer.error is not None for answer in self.answers.values())
        costs = [a.cost for a in self.answers.values() if a.cost is not None]
        facts = [f"{len(self.answers) - failed:,} of {self.asked:,} answered"]
        facts += [f"{failed:,} failed"] if failed else []
        facts += [f"${sum(costs):.4f}"] if costs else []
        return " · ".join([*facts, *self.notes])

    @property
    def markdown(self) -> str:
        """One line for the cell that asked."""
        return f"<sub>{escape(str(self))}</sub>"


async def ask_all(
    app: Parllama, job: Job[Any], questions: Sequence[BatchItem], how: Asking
) -> Answered:
    """Ask all questions; cancelled, it gives those that were answered by then.

    Raises:
        ParllamaError: a provider that does not exist, or a store that does not work.

    """
    await app.prices.warm()
    keys = [question.key() for question in questions]
    call = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    run = await app.runs.begin(call, resume=how.resume)
    done = Answered(len(questions), dict(run.known), resumed=len(run.known))
    if how.cache:
        await _take_kept(app, keys, done)
    left = [each for each in questions if each.number not in done.answers]

    def tell() -> None:
        job.report(Progress("Asking", len(done.answers), len(questions), "items"))

    tell()

    def deliver(question: BatchItem, answer: Answer) -> None:
        done.answers[question.number] = answer
        if answer.error is None:
            run.keep(question.number, answer)
            if how.cache:
                app.runs.remember(keys[question.number], answer)
        tell()

    whole = False
    try:
        if how.executor is None:
            await app.batch.run(left, deliver, job.notice, how.manner)
        else:
            await ask_elsewhere(how.executor, left, deliver, how.manner)
        whole = all(answer.error is None for answer in done.answers.values())
    except asyncio.CancelledError:
        job.state, done.stopped = "cancelled", True
    except BaseExceptionGroup as failures:
        raise _first(failures) from None
    finally:
        # Shielded: a second Ctrl-C must not leave the run to nobody.
        await asyncio.shield(asyncio.ensure_future(run.end(whole=whole)))
    _remark(done, run)
    return done


async def _take_kept(app: Parllama, keys: Sequence[str], done: Answered) -> None:
    """Answer what can be from what was kept."""
    wanted = {n: key for n, key in enumerate(keys) if n not in done.answers}
    kept = await app.runs.cached(wanted.values())
    found = {n: kept[key] for n, key in wanted.items() if key in kept}
    done.answers |= found
    done.cached |= found.keys()


def _remark(done: Answered, run: Run) -> None:
    if done.stopped:
        done.notes.append("stopped")
    if done.resumed:
        done.notes.append(f"{done.resumed:,} answered by an earlier try")
    if done.cached:
        done.notes.append(f"{len(done.cached):,} from the cache")
    if run.failure is not None:
        done.notes.append(f"not kept on disk: {run.failure.message}")


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Our own error of those that ended a run, else any."""
    ours = failures.subgroup(ParllamaError)
    group: BaseExceptionGroup[BaseException] = ours or failures
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
