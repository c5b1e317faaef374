"""Runs on disk: after a crash, beside another process, on a full disk."""

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


async def test_saved_answers_are_known_to_the_next_run_of_the_same_call(
    store: Store,
) -> None:
    run = await begun(store)
    run.save(3, ANSWER)
    await run.end(complete=False)
    again = await begun(store)
    assert again.known == {3: ANSWER}
    await again.end(complete=False)
    assert (await begun(store, "another call")).known == {}


async def test_a_complete_run_leaves_no_rows(store: Store) -> None:
    run = await begun(store)
    run.save(0, ANSWER)
    await run.end(complete=True)
    assert rows(store, "run") == rows(store, "run_answer") == 0


async def test_a_run_in_progress_is_not_taken_from_its_owner(store: Store) -> None:
    run = await begun(store)
    run.save(0, ANSWER)
    other = await begun(store)
    assert other.known == {}
    other.save(1, ANSWER)
    await other.end(complete=True)
    await run.end(complete=False)
    assert (await begun(store)).known == {0: ANSWER}


async def test_begin_without_resume_starts_a_new_run(store: Store) -> None:
    run = await begun(store)
    run.save(0, ANSWER)
    await run.end(complete=False)
    assert (await begun(store, resume=False)).known == {}


async def test_a_run_of_another_machine_counts_as_alive(store: Store) -> None:
    run = await begun(store)
    run.save(0, ANSWER)
    store.call(
        lambda c: c.execute("UPDATE run SET owner = ?", ("elsewhere\n1\n1.0",))
    ).result()
    assert (await begun(store)).known == {}


async def test_a_reused_process_id_is_not_the_owner(
    store: Store,
) -> None:
    run = await begun(store)
    run.save(0, ANSWER)
    node = os.uname().nodename
    store.call(
        lambda c: c.execute(
            "UPDATE run SET owner = ?", (f"{node}\n{os.getpid()}\n1.0",)
        )
    ).result()
    assert (await begun(store)).known == {0: ANSWER}


async def test_cached_answers_are_found_by_key_in_any_number(store: Store) -> None:
    runs = RunStore(store)
    keys = [f"k{n}" for n in range(2500)]
    for key in keys[::2]:
        runs.cache(key, ANSWER)
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
        run.save(number, ANSWER)
        await asyncio.wrap_future(store.call(lambda c: None))
        print(number, flush=True)

asyncio.run(main())
"""


def test_a_killed_process_loses_no_saved_answer(path: Path) -> None:
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
        assert len(numbers) >= told + 1, "a saved answer is gone"
        for _ in range(7 * (tries + 1)):
            told = int(process.stdout.readline())
        process.kill()
        process.communicate()


def test_a_failing_database_is_noted_and_the_run_continues(tmp_path: Path) -> None:
    store = Store(lambda: tmp_path / "runs.db")

    async def scenario() -> Run:
        run = await RunStore(store).begin("call")
        await asyncio.wrap_future(
            store.call(lambda c: c.execute("DROP TABLE run_answer"))
        )
        run.save(0, ANSWER)
        await run.end(complete=False)
        return run

    run = asyncio.run(scenario())
    store.close()
    assert run.failure is not None
    assert "run_answer" in run.failure.message
