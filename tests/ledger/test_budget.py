"""The budget of a month: what it says, what it stops, and what it never stops."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.batches.batch import BatchItem
from parllama_nb.chats.answer import Answer
from parllama_nb.errors import BudgetError, UsageError
from parllama_nb.events import Event, Notice
from parllama_nb.ledger.periods import Period
from parllama_nb.paths import directory
from parllama_nb.providers.messages import ChatRequest, Finish, Message, Usage

from ..own_app import own_app, result_of, scripted
from ..servers.openai_sse import OpenAIDouble
from .priced import KEY, MODEL, priced
from .sent import sent


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with own_app() as app:
        yield app


@pytest.fixture
def double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


def month_cost(app: Parllama) -> float:
    return app.runtime.run(app.ledger.month_cost())


def test_a_month_costs_what_its_answers_cost(
    app: Parllama, double: OpenAIDouble
) -> None:
    ask = priced(app, double)
    assert month_cost(app) == 0
    assert [ask(n).cost for n in (1, 2, 3)] == [1, 2, 3]
    assert month_cost(app) == 6


def test_what_has_just_ended_is_counted_once(app: Parllama) -> None:
    app.settings.update({"budget.stop": 5})
    assert month_cost(app) == 0

    async def allowed() -> None:
        writing = threading.Event()
        blocking = app.store.call(lambda _: writing.wait(10))
        app.ledger.record(sent(3.0))
        # Its sum is asked for while the write still waits.
        allowing = asyncio.ensure_future(app.ledger.allow(lambda _: None))
        await asyncio.sleep(0)
        writing.set()
        await asyncio.wrap_future(blocking)
        await allowing

    app.runtime.run(allowed())
    assert month_cost(app) == 3


def test_the_footer_and_one_notice_say_that_the_warning_is_passed(
    app: Parllama, double: OpenAIDouble
) -> None:
    ask = priced(app, double)
    app.settings.update({"budget.warn": 5})
    assert "this month" not in ask(4).footer
    passes = ask(2)
    assert passes.footer.endswith("$6.00 of $5.00 this month")
    notices: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.text)

    for _ in range(3):
        result_of(app, "ask", prompt="word", model=[MODEL], listener=listen)
    assert notices == ["$6.00 of $5.00 are spent this month."]


def test_an_answer_that_costs_nothing_says_nothing_of_the_budget(
    app: Parllama, double: OpenAIDouble
) -> None:
    ask = priced(app, double)
    scripted(app, ["Yes.", Finish("stop", Usage(5, 5))], local=True)
    app.settings.update({"budget.warn": 1})
    ask(2)
    answer = result_of(app, "ask", prompt="Hello.", model=["fake/scripted"])
    assert "this month" not in answer.footer


def test_a_used_up_budget_stops_before_anything_is_sent(
    app: Parllama, double: OpenAIDouble
) -> None:
    ask = priced(app, double)
    app.settings.update({"budget.stop": 5})
    ask(5)
    before = len(double.requests)
    error = ask().error
    assert isinstance(error, BudgetError)
    assert "$5.00 a month is used up" in error.message
    assert "has cost $5.00" in error.message
    assert "%parllama settings budget.stop 10" in (error.hint or "")
    assert len(double.requests) == before
    app.settings.update({"budget.stop": 10})
    assert ask().error is None


def test_a_budget_of_nothing_stops_the_first_question(
    app: Parllama, double: OpenAIDouble
) -> None:
    ask = priced(app, double)
    app.settings.update({"budget.stop": 0})
    assert isinstance(ask().error, BudgetError)
    assert double.requests == []


def test_models_on_this_machine_and_without_a_price_are_never_stopped(
    app: Parllama, double: OpenAIDouble
) -> None:
    priced(app, double)
    scripted(app, name="here", local=True)
    scripted(app, name="unpriced")
    app.settings.update({"budget.stop": 0})
    for name in ("here", "unpriced"):
        answer = result_of(app, "ask", prompt="Hi.", model=[f"{name}/scripted"])
        assert answer.error is None


def test_no_way_to_ask_gets_around_the_budget(
    app: Parllama, double: OpenAIDouble
) -> None:
    ask = priced(app, double)
    app.settings.update({"budget.stop": 1})
    ask(1)
    before = len(double.requests)
    result_of(app, "ask", prompt="Hi.", model=[MODEL], session="diary")
    result_of(app, "ask", prompt="Hi.", model=[MODEL, "openai/fault-cut"])
    request = ChatRequest("echo", (Message.of("user", "Hi."),))
    answers: list[Answer] = []
    items = [BatchItem(n, "openai", request) for n in range(5)]
    app.runtime.run(app.batch.run(items, lambda _, answer: answers.append(answer)))
    assert [type(answer.error) for answer in answers] == [BudgetError] * 5
    with pytest.raises(BudgetError):
        app.runtime.run(app.providers.get("openai").complete(request))
    assert len(double.requests) == before


def test_many_questions_at_once_exceed_it_by_what_is_under_way_at_most(
    app: Parllama, double: OpenAIDouble
) -> None:
    priced(app, double)
    app.settings.update({"budget.stop": 20})
    app.runtime.run(app.prices.warm())
    items = [
        BatchItem(n, "openai", ChatRequest("echo", (Message.of("user", f"a b {n}"),)))
        for n in range(200)
    ]
    answers: list[Answer] = []
    app.runtime.run(app.batch.run(items, lambda _, answer: answers.append(answer)))
    refused = [each for each in answers if isinstance(each.error, BudgetError)]
    spent = sum(answer.cost or 0 for answer in answers)
    most = app.batch._concurrency[1]
    assert 20 <= spent <= 20 + 3 * most
    assert len(refused) == 200 - spent / 3
    assert month_cost(app) == spent


_OTHER = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.own_app import own_app
from tests.ledger.priced import priced
from tests.servers.openai_sse import OpenAIDouble
with OpenAIDouble() as double, own_app() as app:
    priced(app, double)(7)
"""


