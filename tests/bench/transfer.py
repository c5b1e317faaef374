"""Conversations exported and imported: 1,000 of 20 turns, and half as many."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from parllama_nb.application import Parllama
from parllama_nb.chats.history.importing import insert
from parllama_nb.chats.history.saved import SavedConversation
from parllama_nb.chats.transfer.formats import FORMATS

from ..chats.transfer.conversations import told
from ..own_app import own_app
from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

_MANY = 1_000
_TURNS = 20
_ANSWER = (
    "An answer with **bold** words and `code`.\n\n- one thing\n- another\n\n"
    "```python\ndef f(x):\n    return x + 1  # and so on\n```\n\n"
    + "A sentence of some length that is part of a paragraph. "
    * 6
)


def measure(rig: Rig) -> Iterator[Figure]:
    folder = rig.directory / "transfer"
    with _home(folder / "home"), own_app() as app:
        half = _MANY // 2
        _fill(app, range(half))
        halves = {name: _exported(app, name, folder / "half") for name in FORMATS}
        _fill(app, range(half, _MANY))
        wholes = {
            name: [_exported(app, name, folder / f"{n}") for n in rig.times(3, 1)]
            for name in FORMATS
        }
        floor = [_bare(app, folder / f"bare {n}") for n in rig.times(3, 1)]
        same = [_imported(app, folder / "0 json.zip", again=False)]
        again = [_imported(app, folder / "0 json.zip", again=True)]
    for name, kind in FORMATS.items():
        grown = wholes[name][0] / halves[name]
        yield Figure(
            f"{_MANY:,} conversations of {_TURNS} turns as {kind.title}",
            "s",
            wholes[name],
            {"read and json.dumps alone": floor},
            note=f"{grown:.1f} times half as many",
        )
    yield Figure(f"{_MANY:,} of them imported, of JSON", "s", again)
    yield Figure("found to be there already", "s", same)


@contextlib.contextmanager
def _home(folder: Path) -> Iterator[None]:
    """Keep everything in this folder."""
    before = os.environ.get("PARLLAMA_NB_HOME")
    os.environ["PARLLAMA_NB_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["PARLLAMA_NB_HOME"]
        else:
            os.environ["PARLLAMA_NB_HOME"] = before


def _fill(app: Parllama, numbers: range) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        for number in numbers:
            turns = tuple(
                told(f"Question {turn} of {number}?", f"{turn}: {_ANSWER}", turn)
                for turn in range(1, _TURNS + 1)
            )
            name = f"Conversation {number}"
            saved = SavedConversation(name, turns, _TURNS, created=1.7e9 + number)
            insert(connection, saved, lambda _: False)

    app.store.call(fill).result()


def _exported(app: Parllama, name: str, place: Path) -> float:
    target = place.with_name(f"{place.name} {name}.zip")
    export = app.conversation_exports.export(None, str(target), kind=FORMATS[name])
    begun = time.perf_counter()
    app.runtime.run(export)
    return time.perf_counter() - begun


def _imported(app: Parllama, path: Path, *, again: bool) -> float:
    begun = time.perf_counter()
    done = app.runtime.run(app.conversation_imports.take([str(path)], again=again))
    seconds = time.perf_counter() - begun
    assert len(done.added if again else done.present) == _MANY
    return seconds


def _bare(app: Parllama, folder: Path) -> float:
    """Seconds to read all rows, and to write them as JSON, a file each."""
    folder.mkdir()

    def read(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
        query = "SELECT session_id, question, answer FROM turn ORDER BY session_id, id"
        return connection.execute(query).fetchall()

    begun = time.perf_counter()
    rows = app.store.call(read).result() or []
    sessions: dict[str, list[tuple[str, str]]] = {}
    for session, question, answer in rows:
        sessions.setdefault(session, []).append((question, answer))
    for session, turns in sessions.items():
        text = json.dumps([[json.loads(q), json.loads(a)] for q, a in turns])
        (folder / session).write_text(text)
    return time.perf_counter() - begun
