"""The service loop: waiting, cancelling, forking."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.runtime import Runtime

from .interrupts import interrupt_the_waiting


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = Runtime()
    yield made
    made.close()


def test_run_returns_the_result_and_runs_on_the_service_thread(
    runtime: Runtime,
) -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert runtime.run(where()) == "parllama_nb"
    assert threading.current_thread().name != "parllama_nb"


def test_run_raises_the_error_of_its_coroutine(runtime: Runtime) -> None:
    async def fail() -> None:
        message = "no"
        raise ValueError(message)

    with pytest.raises(ValueError, match="no"):
        runtime.run(fail())


def test_a_timeout_within_the_coroutine_is_raised(runtime: Runtime) -> None:
    async def slow() -> None:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        runtime.run(slow())


def test_ctrl_c_cancels_the_awaited_coroutine(runtime: Runtime) -> None:
    ended = threading.Event()

    async def endless() -> None:
        try:
            interrupt_the_waiting()
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(KeyboardInterrupt):
        runtime.run(endless())
    assert ended.wait(5)


def test_run_on_the_service_loop_is_refused(runtime: Runtime) -> None:
    async def inner() -> None:
        pass

    async def outer() -> None:
        runtime.run(inner())

    with pytest.raises(UsageError, match="waited for in a callback"):
        runtime.run(outer())


def test_close_cancels_all_tasks_and_a_new_loop_can_start(runtime: Runtime) -> None:
    ended = threading.Event()
    begun = threading.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    runtime.submit(endless())
    assert begun.wait(5)
    runtime.close()
    assert ended.is_set()

    async def one() -> int:
        return 1

    assert runtime.run(one()) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform cannot fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_has_a_loop_of_its_own(runtime: Runtime) -> None:
    async def answer() -> int:
        return 42

    runtime.run(answer())
    child = os.fork()
    if child == 0:
        os._exit(0 if runtime.run(answer()) == 42 else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
