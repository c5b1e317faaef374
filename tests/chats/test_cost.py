"""The cost of an answer, by the price table."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from parllama_nb.chats.answer import Answer
from parllama_nb.chats.engine import Engine
from parllama_nb.errors import ServerError
from parllama_nb.events import Events
from parllama_nb.model_catalog.prices import PriceTable
from parllama_nb.providers.messages import ChatRequest, Finish, Message, Usage
from parllama_nb.providers.model_facts import ModelFacts
from parllama_nb.providers.retry import RetryPolicy
from parllama_nb.providers.spec import Spec
from parllama_nb.testing import FakeProvider

REMOTE = Spec(name="far", title="Far", wire="fake", key="none")
REQUEST = ChatRequest("scripted", (Message.of("user", "hello"),))


class NoRecord:
    """A record that writes nothing."""

    def append(self, kind: str, text: str) -> None:
        pass

    def recast(self, thinking: str) -> None:
        pass

    async def settle(self, answer: Answer) -> Answer:
        return answer


PRICED = Spec(name="openai", title="OpenAI", wire="fake", key="none")
PRICE = {"litellm_provider": "openai", "mode": "chat"} | {
    "input_cost_per_token": 1e-6,
    "output_cost_per_token": 2e-6,
}


@pytest.fixture
def prices(tmp_path: Path) -> PriceTable:
    path = tmp_path / "table.json"
    path.write_text(json.dumps({"scripted": PRICE}))
    return PriceTable(path)


@pytest.mark.parametrize(
    ("spec", "script", "cost"),
    [
        pytest.param(
            PRICED, ["Yes.", Finish("stop", Usage(1000, 500))], 0.002, id="counted"
        ),
        pytest.param(PRICED, ["Yes."], None, id="not counted"),
        pytest.param(PRICED, ["Yes.", ServerError("No.")], None, id="broken off"),
        pytest.param(
            REMOTE, ["Yes.", Finish("stop", Usage(1000, 500))], None, id="no price"
        ),
        pytest.param(
            replace(PRICED, local=True),
            ["Yes.", Finish("stop", Usage(1000, 500))],
            None,
            id="local",
        ),
    ],
)
def test_an_answer_has_its_cost(
    prices: PriceTable, spec: Spec, script: list[Any], cost: float | None
) -> None:
    async def ask() -> Answer:
        provider = FakeProvider(script, spec=spec)
        engine = Engine(Events(), prices, RetryPolicy(retries=0))
        job: Any = Mock(id="1", state="running")
        return await engine.turn(provider, REQUEST, job, NoRecord())

    assert asyncio.run(ask()).cost == (cost and pytest.approx(cost))


def test_an_answer_is_kept_when_its_price_cannot_be_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(PriceTable):
        async def find(self, spec: Spec, model: str) -> ModelFacts | None:
            raise OSError

    async def ask() -> Answer:
        engine = Engine(Events(), prices=Broken())
        job: Any = Mock(id="1", state="running")
        return await engine.turn(FakeProvider(spec=PRICED), REQUEST, job, NoRecord())

    answer = asyncio.run(ask())
    assert answer.text
    assert answer.cost is None
    assert "the price of an answer could not be read: OSError" in caplog.text