def test_the_budget_counts_what_other_kernels_spend(
    app: Parllama, double: OpenAIDouble, request: Any
) -> None:
    ask = priced(app, double)
    app.settings.update({"budget.stop": 5})
    assert ask(1).error is None
    root = str(request.config.rootpath)
    subprocess.run([sys.executable, "-c", _OTHER, root], check=True)
    app.settings.update({"providers.openai.base_url": double.url})
    assert isinstance(ask(1).error, BudgetError)
    assert month_cost(app) == 8


def test_last_months_answers_do_not_count(app: Parllama, double: OpenAIDouble) -> None:
    ask = priced(app, double)
    ask(9)
    connection = sqlite3.connect(directory("data") / "parllama.db")
    assert app.runtime.run(app.ledger.usages(Period(), "day"))
    connection.execute("UPDATE ledger_day SET day = '2001-01-31'")
    connection.commit()
    connection.close()
    assert month_cost(app) == 0


def test_a_database_that_cannot_be_read_stops_nothing(
    app: Parllama, double: OpenAIDouble
) -> None:
    ask = priced(app, double)
    app.settings.update({"budget.stop": 5})
    ask(1)
    other = sqlite3.connect(directory("data") / "parllama.db")
    other.execute("ALTER TABLE ledger_day RENAME TO elsewhere")
    other.commit()
    assert ask(2).error is None
    assert ask(2).error is None
    # What this kernel has spent is known all the same.
    assert isinstance(ask(1).error, BudgetError)
    other.close()


def test_a_stopped_answer_is_noted_while_its_budget_is_checked(
    app: Parllama, double: OpenAIDouble
) -> None:
    priced(app, double)
    app.settings.update({"budget.stop": 5})

    async def stopped() -> None:
        provider = app.providers.get("openai")
        request = ChatRequest("fault-stall", (Message.of("user", "Hi."),))
        stream = provider.stream(request, lambda _: None)
        await anext(stream)
        await stream.aclose()

    app.runtime.run(stopped())
    (row,) = app.runtime.run(app.ledger.usages(Period()))
    assert row["ended"] == "cancelled"


def test_asking_costs_no_time_without_a_budget(
    app: Parllama, double: OpenAIDouble
) -> None:
    ask = priced(app, double)
    ask()  # opens the database
    other = sqlite3.connect(directory("data") / "parllama.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def answered() -> float:
        began = time.monotonic()
        request = ChatRequest("echo", (Message.of("user", "Hi."),))
        async with asyncio.timeout(4):
            await app.providers.get("openai").complete(request)
        return time.monotonic() - began

    app.runtime.run(answered())
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("value", ["-1", "free", "nan", "inf", "1e9"])
def test_a_limit_that_is_none_is_refused(app: Parllama, value: str) -> None:
    with pytest.raises(UsageError, match=r"budget\.stop"):
        app.settings.update({"budget.stop": value})
