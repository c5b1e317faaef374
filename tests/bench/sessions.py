"""Conversations: 2,000 messages saved, 5,000 listed, 100,000 messages searched."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.chats.history.matching import Wanted
from parllama_nb.chats.history.rows import NewTurn
from parllama_nb.chats.history.store import ChatStore
from parllama_nb.providers.messages import ChatRequest, Message, Usage, parts_of
from parllama_nb.store.database import Store

from .figures import Figure
from .rig import ROOT, Rig

__all__ = ["measure"]

_SAVED = 1000
"""Turns that are saved one by one: two messages each."""

_SESSIONS, _TURNS = 5000, 50_000
_QUERIES = ("needle", "{0}", "{3} {40}", "{900}", "{17} needle", '"{1} {2}"', "{5}")


def measure(rig: Rig) -> Iterator[Figure]:
    folder = rig.directory / "sessions"
    folder.mkdir()
    saved, halves, bare = [], [], []
    for number in rig.times(5, 2):
        seconds, ratio = asyncio.run(_saved(folder / f"saved {number}.db"))
        saved.append(seconds)
        halves.append(ratio)
        bare.append(_bare(folder / f"bare {number}.db"))
    yield Figure(
        f"{2 * _SAVED:,} messages of 1 KB saved one by one",
        "s",
        saved,
        {"three commits each in sqlite3": bare},
        1,
    )
    yield Figure("the second half of them by the first", "", halves, target=1.5)
    vocabulary = _vocabulary()
    path = folder / "many.db"
    _fill(path, vocabulary)
    store = Store(lambda: path)
    library = ChatStore(store).library
    queries = [query.format(*vocabulary) for query in _QUERIES]
    with asyncio.Runner() as runner:
        listed = []
        for _ in rig.times(15, 5):
            begun = time.perf_counter()
            assert len(runner.run(library.sessions())) == _SESSIONS
            listed.append(1000 * (time.perf_counter() - begun))
        begun = time.perf_counter()
        runner.run(library.index())
        first = time.perf_counter() - begun
        searched = []
        for query in queries * len(rig.times(5, 2)):
            begun = time.perf_counter()
            found = runner.run(library.search(query))
            searched.append(1000 * (time.perf_counter() - begun))
            assert found.hits, query
    floor = [_matched(store, query) for query in queries * len(rig.times(5, 2))]
    store.close()
    yield Figure(f"{_SESSIONS:,} conversations listed", "ms", listed, target=50)
    yield Figure(
        f"{2 * _TURNS:,} messages searched, 50 shown",
        "ms",
        searched,
        {"FTS5 alone": floor},
        50,
    )
    yield Figure("the first search, which makes the index", "s", [first])
    yield Figure("messages lost in 200 kills", "", [_lost(rig)], target=0)


async def _saved(path: Path) -> tuple[float, float]:
    """Seconds to save all turns, and those of the second half by the first's."""
    store = Store(lambda: path)
    chats = ChatStore(store)
    store.check().result()
    text, marks = "x" * 1000, []
    for number in range(_SAVED):
        if number in {0, _SAVED // 2}:
            marks.append(time.perf_counter())
        asked = (Message.of("user", text),)
        turn = NewTurn("fake/m", ChatRequest("m", asked), asked, "s")
        writer = chats.begin(turn)
        await writer.begun()
        writer.append("text", text)
        await writer.settle(_answer(text))
    marks.append(time.perf_counter())
    store.close()
    begun, middle, end = marks
    return end - begun, (end - middle) / (middle - begun)


def _answer(text: str) -> Answer:
    timing = Timing(0, 0.1, 1.0)
    return Answer(parts_of(text, ""), "fake/m", "stop", timing, usage=Usage(3, 4))


def _bare(path: Path) -> float:
    """Seconds for as many commits with the same texts, and nothing else."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE turn (id INTEGER PRIMARY KEY, q TEXT, a TEXT)")
    connection.execute("CREATE TABLE chunk (turn INTEGER, text TEXT)")
    text = "x" * 1000
    begun = time.perf_counter()
    for number in range(_SAVED):
        connection.execute("INSERT INTO turn VALUES (?, ?, NULL)", (number, text))
        connection.execute("INSERT INTO chunk VALUES (?, ?)", (number, text))
        connection.execute("BEGIN")
        connection.execute("UPDATE turn SET a = ? WHERE id = ?", (text, number))
        connection.execute("DELETE FROM chunk WHERE turn = ?", (number,))
        connection.execute("COMMIT")
    seconds = time.perf_counter() - begun
    connection.close()
    return seconds


def _vocabulary() -> list[str]:
    letters, chance = "abcdefghijklmnopqrstuvwxyz", random.Random(1)
    return [
        "".join(chance.choices(letters, k=chance.randint(4, 10))) for _ in range(20_000)
    ]


def _fill(path: Path, vocabulary: list[str]) -> None:
    """Write conversations whose words are as frequent as those of a language."""
    weights = list(accumulate(1 / (n + 1) for n in range(len(vocabulary))))
    chance = random.Random(2)
    texts = [
        " ".join(chance.choices(vocabulary, cum_weights=weights, k=140))
        for _ in range(2000)
    ]
    store = Store(lambda: path)

    def fill(connection: sqlite3.Connection) -> None:
        connection.executemany(
            "INSERT INTO session (id, name, created, used, folder, tags) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [
                (str(n), f"Chat {n}", n, n, f"F{n % 20}", json.dumps([f"t{n % 30}"]))
                for n in range(_SESSIONS)
            ],
        )
        connection.executemany(
            "INSERT INTO turn (session_id, model, options, state, question, answer, "
            "created) VALUES (?, 'fake/m', '{}', 'settled', ?, ?, ?)",
            [
                (
                    str(n % _SESSIONS),
                    json.dumps([Message.of("user", texts[7 * n % 2000]).to_dict()]),
                    json.dumps(Message.of("assistant", _ending(texts, n)).to_dict()),
                    n,
                )
                for n in range(_TURNS)
            ],
        )

    store.call(fill).result()
    store.close()


def _ending(texts: list[str], number: int) -> str:
    needle = " needle" if number % 977 == 0 else ""
    return f"{texts[11 * number % 2000]}{needle}"


def _matched(store: Store, query: str) -> float:
    """Milliseconds of the statement alone."""
    match = Wanted(query).for_index

    def matched(connection: sqlite3.Connection) -> float:
        begun = time.perf_counter()
        connection.execute(
            "SELECT rowid FROM turn_text WHERE turn_text MATCH ? "
            "ORDER BY rowid DESC LIMIT 200",
            (match,),
        ).fetchall()
        return 1000 * (time.perf_counter() - begun)

    return store.call(matched).result() or 0.0


def _lost(rig: Rig) -> float:
    folder = rig.directory / "killed"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.chats.history.killed", "200", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-2])
