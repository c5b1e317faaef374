"""Runs on disk: what another process, a crash and a full disk leave of them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.batches.run_store import Run, RunStore
from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.providers.messages import Usage, parts_of
from parllama_nb.store.database import Store

ANSWER = Answer(
    parts_of("text", "hm"),
    "fake/scripted",
    "length",
    Timing(1.0, 0.5, 2.0),
    usage=Usage(1, 2, cached_tokens=1),
    cost=0.25,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(lambda: path)
    yield store
    store.close()


def rows(store: Store, table: str) -> int:
    count: Any = store.call(
        lambda c: c.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
    ).result()
    return int(count)


async def begun(store: Store, call: str = "call", **how: bool) -> Run:
    return await RunStore(store).begin(call, **how)


async def test_what_was_kept_is_known_to_the_next_try(store: Store) -> None:
    run = await begun(store)
    run.keep(3, ANSWER)
    await run.end(whole=False)
    again = await begun(store)
    assert again.known == {3: ANSWER}
    await again.end(whole=False)
    assert (await begun(store, "another call")).known == {}


async def test_a_whole_run_leaves_nothing(store: Store) -> None:
    run = await begun(store)
    run.keep(0, ANSWER)
    await run.end(whole=True)
    assert rows(store, "run") == rows(store, "run_answer") == 0


async def test_a_run_under_way_is_not_taken_from_its_owner(store: Store) -> None:
    run = await begun(store)
    run.keep(0, ANSWER)
    other = await begun(store)
    assert other.known == {}
    other.keep(1, ANSWER)
    await other.end(whole=True)
    await run.end(whole=False)
    assert (await begun(store)).known == {0: ANSWER}


async def test_going_on_may_be_refused(store: Store) -> None:
    run = await begun(store)
    run.keep(0, ANSWER)
    await run.end(whole=False)
    assert (await begun(store, resume=False)).known == {}


async def test_a_process_of_another_machine_may_be_alive(store: Store) -> None:
    run = await begun(store)
    run.keep(0, ANSWER)
    store.call(
        lambda c: c.execute("UPDATE run SET owner = ?", ("elsewhere\n1\n1.0",))
    ).result()
    assert (await begun(store)).known == {}


async def test_a_number_that_another_process_has_now_is_not_its_owner(
    store: Store,
) -> None:
    run = await begun(store)
    run.keep(0, ANSWER)
    node = os.uname().nodename
    store.call(
        lambda c: c.execute(
            "UPDATE run SET owner = ?", (f"{node}\n{os.getpid()}\n1.0",)
        )
    ).result()
    assert (await begun(store)).known == {0: ANSWER}


async def test_kept_answers_are_found_by_key_however_many(store: Store) -> None:
    runs = RunStore(store)
    keys = [f"k{n}" for n in range(2500)]
    for key in keys[::2]:
        runs.remember(key, ANSWER)
    found = await runs.cached([*keys, *keys])
    assert sorted(found) == sorted(keys[::2])
    assert found["k0"] == ANSWER


_WRITER = """
import asyncio, sys
from pathlib import Path
from parllama_nb.batches.run_store import RunStore
from parllama_nb.store.database import Store
from tests.batches.test_run_store import ANSWER

async def main():
    store = Store(lambda: Path(sys.argv[1]))
    run = await RunStore(store).begin("call")
    print(sorted(run.known), flush=True)
    for number in range(len(run.known), 100_000):
        run.keep(number, ANSWER)
        await asyncio.wrap_future(store.call(lambda c: None))
        print(number, flush=True)

asyncio.run(main())
"""


def test_a_killed_process_loses_nothing_that_it_had_kept(path: Path) -> None:
    told = -1
    for tries in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        known = process.stdout.readline().strip("[]\n")
        numbers = [int(n) for n in known.split(", ") if n]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= told + 1, "what was kept is gone"
        for _ in range(7 * (tries + 1)):
            told = int(process.stdout.readline())
        process.kill()
        process.communicate()


def test_a_store_that_fails_is_remarked_and_the_run_goes_on(tmp_path: Path) -> None:
    store = Store(lambda: tmp_path / "runs.db")

    async def scenario() -> Run:
        run = await RunStore(store).begin("call")
        await asyncio.wrap_future(
            store.call(lambda c: c.execute("DROP TABLE run_answer"))
        )
        run.keep(0, ANSWER)
        await run.end(whole=False)
        return run

    run = asyncio.run(scenario())
    store.close()
    assert run.failure is not None
    assert "run_answer" in run.failure.message
