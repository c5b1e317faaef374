"""Exports conversations to files, and imports those of files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...markdown.sanitize import escape
from ..passwords import unlock_vault
from ..report import Report, table

if TYPE_CHECKING:
    from ...chats.transfer.exporting import Exported
    from ...chats.transfer.importing import Imported, ImportProblem
    from ..table import Call
    from .params import SessionsParams

__all__ = ["export", "import_"]

_SHOWN = 10
"""Names, and rows of a table, that are shown."""


async def export(params: SessionsParams, call: Call) -> Report:
    """Write a conversation, or all, to files."""
    from ...chats.transfer.formats import find_format  # noqa: PLC0415 - for this alone

    kind = find_format(params.kind) if params.kind else None
    names: list[str] | None = None
    place = params.words[0] if params.words else None
    if not params.everything:
        names = [params.words[0]]
        place = params.words[1] if params.words[1:] else None
    if params.decrypted and await _is_any_encrypted(names, call):
        await unlock_vault(call)
    exported = await call.app.conversation_exports.export(
        names,
        place,
        kind=kind,
        decrypted=params.decrypted,
        attachments=params.images,
        force=params.force,
        report=call.job.report,
    )
    return Report(_exported(exported, names, call))


async def import_(params: SessionsParams, call: Call) -> Report:
    """Make conversations of files."""
    imported = await call.app.conversation_imports.take(
        params.words, again=params.again, report=call.job.report
    )
    return Report(_imported(imported, call))


async def _is_any_encrypted(names: Sequence[str] | None, call: Call) -> bool:
    chats = call.app.chats
    if names is None:
        return any(info.encrypted for info in await chats.sessions())
    infos = [await chats.session(name) for name in names]
    return any(info is not None and info.encrypted for info in infos)


def _exported(exported: Exported, names: Sequence[str] | None, call: Call) -> str:
    path = escape(call.app.redact(str(exported.path)))
    what = _counted(exported.count, "conversation")
    if names:
        what = f"**{escape(call.app.redact(names[0]))}**"
    verb = "is" if exported.count == 1 else "are"
    lines = [f"{what} {verb} exported to {path}."]
    if exported.encrypted:
        is_only = exported.encrypted == exported.count == 1
        which = "It is" if is_only else f"{exported.encrypted:,} of them are"
        lines.append(
            f"{which} encrypted here, and not in the file: whoever has it can read it."
        )
    if exported.redacted:
        texts = _counted(exported.redacted, "text")
        lines.append(f"Known secrets in {texts} are replaced by their names.")
    if exported.images:
        images = _counted(exported.images, "image")
        verb = "is" if exported.images == 1 else "are"
        lines.append(f"{images} {verb} only named: `--images` puts in the data.")
    if exported.hidden:
        turns = _counted(exported.hidden, "turn")
        verb = "is" if exported.hidden == 1 else "are"
        lines.append(f"{turns} of other branches {verb} left out: HTML has only one.")
    if exported.left:
        count = _counted(exported.left, "encrypted conversation")
        verb = "is" if exported.left == 1 else "are"
        lines.append(f"{count} {verb} left out: `--decrypted` exports them readable.")
    return "  \n".join(lines)


def _imported(imported: Imported, call: Call) -> str:
    redact = call.app.redact
    added = imported.added
    if not added:
        blocks = ["**Nothing is new.**"]
    elif len(added) == 1:
        blocks = [f"**{escape(redact(added[0]))}** is imported."]
    else:
        names = ", ".join(escape(redact(name)) for name in added[:_SHOWN])
        more = f" and {len(added) - _SHOWN:,} more" if added[_SHOWN:] else ""
        blocks = [f"**{len(added):,} conversations are imported:** {names}{more}."]
    if imported.present:
        count = _counted(len(imported.present), "file")
        blocks.append(
            f"The conversations of {count} are here already; `--again` imports them "
            "once more, under other names."
        )
        blocks += _rows("here already", "as", imported.present, call)
    blocks += _rows("not read", "why", imported.problems, call)
    blocks += _rows("read in part", "what is missing", imported.notes, call)
    if imported.others:
        verb = "has" if imported.others == 1 else "have"
        count = _counted(imported.others, "other file")
        blocks.append(f"{count} {verb} no conversation.")
    return "\n\n".join(blocks)


def _rows(
    title: str, what: str, problems: Sequence[ImportProblem], call: Call
) -> list[str]:
    """Return the first of the problems as a table, and how many more there are."""
    if not problems:
        return []
    redact = call.app.redact
    rows = [
        (escape(redact(each.where)), escape(redact(each.what)))
        for each in problems[:_SHOWN]
    ]
    left = len(problems) - len(rows)
    more = [f"And {left:,} more."] if left else []
    return [table((title, what), rows), *more]


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
