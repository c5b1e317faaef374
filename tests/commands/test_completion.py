"""Completion from the table of commands, in time even if a server is slow."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, completion
from parllama_nb.commands.completion import complete
from parllama_nb.providers.spec import ModelInfo
from parllama_nb.testing import FakeProvider

from ..eventually import eventually
from ..own_app import own_app, result_of, scripted
from ..servers.ollama import OllamaDouble

NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    """An app on a machine where no local server runs."""
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    monkeypatch.setenv("LLAMACPP_BASE_URL", NOWHERE)
    monkeypatch.setenv("LITELLM_BASE_URL", NOWHERE)
    with own_app() as app:
        # The first time a client library is imported, which completion does not await.
        app.runtime.run(app.providers.get("ollama").warm())
        yield app
        app.runtime.run(_refused(app))


async def _refused(app: Parllama) -> None:
    """Wait until no request to an absent server is pending.

    The client library warns if a connection attempt is cancelled.
    """
    async with asyncio.timeout(10):
        servers = {"ollama", "llamacpp", "litellm_proxy"} & {*app.model_lists._running}
        asking = app.model_lists._running
        await asyncio.gather(*(asking[name].task for name in servers))


def line(app: Parllama, text: str) -> list[str]:
    return complete(COMMANDS, app, text, cell=False)


def cell(app: Parllama, text: str) -> list[str]:
    return complete(COMMANDS, app, text, cell=True)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("", list(COMMANDS)),
        ("as", ["ask"]),
        ("  jo", ["jobs"]),
        ("zz", []),
        ("nothing ", []),
        ("nothing x", []),
        ("ask --temp", ["--temperature"]),
        ("ask --", None),
        ("ask -t 0.5 --se", ["--seed", "--session", "--set"]),
        ("ask -t ", []),
        ("ask What is ", []),
        ("jobs ", ["cancel"]),
        ("jobs c", ["cancel"]),
        ("jobs x", []),
        ("help do", ["doctor"]),
        ("help doctor ", []),
        ("use --", []),
        ("doctor ", []),
    ],
)
def test_a_line_is_completed_from_the_table(
    app: Parllama, text: str, offered: list[str] | None
) -> None:
    if offered is None:
        flags = [
            f for option in COMMANDS["ask"].options().values() for f in option.flags
        ]
        offered = [flag for flag in flags if flag.startswith("--")]
    assert sorted(line(app, text)) == sorted(offered)


@pytest.mark.parametrize("text", ["use ", "ask -m ", "ask -t 0.5 --model "])
def test_models_are_offered_for_options_and_arguments_that_take_one(
    app: Parllama, text: str
) -> None:
    scripted(app, local=True, models=["one", "two"])
    offered = line(app, text)
    assert {"fake/one", "fake/two", "openai/", "groq/"} <= set(offered)
    assert offered == sorted(set(offered))
    assert line(app, f"{text}fake/t") == ["fake/two"]


def test_a_cells_line_offers_models_and_options(app: Parllama) -> None:
    scripted(app, local=True)
    assert cell(app, "fak") == ["fake/scripted"]
    assert cell(app, "-t 0.5 fak") == ["fake/scripted"]
    assert "openai/" in cell(app, "")
    assert cell(app, "fake/scripted --max") == ["--max-tokens"]
    assert cell(app, "fake/scripted -o ") == []


def test_the_chosen_model_is_offered(app: Parllama) -> None:
    scripted(app)
    assert "fake/scripted" not in line(app, "use ")
    result_of(app, "use", model="fake/scripted")
    assert "fake/scripted" in line(app, "use ")


def test_the_models_of_a_real_server_are_offered(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OllamaDouble() as double:
        monkeypatch.setenv("OLLAMA_HOST", double.host)
        assert line(app, "use ollama/ec") == ["ollama/echo:latest", "ollama/echo:small"]


def test_running_jobs_are_offered_after_jobs_cancel(app: Parllama) -> None:
    begun = threading.Event()

    async def wait(job: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def end(job: Any) -> None:
        pass

    app.jobs.start("quick", end).result()
    job = app.jobs.start("slow", wait)
    begun.wait(5)
    assert line(app, "jobs cancel ") == [job.id]


class Slow(FakeProvider):
    asked = 0

    async def models(self) -> list[ModelInfo]:
        type(self).asked += 1
        await asyncio.Event().wait()
        raise AssertionError


class Broken(FakeProvider):
    async def models(self) -> list[ModelInfo]:
        message = "boom"
        raise ValueError(message)


def test_a_silent_server_does_not_delay_the_models_of_others(app: Parllama) -> None:
    for number in range(3):
        scripted(app, name=f"slow{number}", local=True, kind=Slow)
    scripted(app, local=True)
    assert line(app, "use fa") == ["fake/scripted"]
    assert line(app, "use slow") == []


def test_completion_returns_in_time_while_the_loop_is_busy(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion, "_TIMEOUT", 0.02)
    release = threading.Event()
    app.runtime.loop.call_soon_threadsafe(release.wait, 10)
    try:
        assert "openai/" in line(app, "use o")
    finally:
        release.set()


def test_a_broken_provider_does_not_hide_the_models_of_others(app: Parllama) -> None:
    scripted(app, name="broken", local=True, kind=Broken)
    scripted(app, local=True)
    assert line(app, "use fa") == ["fake/scripted"]


def test_a_slow_list_is_there_for_the_next_completion(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion, "_TIMEOUT", 0.02)
    release: list[asyncio.Event] = []

    class Late(FakeProvider):
        async def models(self) -> list[ModelInfo]:
            gate = asyncio.Event()
            release.append(gate)
            await gate.wait()
            return await super().models()

    scripted(app, name="late", local=True, kind=Late)
    assert line(app, "use la") == []
    eventually(lambda: release)
    app.runtime.loop.call_soon_threadsafe(release[0].set)
    # The second request is as slow, so the offered list is that of the first.
    eventually(lambda: line(app, "use la") == ["late/scripted"])


def test_completing_anything_but_models_asks_no_server(app: Parllama) -> None:
    before = Slow.asked
    scripted(app, name="slow", local=True, kind=Slow)
    for text in ("", "he", "help ", "ask --", "ask -t ", "jobs cancel "):
        line(app, text)
    assert Slow.asked == before
