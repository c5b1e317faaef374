"""Imports prompts from a source, and exports them to files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...markdown.sanitize import escape
from ...markdown.writing import code
from ...prompting.exporting import write_files
from ..passwords import unlock_vault
from ..report import Report
from .names import quoted
from .reports import imported, offered

if TYPE_CHECKING:
    from ...prompting.library.prompt import Prompt
    from ..table import Call
    from .params import PromptsParams

__all__ = ["export", "import_"]


async def import_(params: PromptsParams, call: Call) -> Report:
    """Read a source, and import what was named, or with --all what is new or changed.

    With neither, say what there is.
    """
    app = call.app
    # In a thread, because a source may look at the files of a place.
    source, location, names = await asyncio.to_thread(_whence, params, call)
    imports = app.prompt_imports
    offer = await imports.offer(
        source, location, call.job.report, refresh=params.refresh
    )
    if not names and not params.everything:
        text = offered(offer, app.redact)
        if all(each.state == "same" for each in offer.candidates):
            return Report(text)
        line = " ".join(["%parllama prompts import", *map(quoted, params.words)])
        return Report(
            f"{text}\n\nNothing is imported yet: {code(f'{line} --all')} imports what "
            "is new or changed, and names at the end of the line import just these."
        )
    done = await imports.take(offer.chosen(names or None), call.job.report)
    return Report(imported(offer, done, app.redact))


def _whence(
    params: PromptsParams, call: Call
) -> tuple[str, str | None, tuple[str, ...]]:
    """Return the source, the location in it, and the names of an import's line."""
    first, *rest = params.words
    sources = call.app.prompt_sources
    if first not in sources.names():
        if not _is_location(first):
            # Refused with the nearest name.
            sources.get(first)
        if "://" not in first and not _exists(first):
            message = f"There is no file or folder {first!r:.200}."
            raise UsageError(message, hint="Name one that exists, or a source.")
        return sources.guess(first), first, tuple(rest)
    if rest and _is_location(rest[0]):
        return first, rest[0], tuple(rest[1:])
    return first, None, tuple(rest)


def _is_location(word: str) -> bool:
    """Whether a word is a path or an address, and not the name of a prompt."""
    return any(mark in word for mark in "/\\~") or _exists(word)


def _exists(path: str) -> bool:
    """Whether there is a file or a folder; False if the name cannot be one."""
    try:
        return Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


async def export(params: PromptsParams, call: Call) -> Report:
    """Write prompts to files; without names all but those that are encrypted."""
    kind, place, *names = params.words
    app = call.app
    source = app.prompt_sources.get(kind)
    prompts: list[Prompt] = []
    left = 0
    if names:
        for name in names:
            if (await app.prompts.row(name)).encrypted:
                await unlock_vault(call)
            prompts.append(await app.prompts.get(name))
    else:
        for row in (await app.prompts.find()).rows:
            if row.encrypted:
                left += 1
            else:
                prompts.append(await app.prompts.get(row.name))
    if not prompts:
        message = "There is no prompt to export."
        raise UsageError(message, hint="%parllama prompts import fabric --all")
    files = source.write(prompts)
    target, there = await asyncio.to_thread(
        write_files, place, files, overwrite=params.overwrite
    )
    if there and not params.overwrite:
        more = f", and {len(there) - 1:,} more" if there[1:] else ""
        message = f"{there[0]} exists already{more}."
        raise UsageError(message, hint="--overwrite replaces what exists.")
    text = (
        f"{len(prompts):,} prompt{'' if len(prompts) == 1 else 's'} exported to "
        f"{escape(str(target))}"
    )
    if len(files) > 1:
        text += f", {len(files):,} files"
    text += "."
    if left:
        text += f" {left:,} encrypted not: name them to export them in clear text."
    return Report(text)
