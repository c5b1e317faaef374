"""The view of usage: sums of what was sent, the month's cost and its limits."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.ledger.rows import insert
from parllama_nb.providers.accounting import SentRequest
from parllama_nb.providers.messages import Usage
from parllama_nb.secret import Secret
from parllama_nb.widgets.usage.view import UsageView

from ...virtual_time import VirtualLoop
from ..recording import Page
from ..room import answer, pass_time

DAY = 86_400.0


@pytest.fixture
def view(page: Page, app: Parllama) -> UsageView:
    return UsageView(app)


def sent(ago: float = 0.0, **more: Any) -> SentRequest:
    values: dict[str, Any] = {
        "began": time.time() - ago,
        "seconds": 1.0,
        "purpose": "chat",
        "conversation": None,
        "provider": "openai",
        "model": "gpt-5",
        "host": "api.openai.com",
        "sent_to": "",
        "local": False,
        "bytes": 1000,
        "attachments": (),
        "usage": Usage(100, 50),
        "cost": 2.0,
        "ended": "stop",
        **more,
    }
    return SentRequest(**values)


HERE = {"provider": "ollama", "model": "m", "host": "this machine", "local": True}


def note(app: Parllama, *requests: SentRequest) -> None:
    """As another kernel would."""
    app.store.call(lambda c: insert(c, "work/nb.ipynb", requests)).result(10)


def asked(page: Page, view: UsageView, loop: VirtualLoop, **params: Any) -> Any:
    return answer(page, view, loop, "usage", **params)["result"]


def budget(page: Page, view: UsageView, loop: VirtualLoop) -> dict[str, Any]:
    found: dict[str, Any] = answer(page, view, loop, "hello")["result"]["budget"]
    return found


def test_a_hello_tells_the_months_cost_and_its_limits(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    app.settings.update({"budget.warn": 5})
    note(app, sent(), sent(), sent(**HERE, cost=None))
    told = budget(page, view, loop)
    assert told["cost"] == 4.0
    assert told["month"] == time.strftime("%B")
    values = {each["key"]: each.get("value") for each in told["settings"]}
    assert values == {"budget.warn": 5.0, "budget.stop": None}


def test_a_period_is_summed_by_day_by_what_is_asked_and_by_host(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    note(
        app,
        sent(),
        sent(5 * DAY, ended="error", cost=None, attachments=("image", "document")),
        sent(**HERE, cost=None),
        sent(80 * DAY),
    )
    week = asked(page, view, loop, span="7d", by="provider")
    assert week["total"]["requests"] == 3
    assert week["total"]["failed"] == 1
    assert [row["name"] for row in week["rows"]] == ["openai", "ollama"]
    assert len(week["times"]) == 7
    assert [row["requests"] for row in week["times"]] == [0, 1, 0, 0, 0, 0, 2]
    assert week["times"][-1]["name"] == dt.date.today().isoformat()  # noqa: DTZ011
    (host,) = week["hosts"]
    assert (host["name"], host["bytes"]) == ("api.openai.com", 2000)
    assert host["attachments"] == 2
    quarter = asked(page, view, loop, span="90d")
    assert len(quarter["times"]) == 90
    assert quarter["rows"][0]["name"] == "openai/gpt-5"
    assert not quarter["by_month"]


def test_a_long_period_is_summed_by_month(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    note(app, sent(400 * DAY), sent())
    found = asked(page, view, loop, span="all")
    assert found["by_month"]
    names = [row["name"] for row in found["times"]]
    assert names == sorted(set(names))
    assert len(names) in (14, 15)
    assert sum(row["requests"] for row in found["times"]) == 2


def test_nothing_sent_is_an_answer_too(
    page: Page, view: UsageView, loop: VirtualLoop
) -> None:
    found = asked(page, view, loop)
    assert found["total"]["requests"] == 0
    assert found["times"] == found["rows"] == found["hosts"] == []


def test_a_settled_answer_is_told_at_once_and_many_together(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    budget(page, view, loop)
    before = len(page.events)
    for _ in range(50):
        app.ledger.record(sent())
    app.store.check().result(10)
    pass_time(loop, 1.0)
    answer(page, view, loop, "usage")  # after what the database was asked before
    told = [each["data"] for each in page.events[before:] if each["event"] == "budget"]
    assert 1 <= len(told) <= 2
    assert told[-1]["cost"] == 100.0


def test_what_another_kernel_notes_is_found_by_looking(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    note(app, sent())
    budget(page, view, loop)
    pass_time(loop, 6.0)
    note(app, sent(), sent())
    for _ in range(3):
        pass_time(loop, 6.0)
        answer(page, view, loop, "usage")
    told = [each["data"]["cost"] for each in page.events if each["event"] == "budget"]
    assert told[-1] == 6.0


def test_a_limit_is_set_here_and_heard_from_elsewhere(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    budget(page, view, loop)
    result = answer(page, view, loop, "set", key="budget.stop", value=20)["result"]
    assert result["value"] == 20.0
    assert app.applied.budget().stop == 20.0
    pass_time(loop, 1.0)
    app.settings.update({"budget.warn": 7})
    pass_time(loop, 1.0)
    answer(page, view, loop, "usage")
    told = [each["data"] for each in page.events if each["event"] == "budget"]
    values = {each["key"]: each.get("value") for each in told[-1]["settings"]}
    assert values == {"budget.warn": 7.0, "budget.stop": 20.0}


def test_a_limit_that_is_none_is_refused_with_words(
    page: Page, view: UsageView, loop: VirtualLoop
) -> None:
    error = answer(page, view, loop, "set", key="budget.stop", value="lots")["error"]
    assert "budget.stop" in error["message"]


def test_no_other_setting_can_be_changed_here(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    answer(page, view, loop, "set", key="chat.system", value="Be rude.")
    assert app.settings.current.chat.system is None


def test_the_csv_has_each_request_of_the_period(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    note(app, sent(), sent(60 * DAY), sent(model="=cmd|' /C calc'!A0"))
    result = answer(page, view, loop, "csv", span="7d")["result"]
    assert result["count"] == 2
    assert result["file_name"].endswith(".csv")
    *_, (_, _, _, (content,)) = [each for each in page.sent if each[3]]
    head, *rows = bytes(content).decode().splitlines()
    assert head.startswith("when,notebook,conversation,purpose,provider,model,host")
    assert len(rows) == 2


def test_no_secret_is_shown(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    key = "sk-sentinel-usage-0123456789"
    app.redact.add(Secret("KEY", key))
    note(app, sent(model=key), sent(host=f"{key}.example"))
    asked(page, view, loop)
    assert key not in str(page.messages)


def test_a_closed_view_looks_no_more(
    page: Page, app: Parllama, view: UsageView, loop: VirtualLoop
) -> None:
    budget(page, view, loop)
    view.close()
    pass_time(loop, 0.1)
    before = len(page.messages)
    app.ledger.record(sent())
    app.store.check().result(10)
    pass_time(loop, 20.0)
    assert len(page.messages) == before
