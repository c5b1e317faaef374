"""Prompts, and what an import would change, as Markdown."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...markdown.sanitize import escape
from ...markdown.writing import code
from ...prompting.library.merging import Imported
from ...prompting.library.shown import blocks_of
from ...prompting.library.variables import INPUT
from ..report import table
from .names import quoted

if TYPE_CHECKING:
    from ...prompting.importing import Offer
    from ...prompting.library.library import Listing, VersionInfo
    from ...prompting.library.merging import ImportState
    from ...prompting.library.prompt import Prompt
    from ...prompting.library.rows import PromptRow
    from ...prompting.sources.source import Problem

__all__ = ["imported", "listed", "offered", "shown"]

_WIDEST = 60
"""Characters of a description in a table."""

_DELETED = 10
"""Names of deleted prompts that are shown."""

_PROBLEMS = 10
"""Problems of a source that are shown."""

_STATES: dict[ImportState, str] = {
    "new": "new",
    "changed": "changed",
    "edited": "changed, and edited here",
    "taken": "with the name of another prompt",
    "deleted": "deleted here",
    "same": "as they are",
}

_SEALED = "encrypted, and the vault is locked"


def listed(found: Listing, redact: Callable[[str], str]) -> str:
    """Return a table of prompts, and how many more there are."""
    rows = []
    for row in found.rows:
        name = escape(redact(row.name))
        marks = "★ " if row.favourite else ""
        what = "encrypted" if row.encrypted else _short(redact(row.description))
        tags = escape(redact(", ".join(row.tags)))
        rows.append((marks + name, escape(what), tags, str(row.uses or "")))
    titles = ("name", "description", "tags", ">used")
    # A column without a value would only make the others narrower.
    some = [n for n in range(len(titles)) if n == 0 or any(row[n] for row in rows)]
    text = table([titles[n] for n in some], [[row[n] for n in some] for row in rows])
    left = found.total - len(found.rows)
    if left:
        text += (
            f"\n\nAnd {left:,} more: `%parllama prompts list WORD` looks for one, "
            "`--all` shows all."
        )
    return text


def shown(
    prompt: Prompt,
    row: PromptRow,
    versions: Sequence[VersionInfo],
    redact: Callable[[str], str],
) -> str:
    """Return all of a prompt."""
    facts = [f"version {prompt.version} of {versions[0].version}"]
    created = {each.version: each.created for each in versions}[prompt.version]
    facts.append(time.strftime("%Y-%m-%d %H:%M", time.localtime(created)))
    if row.source:
        facts.append(f"from {row.source}")
    if prompt.tags:
        facts.append(", ".join(prompt.tags))
    if prompt.model:
        facts.append(f"written for {prompt.model}")
    if row.uses:
        facts.append(f"used {row.uses:,} time{'' if row.uses == 1 else 's'}")
    values = [
        f" --set {each.name}=…"
        for each in prompt.variables
        if each.default is None and each.name != INPUT
    ]
    line = f"%%parllama -p {quoted(redact(prompt.name))}{''.join(values)}"
    blocks = blocks_of(
        prompt.name,
        prompt.description,
        prompt.messages,
        prompt.variables,
        facts,
        redact=redact,
    )
    return "\n\n".join([*blocks, f"Ask with it: {code(line)}"])


def offered(offer: Offer, redact: Callable[[str], str]) -> str:
    """Return what importing would change."""
    counts = Counter(each.state for each in offer.candidates)
    states = [f"{counts[each]:,} {_STATES[each]}" for each in _STATES if counts[each]]
    origin, total = escape(redact(offer.origin)), len(offer.candidates)
    has = f"{origin} has {total:,} prompt{'' if total == 1 else 's'}"
    first = f"{has}: {', '.join(states)}." if states else f"{has}."
    return "\n\n".join([first, *_kept(offer, Imported(), redact)])


def imported(offer: Offer, done: Imported, redact: Callable[[str], str]) -> str:
    """Return what an import has done, and what it left."""
    parts = [
        f"{len(which):,} {word}"
        for which, word in (
            (done.added, "added"),
            (done.updated, "updated"),
            (done.beside, "added beside yours"),
        )
        if which
    ]
    first = f"**Imported: {', '.join(parts)}.**" if parts else "**Nothing is new.**"
    if done.beside:
        first += f" Beside yours: {escape(redact(', '.join(done.beside)))}."
    return "\n\n".join([first, *_kept(offer, done, redact)])


def _kept(offer: Offer, done: Imported, redact: Callable[[str], str]) -> list[str]:
    """Return what is not imported by itself, and what could not be read."""
    blocks = []
    if offer.from_cache is not None:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(offer.from_cache))
        blocks.append(f"It could not be fetched now; this is from {when}.")
    kept = [each for each in offer.candidates if each.state in {"edited", "taken"}]
    if kept:
        rows = [
            (
                escape(redact(each.prompt.name)),
                _SEALED if each.is_sealed else _STATES[each.state],
                escape(redact(each.beside)),
            )
            for each in kept
        ]
        blocks.append(table(("name", "why yours is kept", "imported by name as"), rows))
    deleted = [
        each.prompt.name
        for each in offer.candidates
        if each.state == "deleted" and each.prompt.name not in done.added
    ]
    if deleted:
        more = len(deleted) - _DELETED
        names = ", ".join(deleted[:_DELETED]) + (
            f" and {more:,} more" if more > 0 else ""
        )
        text = "Deleted here, and imported only by name"
        blocks.append(f"{text}: {escape(redact(names))}.")
    blocks += _listed("not read", offer.problems, redact)
    blocks += _listed("read in part", offer.notes, redact)
    return blocks


def _listed(
    title: str, problems: Sequence[Problem], redact: Callable[[str], str]
) -> list[str]:
    """Return the first of the problems as a table, and how many more there are."""
    if not problems:
        return []
    some = problems[:_PROBLEMS]
    rows = [(escape(redact(each.where)), escape(redact(each.what))) for each in some]
    left = len(problems) - len(some)
    more = [f"And {left:,} more that were {title}."] if left else []
    return [table((title, "why"), rows), *more]


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _WIDEST else f"{words[: _WIDEST - 1]}…"
