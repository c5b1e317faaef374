"""A child process: values each way, its log, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from parllama_nb.providers.child_process import ChildProcess
from parllama_nb.secret import Redactor, Secret

ECHO = """
import json, sys
print("not JSON", flush=True)
for line in sys.stdin:
    value = json.loads(line)
    if value == "end":
        break
    print("log of", value if len(line) < 500 else "much", file=sys.stderr, flush=True)
    print(json.dumps(["echo", value]), flush=True)
"""


class Child:
    """A child that echoes, and what was received of it."""

    def __init__(self, program: Path) -> None:
        self.redact = Redactor()
        self.values: asyncio.Queue[Any] = asyncio.Queue()
        self.process = ChildProcess(
            "echo",
            self.redact,
            received=self.values.put_nowait,
            ended=lambda: self.values.put_nowait("ended"),
        )
        self.process.start(program)

    async def next(self) -> Any:
        return await asyncio.wait_for(self.values.get(), 30)


@pytest.fixture
async def child(tmp_path: Path) -> AsyncIterator[Child]:
    program = tmp_path / "echo.py"
    program.write_text(ECHO)
    child = Child(program)
    yield child
    await child.process.aclose()


async def test_values_go_each_way_and_lines_of_others_are_ignored(child: Child) -> None:
    for value in ({"a": [1, None]}, "ä\n"):
        await child.process.send(value)
        assert await child.next() == ["echo", value]


async def test_a_value_larger_than_a_pipe_arrives_whole(child: Child) -> None:
    text = "x" * 1_000_000
    await child.process.send(text)
    assert await child.next() == ["echo", text]


async def test_the_end_comes_after_the_last_value(child: Child) -> None:
    await child.process.send("last")
    await child.process.send("end")
    assert [await child.next(), await child.next()] == [["echo", "last"], "ended"]
    assert child.process.exited.is_set()
    assert child.process.returncode == 0
    assert not child.process.alive
    await child.process.send("nobody reads this")


async def test_the_log_of_a_child_has_no_secret(child: Child) -> None:
    child.redact.add(Secret("A_KEY", "sk-sentinel-child"))
    await child.process.send("sk-sentinel-child")
    await child.next()
    await child.process.aclose()
    assert [*child.process.log] == ["log of <Secret A_KEY>"]


async def test_a_secret_is_not_in_the_log_where_a_long_line_ends(child: Child) -> None:
    child.redact.add(Secret("A_KEY", "sk-sentinel-child"))
    for before in range(375, 400):
        await child.process.send({"much": "." * before, "key": "sk-sentinel-child"})
        await child.next()
    await child.process.aclose()
    assert len(child.process.log) == 25
    assert [line for line in child.process.log if "sk-" in line] == []
    assert [len(line) for line in child.process.log if len(line) > 400] == []


async def test_closing_twice_ends_the_child_once(child: Child) -> None:
    assert child.process.alive
    system = psutil.Process(child.process.pid)
    await child.process.aclose()
    await child.process.aclose()
    assert not system.is_running()
    assert await child.next() == "ended"
    assert child.values.empty()
