"""What each action of the command prompts does, but for import and export."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...markdown.sanitize import escape
from ...markdown.writing import code
from ...prompting.fill import fill
from ...prompting.library.deletion import KEPT_DAYS
from ...prompting.library.rendering import render
from ...prompting.library.shown import filled_blocks
from ...prompting.sources.markdown.layout import markdown_of, prompt_of
from ..library_prompt import with_names
from ..passwords import unlock_vault
from ..report import Report
from .names import quoted
from .reports import listed, shown
from .transfers import export, import_

if TYPE_CHECKING:
    from ..table import Call
    from .params import Action, PromptsParams

__all__ = ["ACTIONS"]

_SHOWN = 40
"""Prompts of a list that are shown without --all."""

_NEW = """\
---
description:
tags: []
variables: {}
---
What the model is told. {{name}} is filled in if `name` is one of the variables.
"""


async def _list(params: PromptsParams, call: Call) -> Report:
    query = " ".join(params.words)
    limit = None if params.everything else _SHOWN
    library = call.app.prompts
    found = await library.find(query, tags=params.tag, limit=limit)
    if found.total:
        return Report(listed(found, call.app.redact))
    if query or params.tag:
        hint = "%parllama prompts lists all of them."
        tags = [f"the tag {each!r:.60}" for each in params.tag]
        looked_for = [*tags, f"{query!r:.80}"] if query else tags
        message = f"No prompt has {' and '.join(looked_for)}."
        raise UsageError(message, hint=hint)
    return Report(
        "The prompt library is empty.  \n"
        "`%parllama prompts import fabric --all` imports the patterns of Fabric; "
        "`%parllama prompts new NAME` writes one."
    )


async def _show(params: PromptsParams, call: Call) -> Report:
    library, (name,) = call.app.prompts, params.words
    row = await library.row(name)
    if row.encrypted:
        await unlock_vault(call)
    prompt = await library.get(name, params.version)
    if params.variables:
        space = call.notebook.namespace
        given = {name: fill(v, space).text for name, v in params.variables.items()}
        values = with_names(prompt, given, space)
        filled = render(prompt, values)
        name = filled.prompt.name
        blocks = filled_blocks(name, filled.messages, call.app.redact)
        return Report("\n\n".join(blocks))
    versions = await library.versions(name)
    return Report(shown(prompt, row, versions, call.app.redact))


async def _new(params: PromptsParams, call: Call) -> Report:
    library, (name,) = call.app.prompts, params.words
    if not params.text.strip():
        name = await library.free(name)
        call.notebook.next_cell(f"%%parllama prompts new {quoted(name)}\n{_NEW}")
        return Report("Write the prompt into the cell below, and run it.")
    prompt = prompt_of(params.text, name)
    # The cell may have been run before.
    if await library.holds(prompt):
        return Report(f"**{escape(prompt.name)}** is as before. {_use(prompt.name)}")
    prompt = await library.add(prompt)
    return Report(f"**{escape(prompt.name)}** is kept. {_use(prompt.name)}")


async def _edit(params: PromptsParams, call: Call) -> Report:
    library, (name,) = call.app.prompts, params.words
    row = await library.row(name)
    if row.encrypted:
        await unlock_vault(call)
    if not params.text.strip():
        text = markdown_of(await library.get(name))
        call.notebook.next_cell(f"%%parllama prompts edit {quoted(row.name)}\n{text}")
        note = "Change the prompt in the cell below, and run it."
        if row.encrypted:
            note += " It is encrypted; what a cell holds is not."
        return Report(note)
    prompt = await library.save(name, prompt_of(params.text, row.name))
    if prompt.version == row.version and prompt.name == row.name:
        return Report(f"**{escape(row.name)}** is as before.")
    return Report(
        f"**{escape(prompt.name)}** is now version {prompt.version}. "
        f"{_use(prompt.name)}"
    )


async def _favourite(params: PromptsParams, call: Call) -> Report:
    library = call.app.prompts
    # All are looked up first, so that a mistyped one changes nothing.
    names = [(await library.row(name)).name for name in params.words]
    for name in names:
        await library.set_favourite(name, favourite=not params.off)
    if len(names) == 1:
        are = "is no longer a favourite" if params.off else "is a favourite"
    else:
        are = "are no longer favourites" if params.off else "are favourites"
    return Report(f"{_names(names)} {are}.")


async def _rename(params: PromptsParams, call: Call) -> Report:
    name, new = params.words
    stored = await call.app.prompts.rename(name, new)
    return Report(f"{escape(name)} is now called **{escape(stored)}**.")


async def _duplicate(params: PromptsParams, call: Call) -> Report:
    copy = await call.app.prompts.duplicate(params.words[0])
    edit = code(f"%parllama prompts edit {quoted(copy.name)}")
    return Report(f"**{escape(copy.name)}** is a copy. Change it: {edit}")


async def _revert(params: PromptsParams, call: Call) -> Report:
    name, number = params.words
    row = await call.app.prompts.row(name)
    if row.encrypted:
        await unlock_vault(call)
    prompt = await call.app.prompts.revert(name, int(number))
    return Report(
        f"**{escape(prompt.name)}** is as in version {number} again; that is version "
        f"{prompt.version}."
    )


async def _delete(params: PromptsParams, call: Call) -> Report:
    names = await call.app.prompts.delete(params.words)
    line = " ".join(["%parllama prompts restore", *map(quoted, names)])
    said = f"{_names(names)} {_is(names)} deleted."
    return Report(f"{said} For {KEPT_DAYS} days {code(line)} undoes that.")


async def _restore(params: PromptsParams, call: Call) -> Report:
    names = await call.app.prompts.restore(params.words)
    return Report(f"{_names(names)} {_is(names)} back in the library.")


async def _encrypt(params: PromptsParams, call: Call) -> Report:
    library, (name,) = call.app.prompts, params.words
    row = await library.row(name)
    await unlock_vault(call)
    await library.encrypt(name)
    return Report(
        f"**{escape(row.name)}** is encrypted in all its versions; the old text is "
        "overwritten. It can be used while the vault is unlocked.  \n"
        "Its name stays readable, and so do cells and the output of cells.  \n"
        "Without the vault and its password nobody can read it, not even you: "
        "`%parllama vault backup` copies the vault."
    )


async def _decrypt(params: PromptsParams, call: Call) -> Report:
    library, (name,) = call.app.prompts, params.words
    row = await library.row(name)
    await unlock_vault(call)
    await library.decrypt(name)
    return Report(f"**{escape(row.name)}** is no longer encrypted.")


def _use(name: str) -> str:
    return f"Ask with it: {code(f'%%parllama -p {quoted(name)}')}"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"**{escape(name)}**" for name in names)


ACTIONS: dict[Action, Callable[[PromptsParams, Call], Awaitable[Report]]] = {
    "list": _list,
    "show": _show,
    "new": _new,
    "edit": _edit,
    "import": import_,
    "export": export,
    "favourite": _favourite,
    "rename": _rename,
    "duplicate": _duplicate,
    "revert": _revert,
    "delete": _delete,
    "restore": _restore,
    "encrypt": _encrypt,
    "decrypt": _decrypt,
}
