"""Changes of the memory that a model proposes, and the user takes or rejects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ..errors import FieldError, ParllamaError, UsageError
from ..events import MemoryChanged, Progress
from ..jobs import Job, JobRunner
from ..providers.messages import Message
from .lines import DiffLine, difference, is_all, with_lines, without_lines
from .memory import Memory, MemoryText, checked
from .rewriting import Verb, cleaned, fault_of, longest_answer, messages_for

__all__ = ["Ask", "MemoryProposals", "Proposal"]


Ask = Callable[[list[Message], int, Job[Any]], Awaitable[tuple[str, str, bool]]]
"""Sends messages to the model that rewrites the memory, within a job.

Called with the messages, and the most characters that the answer may have. Returns the
answer, which model gave it, and whether that is all of it. Raises ParllamaError if
there is none, and CancelledError if it was stopped.
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the memory that waits for the user.

    Attributes:
        verb: what was asked for.
        wanted: what the user typed.
        before: the memory that it begins with; `revision` is its number.
        after: what the memory would be.
        model: `provider/model` that wrote it; "" if only whole lines are changed.
        note: why it is not a model's; "" if it is, or if none was wanted.

    """

    verb: Verb
    wanted: str
    before: str
    after: str
    revision: int
    model: str = ""
    note: str = ""

    @property
    def lines(self) -> list[DiffLine]:
        """The change, line by line."""
        return difference(self.before, self.after)


class MemoryProposals:
    """Makes one proposal at a time. Used on the service loop only.

    A proposal is in this kernel only, and each new one takes the place of the last.
    `MemoryChanged` is emitted when one comes or goes, and when a job begins or ends.
    """

    def __init__(
        self,
        memory: Memory,
        jobs: JobRunner,
        emit: Callable[..., object],
        ask: Ask,
    ) -> None:
        self.proposal: Proposal | None = None
        self.job: Job[Proposal] | None = None
        """The rewriting under way, or the last one."""
        self._memory = memory
        self._jobs = jobs
        self._emit = emit
        self._ask = ask

    @property
    def working(self) -> bool:
        """Whether a proposal is being made."""
        return self.job is not None and not self.job.future.done()

    def begin(self, verb: Verb, wanted: str, *, plain: bool = False) -> Job[Proposal]:
        """Begin to make a proposal; with `plain`, without a model.

        Raises:
            UsageError: there is nothing to do, or the last one is not ready.

        """
        wanted = wanted.strip()
        if not wanted:
            message = f"There is nothing to {verb}."
            raise UsageError(message, hint=f"Say what: %parllama {verb} TEXT.")
        if self.working:
            message = "The memory is being rewritten already."
            raise UsageError(message, hint="Wait for it, or stop it.")
        checked(wanted)

        async def work(job: Job[Proposal]) -> Proposal:
            self.proposal = None
            self._emit(MemoryChanged())
            self.proposal = await self._made(job, verb, wanted, plain=plain)
            return self.proposal

        words = " ".join(wanted.split())
        title = f"{verb} {words[:55]}{'…' if words[55:] else ''}"
        self.job = self._jobs.start(title, work)
        self.job.future.add_done_callback(lambda _: self._emit(MemoryChanged()))
        return self.job

    async def accept(self) -> MemoryText:
        """Make the proposal the memory.

        Raises:
            UsageError: there is no proposal.
            ChangedElsewhereError: the memory was changed since it was made.

        """
        proposal = self._there()
        memory = await self._memory.save(proposal.after, revision=proposal.revision)
        self._drop(proposal)
        return memory

    def reject(self) -> Proposal:
        """Throw the proposal away. Returns it.

        Raises:
            UsageError: there is no proposal.

        """
        proposal = self._there()
        self._drop(proposal)
        return proposal

    def _there(self) -> Proposal:
        if self.proposal is not None:
            return self.proposal
        message = "No change of the memory is proposed."
        hint = "%parllama remember TEXT and %parllama forget TEXT propose one."
        raise UsageError(message, hint=hint)

    def _drop(self, proposal: Proposal) -> None:
        if self.proposal is proposal:
            self.proposal = None
            self._emit(MemoryChanged())

    async def _made(
        self, job: Job[Proposal], verb: Verb, wanted: str, *, plain: bool
    ) -> Proposal:
        memory = await self._memory.read()
        text = memory.text
        if verb == "forget" and not text:
            message = "The memory is empty: there is nothing to forget."
            raise UsageError(message, hint="%parllama remember TEXT adds to it.")
        note = ""
        if not plain and not (verb == "forget" and is_all(wanted)):
            job.report(Progress("Rewriting the memory"))
            after, model, note = await self._rewritten(job, text, verb, wanted)
            if not note:
                return Proposal(verb, wanted, text, after, memory.revision, model)
        by_lines = with_lines if verb == "remember" else without_lines
        try:
            after = checked(by_lines(text, wanted))
        except FieldError:
            raise
        except UsageError as error:
            message = f"{note} {error.message}".strip()
            failure = UsageError(message, hint=error.hint)
        else:
            return Proposal(verb, wanted, text, after, memory.revision, note=note)
        raise failure

    async def _rewritten(
        self, job: Job[Proposal], text: str, verb: Verb, wanted: str
    ) -> tuple[str, str, str]:
        """Return what a model makes of the memory, its name, and what is wrong."""
        messages = messages_for(text, verb, wanted)
        try:
            longest = longest_answer(text, wanted)
            answer, model, is_whole = await self._ask(messages, longest, job)
        except ParllamaError as error:
            # The job goes on without the model.
            job.state = "running"
            return "", "", error.message
        fault, after = "it came to no end", ""
        if is_whole:
            try:
                after = checked(cleaned(answer))
            except FieldError:
                fault = "its answer is far longer than the memory"
            else:
                fault = fault_of(after, text, verb, wanted)
        note = f"{model} was of no help: {fault}." if fault else ""
        return after, model, note
