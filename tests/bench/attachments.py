"""Attachments: a large image written and read, a session of them, a PDF's text."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from parllama_nb.application import Parllama
from parllama_nb.chats.history.rows import NewTurn
from parllama_nb.providers.messages import (
    ChatRequest,
    ImagePart,
    Message,
    Part,
    TextPart,
    parts_of,
)

from ..attachments import pdfs
from ..own_app import own_app
from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

_SIZE = 4_500_000
_TURNS, _EVERY = 100, 5
_PAGES = 100
_WORDS = ("the", "cell", "divides", "and", "each", "half", "goes", "on", "growing")


def measure(rig: Rig) -> Iterator[Figure]:
    data = random.Random(1).randbytes(_SIZE)
    with _home(rig.directory / "attachments"), own_app() as app:
        yield from _one_image(rig, app, data)
        _fill(app)
        opened = [_opened(app, "with") for _ in rig.times(15, 5)]
        floor = [_opened(app, "without") for _ in rig.times(15, 5)]
        sent = [_read(app, "with") for _ in rig.times(5, 3)]
    yield Figure(
        f"{_TURNS} turns opened, {_TURNS // _EVERY} with {_SIZE / 1e6:g} MB",
        "ms",
        opened,
        {"the same without images": floor},
    )
    yield Figure("their images read, to be sent again", "ms", sent)
    yield from _pdf(rig)


def _one_image(rig: Rig, app: Parllama, data: bytes) -> Iterator[Figure]:
    wrote, read, bare_writes, bare_reads = [], [], [], []
    path = rig.directory / "bare.db"
    for number in rig.times(9, 3):
        # Other bytes each time: the same would be there already.
        own = data[:-8] + number.to_bytes(8, "big")
        begun = time.perf_counter()
        _write(app, "one", f"Q{number}", _image(own))
        wrote.append(1000 * (time.perf_counter() - begun))
        read.append(_read(app, "one", last=True))
        written, found = _bare(path, own)
        bare_writes.append(written)
        bare_reads.append(found)
    of = f"a question with {_SIZE / 1e6:g} MB"
    yield Figure(f"{of}, written", "ms", wrote, {"sqlite3 alone": bare_writes})
    yield Figure(f"{of}, read", "ms", read, {"sqlite3 alone": bare_reads})


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


def _image(data: bytes) -> ImagePart:
    return ImagePart(f"data:image/png;base64,{base64.b64encode(data).decode()}")


def _write(app: Parllama, session: str, text: str, *parts: Part) -> None:
    question = (Message("user", (*parts, TextPart(text))),)
    request = ChatRequest("m", question)
    turn = NewTurn("fake/m", request, question, session)

    async def write() -> None:
        await app.chats.begin(turn).begun()

    app.runtime.run(write())


def _fill(app: Parllama) -> None:
    """Two sessions with answers; in one of them every fifth question has an image."""
    chance = random.Random(2)
    for number in range(_TURNS):
        for session in ("with", "without"):
            has = session == "with" and number % _EVERY == 0
            parts = [_image(chance.randbytes(_SIZE))] if has else []
            _write(app, session, f"Question {number}?", *parts)
    answer = Message("assistant", parts_of("An answer. " * 60))
    text = json.dumps(answer.to_dict())
    app.store.call(
        lambda c: c.execute("UPDATE turn SET state = 'settled', answer = ?", (text,))
    ).result()


def _opened(app: Parllama, session: str) -> float:
    begun = time.perf_counter()
    _, turns = app.runtime.run(app.chats.load(session, _TURNS))
    assert len(turns) == _TURNS
    return 1000 * (time.perf_counter() - begun)


def _read(app: Parllama, session: str, *, last: bool = False) -> float:
    async def read() -> int:
        turns = await app.chats.turns(session, limit=1 if last else None)
        messages = [message for turn in turns for message in turn.question]
        found = await app.chats.filled(messages)
        return sum(len(part.url) for m in found for part in m.parts[:-1])  # type: ignore[union-attr]

    begun = time.perf_counter()
    assert app.runtime.run(read()) > _SIZE
    return 1000 * (time.perf_counter() - begun)


def _bare(path: Path, data: bytes) -> tuple[float, float]:
    """Milliseconds to write the bytes and to read them, with nothing around."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE IF NOT EXISTS image (data BLOB)")
    begun = time.perf_counter()
    row = connection.execute("INSERT INTO image VALUES (?)", (data,)).lastrowid
    written = time.perf_counter()
    connection.execute("SELECT data FROM image WHERE rowid = ?", (row,)).fetchone()
    read = time.perf_counter()
    connection.close()
    return 1000 * (written - begun), 1000 * (read - written)


def _pdf(rig: Rig) -> Iterator[Figure]:
    from parllama_nb.attachments.reader import AttachmentReader

    chance = random.Random(3)
    pages = [
        "\n".join(" ".join(chance.choices(_WORDS, k=12)) for _ in range(45))
        for _ in range(_PAGES)
    ]
    data = pdfs.pdf(pages)
    ours, bare = [], []
    with _home(rig.directory / "pdf"), own_app() as app:
        reader = AttachmentReader()
        for _ in rig.times(5, 2):
            begun = time.perf_counter()
            found = app.runtime.run(reader.read(data))
            ours.append(time.perf_counter() - begun)
            assert found.pages == _PAGES
            bare.append(_extracted(data))
    yield Figure(
        f"the text of {_PAGES} pages of PDF",
        "s",
        ours,
        {"pypdf alone, loaded": bare},
        note="Ours starts a process with limits, and imports pypdf in it.",
    )


def _extracted(data: bytes) -> float:
    from pypdf import PdfReader

    begun = time.perf_counter()
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    assert len(texts) == _PAGES
    return time.perf_counter() - begun
