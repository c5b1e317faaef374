"""What a stopped or broken answer cost: the same in the conversation and the ledger."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.chats.answer import Answer
from parllama_nb.chats.question import Question
from parllama_nb.chats.session import Session
from parllama_nb.events import AnswerDelta, Event
from parllama_nb.ledger.periods import Period
from parllama_nb.paths import directory
from parllama_nb.providers.messages import Usage
from parllama_nb.providers.retry import RetryPolicy

from ..own_app import own_app
from ..servers import anthropic
from ..servers.anthropic import AnthropicDouble
from ..servers.openai_sse import OpenAIDouble
from .priced import KEY, priced

_PRICE = {
    "litellm_provider": "anthropic",
    "mode": "chat",
    "input_cost_per_token": 1.0,
    "output_cost_per_token": 1.0,
    "max_input_tokens": 4096,
}


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-sentinel-0123456789")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    # At the beginning of a stream Anthropic says how much it has read.
    with AnthropicDouble() as double, own_app() as app:
        path = directory("data") / "prices.json"
        path.write_text(json.dumps(dict.fromkeys(anthropic.MODELS, _PRICE)))
        app.prices._given = path
        app.settings.update({"providers.anthropic.base_url": double.url})
        app.engine.retry = RetryPolicy(retries=2, backoff=0.01)
        yield app


def answered(app: Parllama, model: str, *, stop: bool) -> tuple[Session, Answer]:
    """Ask in a conversation; stop the answer, if at all, once it has begun."""

    async def ask() -> tuple[Session, Answer]:
        session = await app.sessions.open("s")
        job = session.send(Question("Hello there.", model=model))
        begun = asyncio.Event()

        def listen(event: Event) -> None:
            if isinstance(event, AnswerDelta):
                begun.set()

        app.events.listen(job.id, listen)
        if stop:
            await begun.wait()
            job.cancel()
        return session, await asyncio.wrap_future(job.future)

    return app.runtime.run(ask())


def rows(app: Parllama) -> list[dict[str, Any]]:
    return app.runtime.run(app.ledger.usages(Period()))


@pytest.mark.parametrize(
    ("model", "ended"),
    [
        ("fault-stall", "cancelled"),
        ("fault-cut", "error"),
        ("fault-error-event", "error"),
    ],
)
def test_an_answer_that_broke_off_has_the_usage_and_the_cost_of_its_request(
    app: Parllama, model: str, ended: str
) -> None:
    session, answer = answered(app, f"anthropic/{model}", stop=ended == "cancelled")
    (row,) = rows(app)
    assert (answer.finish_reason, row["ended"]) == (ended, ended)
    assert answer.usage.input_tokens
    counts = asdict(answer.usage)
    assert {name: row[name] for name in counts} == counts
    assert answer.cost == row["cost"] == counts["input_tokens"] + 1
    assert f"{counts['input_tokens']} → 1 token" in answer.footer
    assert "tokens/s" not in answer.footer
    assert session.transcript.cost == answer.cost
    assert session.transcript.context_tokens is None
    stored = app.runtime.run(app.chats.session("s"))
    assert stored is not None
    assert stored.cost == answer.cost
    assert stored.usage == Usage(answer.usage.input_tokens, 1)


def test_a_stopped_answer_has_the_usage_of_all_its_tries(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter(range(2))

    async def third_time(chat: Any) -> None:
        if next(failures, None) is None:
            await anthropic.MODELS["fault-stall"](chat)
            return
        await chat.start()
        told = {"type": "overloaded_error", "message": "Overloaded"}
        await chat.event("error", error=told)

    monkeypatch.setitem(anthropic.MODELS, "fault-cut", third_time)
    _, answer = answered(app, "anthropic/fault-cut", stop=True)
    tries = rows(app)
    assert [row["ended"] for row in tries] == ["cancelled", "error", "error"]
    assert answer.cost == sum(row["cost"] for row in tries)
    assert answer.usage.input_tokens == sum(row["input_tokens"] for row in tries)


def test_a_complete_answer_has_the_usage_of_its_own_try(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter(range(1))

    async def second_time(chat: Any) -> None:
        if next(failures, None) is None:
            await anthropic.MODELS["echo"](chat)
            return
        await chat.start()
        told = {"type": "overloaded_error", "message": "Overloaded"}
        await chat.event("error", error=told)

    monkeypatch.setitem(anthropic.MODELS, "fault-cut", second_time)
    _, answer = answered(app, "anthropic/fault-cut", stop=False)
    complete, failed = rows(app)
    assert failed["ended"] == "error"
    assert answer.cost == complete["cost"]


def test_the_usage_of_an_answer_stays_unknown_if_nobody_told_it(app: Parllama) -> None:
    with OpenAIDouble() as double:
        priced(app, double)
        session, answer = answered(app, "openai/fault-stall", stop=True)
        (row,) = rows(app)
    assert answer.usage == Usage()
    assert answer.cost is row["cost"] is None
    assert row["input_tokens"] is None
    assert session.transcript.cost is None
