"""The action scan: where the vault's secrets stand in files, and what to do then."""

from __future__ import annotations

import os
from asyncio import to_thread
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from threading import Event

from ...application import Parllama
from ...errors import UsageError
from ...events import Progress
from ...leaks.files import File, files_below, files_of_user
from ...leaks.finder import Finder
from ...leaks.forms import PLAIN
from ...leaks.hits import KINDS, Found, Hit
from ...leaks.scanning import scan as search
from ...markdown.sanitize import escape
from ...secret import Redactor, Secret
from ...sizes import size_in_words
from ..passwords import unlock_vault
from ..report import Report, table
from ..table import Call
from .params import VaultParams
from .reports import name_list

__all__ = ["scan"]

# Rows of the report, and files that are named because they cannot be read.
_ROWS = 200
_NAMED = 5


async def scan(params: VaultParams, call: Call) -> Report:
    """Search files for the values in the vault; see `VaultParams`."""
    roots = await to_thread(lambda: _roots(params))
    if not roots:
        # Not repeated: it may be a secret in the wrong place.
        message = "vault scan needs paths that exist."
        raise UsageError(message, hint="%parllama vault scan notebooks")
    await unlock_vault(call)
    secrets = await to_thread(call.app.vault.secrets)
    hide = await to_thread(lambda: _redactor(secrets))
    finder = await to_thread(lambda: Finder(secrets))
    if not finder.longest:
        few = "is none in the vault" if not secrets else "are only short ones"
        return Report(f"No secret is searched for: there {few}. {_short(finder)}")
    stop = Event()

    def work() -> Found:
        found = Found()
        files: dict[Path, File] = {}
        for file in _files(roots, found, everything=params.all):
            if stop.is_set():
                return found
            files.setdefault(file.path, file)
            call.job.report(Progress("Listing files", len(files), unit="items"))
        total, done = sum(file.size for file in files.values()), 0

        def report(size: int) -> None:
            nonlocal done
            done += size
            call.job.report(Progress("Searching", done, max(total, done), "bytes"))

        every = files.values()
        for _ in search(every, finder, found, done=report, is_stopped=stop.is_set):
            pass
        return found

    try:
        found = await to_thread(work)
    finally:
        stop.set()
    urls = _keys_urls(call.app)
    return Report(await to_thread(lambda: _report(found, finder, urls, hide)))


def _roots(params: VaultParams) -> list[Path]:
    """Return what is searched; nothing if a part of it does not exist."""
    named = [each for each in (params.name, *params.paths) if each is not None]
    try:
        paths = [Path(each).expanduser() for each in named or ["."]]
    except RuntimeError:  # the home of a user who does not exist
        return []
    return paths if all(map(os.path.exists, paths)) else []


def _redactor(secrets: Iterable[Secret]) -> Redactor:
    """Return what hides them in the report, where a path may hold one."""
    hide = Redactor()
    for secret in secrets:
        hide.add(secret)
    return hide


def _files(roots: Iterable[Path], found: Found, *, everything: bool) -> Iterator[File]:
    from IPython.paths import get_ipython_dir  # noqa: PLC0415 - for this alone

    def problem(path: Path, reason: str) -> None:
        found.unreadable.append((path, reason))

    yield from files_of_user(Path.home(), Path(get_ipython_dir()), os.environ)
    for root in roots:
        yield from files_below(root.resolve(), everything=everything, problem=problem)


def _keys_urls(app: Parllama) -> dict[str, str]:
    """Return where the key of each variable is made anew."""
    specs = [app.providers.spec(name) for name in app.providers.names()]
    return {name: spec.keys_url for spec in specs for name in spec.key_env}


def _report(
    found: Found,
    finder: Finder,
    urls: Mapping[str, str],
    hide: Callable[[str], str],
) -> str:
    leaks = [hit for hit in found.hits if hit.kind != "env"]
    count = len(leaks) + found.more
    size = size_in_words(found.size)
    searched = f"{_counted(found.files, 'file')} ({size})"
    blocks = [f"**{_counted(count, 'hit')}** in {searched}."]
    left = _ROWS
    for kind, advice in KINDS.items():
        hits = [hit for hit in found.hits if hit.kind == kind]
        if hits:
            rows = [_row(hit, hide) for hit in hits[:left]]
            blocks.append(f"**{advice.title}.** {advice.remedy}")
            if rows:
                blocks.append(_table(rows))
            if len(hits) > len(rows):
                blocks.append(f"And {len(hits) - len(rows):,} more of these.")
            left -= len(rows)
    if found.more:
        blocks.append(f"Files with many hits have {found.more:,} more.")
    if leaks:
        blocks.append(_keys(leaks, urls))
    if any(hit.tracked for hit in found.hits):
        blocks.append(
            "If a file that git tracks was committed, the value stays in git's "
            "history, which is not searched: only a new key helps."
        )
    blocks += [each for each in (_unreadable(found, hide), _short(finder)) if each]
    return "\n\n".join(blocks)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _row(hit: Hit, hide: Callable[[str], str]) -> list[str]:
    names, form = ", ".join(hit.names), "" if hit.form == PLAIN else hit.form
    git = "tracked" if hit.tracked else ""
    return [escape(c) for c in (_shown(hit.path, hide), hit.where, names, form, git)]


def _table(rows: list[list[str]]) -> str:
    """Return the rows as a table, without the columns that have nothing to say."""
    columns = zip(("file", "where", "secret", "form", "git"), *rows, strict=True)
    titles, *shown = zip(*(each for each in columns if any(each[1:])), strict=True)
    return table(titles, shown)


def _shown(path: Path, hide: Callable[[str], str]) -> str:
    """Return a path as short as it can be, without any secret that is in it."""
    for start, written in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path.is_relative_to(start):
            return hide(f"{written}{path.relative_to(start)}")
    return hide(str(path))


def _keys(leaks: Iterable[Hit], urls: Mapping[str, str]) -> str:
    names = sorted({name for hit in leaks for name in hit.names})
    advice = (
        "A key that was saved has leaked if its file was shared, copied or backed up: "
        "make a new one, put it into the vault, and delete the old one where it was "
        "made."
    )
    lines = [advice]
    lines += [f"{escape(name)}: {urls[name]}" for name in names if urls.get(name)]
    return "  \n".join(lines)


def _unreadable(found: Found, hide: Callable[[str], str]) -> str:
    count = len(found.unreadable)
    named = [
        f"{escape(_shown(path, hide))} ({escape(hide(reason))})"
        for path, reason in found.unreadable[:_NAMED]
    ]
    more = f" and {count - _NAMED:,} more" if count > _NAMED else ""
    return f"Could not be read: {', '.join(named)}{more}." if count else ""


def _short(finder: Finder) -> str:
    if not finder.too_short:
        return ""
    return (
        f"Too short to be searched for, with fewer than six characters: "
        f"{name_list(finder.too_short)}."
    )
