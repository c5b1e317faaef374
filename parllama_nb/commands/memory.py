"""memory, remember and forget: what every new conversation knows of the user."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import model_validator

from ..errors import UsageError
from ..markdown.sanitize import escape
from ..markdown.writing import fenced
from .report import Report, prose
from .table import Argument, Call, Command, Option, Params

if TYPE_CHECKING:
    from ..memories.proposals import Proposal
    from ..memories.rewriting import Verb

__all__ = ["FORGET", "MEMORY", "REMEMBER", "MemoryParams", "RewriteParams", "shown"]

GROUP = "Conversations"

Action = Literal[
    "show",
    "set",
    "edit",
    "on",
    "off",
    "accept",
    "reject",
    "undo",
    "redo",
    "clear",
    "drop",
]

_ACTIONS = get_args(Action)

# Bytes of a file that is worth reading: a character has four at most.
_LARGEST_FILE = 1_000_000

_STORED = "It is stored unencrypted on this machine."
_UNDO = "`%parllama memory undo` undoes that."
_PENDING = (
    "Nothing is changed yet: `%parllama memory accept` takes this, "
    "`%parllama memory reject` does not."
)


class MemoryParams(Params):
    """What to do with the memory."""

    action: Annotated[
        Action | None,
        Argument(
            "ACTION",
            f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}. A conversation takes the "
            "memory with its first question. The memory is stored unencrypted; an "
            "encrypted conversation encrypts what it has taken.",
            values=lambda _app, _words: _ACTIONS,
        ),
    ] = None
    text: Annotated[
        str,
        Argument(
            "TEXT",
            "For set: the new memory. For drop: the conversation that is to go on "
            "without it; this notebook's if none is named.",
            rest=True,
        ),
    ] = ""
    body: Annotated[str, Argument("CELL", "In a cell: the new memory.", cell=True)] = ""
    file: Annotated[
        str | None, Option(("--file",), "For set: read it from a file.", "PATH")
    ] = None

    @property
    def new(self) -> str:
        """The new memory that was typed."""
        return self.body if self.body.strip() else self.text

    @property
    def does(self) -> Action:
        """The action; with a text alone it is set."""
        return self.action or ("set" if self.body.strip() or self.file else "show")

    @model_validator(mode="after")
    def _fits(self) -> MemoryParams:
        given = [
            each for each in (self.text, self.body, self.file) if (each or "").strip()
        ]
        if self.does == "set" and len(given) != 1:
            message = "set takes a TEXT, the lines of a cell or a --file"
            raise ValueError(message)
        if self.does == "drop" and not (self.body.strip() or self.file):
            return self
        if self.does != "set" and given:
            message = f"{self.does} takes no text; memory set TEXT does"
            raise ValueError(message)
        return self


class RewriteParams(Params):
    """What to remember or to forget, and how."""

    text: Annotated[
        str, Argument("TEXT", "What it is about, in your words.", rest=True)
    ]
    yes: Annotated[
        bool, Option(("--yes",), "Accept the change at once, without a look at it.")
    ] = False
    plain: Annotated[
        bool,
        Option(
            ("--plain",),
            "Ask no model: add the text as a line, or remove the lines that have it.",
        ),
    ] = False


async def memory(params: MemoryParams, call: Call) -> Report:
    """Run the action."""
    return await _DO[params.does](params, call)


def shown(text: str, *, is_on: bool) -> str:
    """Return the memory as Markdown; the text is redacted."""
    from ..memories.memory import LONGEST  # noqa: PLC0415 - when it is needed

    state = "on" if is_on else "off"
    if not text:
        return f"The memory is {state} and empty. `%parllama remember TEXT` adds to it."
    sent = "new conversations get it" if is_on else "new conversations do not get it"
    size = f"{len(text):,} of {LONGEST:,} characters"
    return f"**The memory is {state}**: {sent}. {size}. {_STORED}\n\n{fenced(text)}"


async def _show(params: MemoryParams, call: Call) -> Report:
    del params
    app = call.app
    now = await app.memory.read()
    blocks = [shown(app.redact(now.text), is_on=app.memory.is_on)]
    if app.memory_proposals.proposal is not None:
        blocks.append(_proposed(app.memory_proposals.proposal, call))
    return Report("\n\n".join(blocks))


async def _set(params: MemoryParams, call: Call) -> Report:
    text = params.new
    if params.file is not None:
        text = await asyncio.to_thread(_read, params.file)
    before = await call.app.memory.read()
    now = await call.app.memory.save(text)
    if now.revision == before.revision:
        return Report("The memory is as before.")
    size = f"{len(now.text):,} characters"
    return Report(f"The memory is saved: {size}. {_UNDO} {_STORED}{_off(call)}")


async def _edit(params: MemoryParams, call: Call) -> Report:
    del params
    now = await call.app.memory.read()
    text = call.app.redact(now.text) or "- Likes short answers"
    call.notebook.next_cell(f"%%parllama memory set\n{text}")
    return Report("Change the memory in the cell below, and run it.")


async def _switch(params: MemoryParams, call: Call) -> Report:
    on = params.does == "on"
    update = call.app.settings.update
    await asyncio.to_thread(lambda: update({"memory.enabled": on}))
    if on:
        return Report("The memory is on: new conversations get it.")
    return Report(
        "The memory is off: new conversations do not get it. Those that have taken it "
        "keep it."
    )


async def _accept(params: MemoryParams, call: Call) -> Report:
    del params
    now = await call.app.memory_proposals.accept()
    size = f"{len(now.text):,} characters"
    return Report(f"The memory is changed: {size}. {_UNDO}{_off(call)}")


async def _reject(params: MemoryParams, call: Call) -> Report:
    del params
    call.app.memory_proposals.reject()
    return Report("Rejected: the memory stays as it is.")


async def _undo(params: MemoryParams, call: Call) -> Report:
    store = call.app.memory
    before = await store.read()
    step = store.undo if params.does == "undo" else store.redo
    now = await step(revision=before.revision)
    other = "redo" if params.does == "undo" else "undo"
    change = _diff(before.text, now.text, call)
    return Report(f"{change}\n\n`%parllama memory {other}` takes that back.")


async def _clear(params: MemoryParams, call: Call) -> Report:
    del params
    await call.app.memory.save("")
    return Report(f"The memory is empty. {_UNDO}")


async def _drop(params: MemoryParams, call: Call) -> Report:
    name = params.text.strip().strip("\"'") or call.notebook.name
    session = await call.app.sessions.known(name)
    await session.load()
    title = escape(call.app.redact(session.name))
    if not session.options.get("memory"):
        return Report(f"{title} has taken no memory.")
    options = {**session.options, "memory": ""}
    await session.configure(model=session.model, options=options)
    return Report(f"{title} goes on without the memory.")


async def _rewrite(verb: Verb, params: RewriteParams, call: Call) -> Report:
    proposals = call.app.memory_proposals
    job = proposals.begin(verb, params.text, plain=params.plain)
    proposal = await job.followed(call.job.report, call.job.notice)
    if params.yes:
        await proposals.accept()
        change = _diff(proposal.before, proposal.after, call)
        note = f"{_note(proposal, call)}\n\n" if proposal.note else ""
        return Report(f"{note}{change}\n\nThe memory is changed. {_UNDO}{_off(call)}")
    return Report(_proposed(proposal, call))


async def remember(params: RewriteParams, call: Call) -> Report:
    """Propose a memory that has the text."""
    return await _rewrite("remember", params, call)


async def forget(params: RewriteParams, call: Call) -> Report:
    """Propose a memory without what the text says."""
    return await _rewrite("forget", params, call)


def _off(call: Call) -> str:
    """Return what to do if the memory is off, "" if it is on."""
    if call.app.memory.is_on:
        return ""
    return " It is off: `%parllama memory on` gives it to new conversations."


def _proposed(proposal: Proposal, call: Call) -> str:
    """Return a proposal, and what takes or rejects it."""
    blocks = [
        _note(proposal, call),
        _diff(proposal.before, proposal.after, call),
        _PENDING,
    ]
    return "\n\n".join(filter(None, blocks))


def _note(proposal: Proposal, call: Call) -> str:
    if proposal.note:
        how = "added as it is" if proposal.verb == "remember" else "looked for in lines"
        text = call.app.redact(proposal.note)
        return f"{prose(text)} So your text is {how}."
    return f"Rewritten by {prose(proposal.model)}." if proposal.model else ""


def _diff(before: str, after: str, call: Call) -> str:
    from ..memories.lines import difference  # noqa: PLC0415 - when it is needed

    lines = [f"{line.mark} {line.text}" for line in difference(before, after)]
    return fenced(call.app.redact("\n".join(lines)), "diff")


def _read(path: str) -> str:
    """Return the text of a file.

    Raises:
        UsageError: it cannot be read, or is no text.

    """
    failure = ""
    try:
        place = Path(path).expanduser()
        if place.stat().st_size > _LARGEST_FILE:
            failure = f"{path} is too large for the memory."
        else:
            return place.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        failure = f"{path} is not a text in UTF-8."
    except (OSError, RuntimeError, ValueError) as error:
        failure = f"{path}: {getattr(error, 'strerror', None) or error}."
    raise UsageError(failure, hint="Name a text file.")


_DO: dict[Action, Callable[[MemoryParams, Call], Awaitable[Report]]] = {
    "show": _show,
    "set": _set,
    "edit": _edit,
    "on": _switch,
    "off": _switch,
    "accept": _accept,
    "reject": _reject,
    "undo": _undo,
    "redo": _undo,
    "clear": _clear,
    "drop": _drop,
}

MEMORY = Command(
    name="memory",
    group=GROUP,
    summary="What new chats know of you; with remember and forget.",
    params=MemoryParams,
    run=memory,
    examples=(
        "%parllama memory",
        "%parllama memory set I write Python and like short answers",
        "%parllama memory edit",
        "%parllama memory undo",
        "%parllama memory off",
    ),
)

REMEMBER = Command(
    name="remember",
    group=GROUP,
    summary="Add to the memory; a model puts it in.",
    params=RewriteParams,
    run=remember,
    live=lambda params: not params.plain,
    follower=True,
    to="memory",
    examples=(
        "%parllama remember I moved to Bergen",
        "%parllama remember --plain --yes Call me Kim",
    ),
)

FORGET = Command(
    name="forget",
    group=GROUP,
    summary="Remove from the memory; a model takes it out.",
    params=RewriteParams,
    run=forget,
    live=lambda params: not params.plain,
    follower=True,
    to="memory",
    examples=("%parllama forget where I live", "%parllama forget --plain Bergen"),
)
