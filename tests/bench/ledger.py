"""The ledger of 100,000 answers: summed, listed, asked for a month's cost, written."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

from parllama_nb.application import Parllama
from parllama_nb.chats.fitting import fit
from parllama_nb.ledger.periods import period
from parllama_nb.ledger.queries import BY
from parllama_nb.ledger.rows import insert
from parllama_nb.providers.accounting import SentRequest
from parllama_nb.providers.messages import Message, Usage

from ..own_app import own_app
from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

_MANY = 100_000
_DAYS = 730
_NOTEBOOKS = 40
_CONVERSATIONS = 5_000
_MODELS = 20
_TURNS = 100


def measure(rig: Rig) -> Iterator[Figure]:
    with _home(rig.directory / "ledger"), own_app() as app:
        filled = _fill(app)
        times = rig.times(9, 3)
        summed = [_summed(app, by) for _ in times for by in BY]
        month = [_listed(app, "month") for _ in times]
        cost = [_timed(app, app.ledger.month_cost()) for _ in times]
        recorded = [_recorded(app) for _ in times]
    yield Figure(f"{_MANY:,} answers summed, by anything", "ms", summed, target=50)
    yield Figure("each answer of this month", "ms", month, target=50)
    yield Figure("this month's cost, before a request", "ms", cost, target=5)
    yield Figure("a request noted, on the loop", "ms", recorded, target=0.1)
    yield Figure("a row written, with its day's sums", "ms", [filled / _MANY])
    text = Message.of("user", "word " * 200)
    turns = [[text, text]] * _TURNS
    fitted = []
    for _ in times:
        began = time.perf_counter()
        fit([text], turns, 8192, 1024)
        fitted.append(1000 * (time.perf_counter() - began))
    yield Figure(f"{_TURNS} turns of 2 KB made to fit", "ms", fitted, target=10)


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


def _sent(number: int, chance: random.Random, now: float) -> SentRequest:
    model = chance.randrange(_MODELS)
    here = model < 4
    usage = Usage(chance.randrange(50, 9000), chance.randrange(5, 2000), 0, 0, 0)
    return SentRequest(
        began=now - 86_400 * _DAYS * (1 - number / _MANY),
        seconds=3.0,
        purpose=chance.choice(("ask", "chat", "map", "compare")),
        # One conversation after the other, as people have them.
        conversation=f"conversation {number * _CONVERSATIONS // _MANY}",
        provider="ollama" if here else "openai",
        model=f"model-{model}",
        host="this machine" if here else "api.openai.com",
        sent_to="",
        local=here,
        bytes=4 * (usage.input_tokens or 0),
        attachments=(),
        usage=usage,
        cost=None if here else 0.01,
        ended="stop",
    )


def _fill(app: Parllama) -> float:
    """Write all answers; returns the milliseconds that took."""
    chance, now = random.Random(5), time.time()
    names = [(f"id {n}", f"conversation {n}", now) for n in range(_CONVERSATIONS)]
    sent = [_sent(number, chance, now) for number in range(_MANY)]
    app.store.call(
        lambda connection: connection.executemany(
            "INSERT INTO session (id, name, created) VALUES (?, ?, ?)", names
        )
    ).result()
    began = time.perf_counter()
    size = _MANY // _NOTEBOOKS
    for book in range(_NOTEBOOKS):
        some, name = sent[book * size : (book + 1) * size], f"work/{book}.ipynb"
        app.store.call(lambda c, some=some, name=name: insert(c, name, some)).result()
    return 1000 * (time.perf_counter() - began)


def _timed(app: Parllama, work: object) -> float:
    async def timed() -> float:
        began = time.perf_counter()
        await work  # type: ignore[misc]
        return 1000 * (time.perf_counter() - began)

    return app.runtime.run(timed())


def _summed(app: Parllama, by: str) -> float:
    return _timed(app, app.ledger.usages(period(), by))  # type: ignore[arg-type]


def _listed(app: Parllama, since: str) -> float:
    return _timed(app, app.ledger.usages(period(since)))


def _recorded(app: Parllama) -> float:
    sent = _sent(_MANY, random.Random(1), time.time())

    async def noted() -> float:
        began = time.perf_counter()
        for _ in range(100):
            app.ledger.record(sent)
        seconds = time.perf_counter() - began
        await asyncio.wrap_future(app.store.check())
        return 1000 * seconds / 100

    return app.runtime.run(noted())
