"""The prompt library: Fabric's patterns imported, and 10,000 prompts searched."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import random
import sqlite3
import statistics
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from parllama_nb.application import Parllama
from parllama_nb.events import ALL, Event, ProgressChanged
from parllama_nb.jobs import Job
from parllama_nb.prompting.library.merging import Candidate, Imported
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.providers.messages import Message

from ..own_app import own_app
from .figures import Figure
from .rig import ROOT, Rig

__all__ = ["measure"]

_FIXTURE = ROOT.parent / "shared" / "fixtures" / "fabric-main.zip"
_PATTERNS = 225
_MANY = 10_000
_STOCK = ("security", "threat", "summary", "wisdom", "extract", "write", "the", "of")
_QUERIES = ("summ", "security threat", "the", "write_", "zebra", "extract wisdom")


def measure(rig: Rig) -> Iterator[Figure]:
    archive = _archive(rig.directory)
    ours, bare, rates = [], [], []
    for number in rig.times(7, 3):
        bare.append(_bare(archive, rig.directory / "bare.db"))
        with _home(rig.directory / f"import {number}"):
            seconds, rate = _imported(archive)
        ours.append(seconds)
        rates.append(rate)
    yield Figure(
        f"{_PATTERNS} patterns from a zip, all phases",
        "s",
        ours,
        {"zipfile and sqlite3 alone": bare},
        0.25,
    )
    yield Figure("its progress, in the busiest second", "messages", rates, target=10)
    with _home(rig.directory / "many"), own_app() as app:
        _fill(app)
        first = _searched(app, _QUERIES[0])
        found = [_searched(app, query) for _ in rig.times(9, 3) for query in _QUERIES]
        listed = [_searched(app, "") for _ in rig.times(9, 3)]
        floor = [_matched(app) for _ in rig.times(9, 3)]
    yield Figure(f"{_MANY:,} prompts searched", "ms", found, {"FTS5 alone": floor}, 20)
    yield Figure("the first 100 of them, by name", "ms", listed, target=20)
    yield Figure("the first search, which makes the index", "ms", [first])


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


def _archive(folder: Path) -> Path:
    """Return the real archive, or one of its shape."""
    if _FIXTURE.exists():
        return _FIXTURE
    path, words = folder / "patterns.zip", random.Random(1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(_PATTERNS):
            name = f"fabric-main/data/patterns/write_{number}/system.md"
            archive.writestr(name, _text(words, number))
    return path


def _text(words: random.Random, number: int) -> str:
    body = " ".join(words.choices(_STOCK, k=900))
    return f"# IDENTITY and PURPOSE\n\nYou are expert {number}.\n\n# STEPS\n\n{body}\n"


def _imported(archive: Path) -> tuple[float, float]:
    """Seconds for all phases, and the most messages within a second."""
    times: list[float] = []

    def hear(event: Event) -> None:
        if isinstance(event, ProgressChanged):
            times.append(time.perf_counter())

    async def work(job: Job[Imported]) -> Imported:
        imports = app.prompt_imports
        offer = await imports.offer("fabric", str(archive), job.report)
        return await imports.take(offer.chosen(), job.report)

    with own_app() as app:
        # The database is there, as in any library that is in use.
        app.runtime.run(app.prompts.find())
        app.prompt_sources.get("fabric")
        app.events.listen(ALL, hear)
        begun = time.perf_counter()
        done = app.jobs.start("import", work).result()
        seconds = time.perf_counter() - begun
        assert done.count == _PATTERNS, f"{done.count} were imported"
    return seconds, max(sum(0 <= time - each < 1 for time in times) for each in times)


def _bare(archive: Path, database: Path) -> float:
    """Seconds to read all texts and to insert them, with nothing checked."""
    database.unlink(missing_ok=True)
    begun = time.perf_counter()
    with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as opened:
        texts = [
            (name.split("/")[-2], json.dumps(opened.read(name).decode()))
            for name in opened.namelist()
            if name.endswith("/system.md")
        ]
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE prompt (name TEXT, content TEXT)")
        connection.executemany("INSERT INTO prompt VALUES (?, ?)", texts)
    connection.close()
    return time.perf_counter() - begun


def _fill(app: Parllama) -> None:
    words = random.Random(2)
    chosen = [
        Candidate(
            Prompt(
                f"write_{number}",
                (Message.of("system", _text(words, number)),),
                description=f"You are expert {number}.",
                tags=("write",),
            ),
            "new",
        )
        for number in range(_MANY)
    ]
    app.runtime.run(app.prompts.take(chosen, lambda _: None))


def _searched(app: Parllama, query: str) -> float:
    begun = time.perf_counter()
    app.runtime.run(app.prompts.find(query, limit=100))
    return 1000 * (time.perf_counter() - begun)


def _matched(app: Parllama) -> float:
    """Milliseconds of the statements alone, over the same queries; their median."""
    matches = ('"summ"*', '"security"* AND "threat"*', '"the"*', '"write"*')

    def once(connection: sqlite3.Connection) -> list[float]:
        spent = []
        for match in matches:
            begun = time.perf_counter()
            connection.execute(
                "SELECT rowid FROM prompt_text WHERE prompt_text MATCH ?", (match,)
            ).fetchall()
            spent.append(1000 * (time.perf_counter() - begun))
        return spent

    async def run() -> list[float]:
        return list(await asyncio.wrap_future(app.store.call(once)) or ())

    return statistics.median(app.runtime.run(run()))
