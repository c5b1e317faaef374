"""The view of usage as its user meets it: the built bundle, operated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .accessibility import axe_violations, keyboard_walk

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .harness import Stub


def row(name: str, cost: float = 0.0, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "requests": 3,
        "failed": 0,
        "bytes": 4200,
        "attachments": 0,
        "input_tokens": 3000,
        "output_tokens": 900,
        "cost": cost,
        "unpriced": 0,
        **more,
    }


def limit(name: str, title: str, value: float | None) -> dict[str, Any]:
    return {
        "key": f"budget.{name}",
        "title": title,
        "description": "US dollars in a calendar month.",
        "kind": "number",
        "optional": True,
        "choices": [],
        "value": value,
        "default": None,
    }


def budget(
    cost: float = 4.5, warn: float | None = None, stop: float | None = None
) -> dict[str, Any]:
    settings = [limit("warn", "Warn at", warn), limit("stop", "Stop at", stop)]
    return {"month": "November", "cost": cost, "settings": settings}


DAYS = [row(f"2026-11-{n:02}", n / 10) for n in range(1, 31)]
USAGE = {
    "total": row("", 46.5, requests=90, failed=2, unpriced=4),
    "times": DAYS,
    "rows": [
        row("anthropic/claude-sonnet-4-5", 40.0),
        row("openai/gpt-5-mini", 6.5),
        row("ollama/qwen3-coder:480b-cloud", unpriced=3),
        row("ollama/llama3.2:1b"),
    ],
    "hosts": [row("api.anthropic.com", 40.0, attachments=2), row("ollama.com")],
    "by_month": False,
}
NOTHING = {
    "total": row("", requests=0, input_tokens=0, output_tokens=0),
    "times": [],
    "rows": [],
    "hosts": [],
    "by_month": False,
}


def show(
    stub: Stub, usage: dict[str, Any] = USAGE, told: dict[str, Any] | None = None
) -> Locator:
    answers = {"usage": {"": {"result": usage}}}
    snapshot = {"budget": told or budget()}
    stub.widget(view="usage", snapshot=snapshot, answers=answers)
    view = stub.page.get_by_role("region", name="Usage", exact=True).last
    view.wait_for()
    return view


def asked(stub: Stub, method: str) -> list[dict[str, Any]]:
    by_id = {each["request_id"]: each for each in stub.asked(method)}
    return [each["params"] for each in by_id.values()]


def choose(view: Locator, label: str, option: str) -> None:
    view.get_by_role("combobox", name=label, exact=True).click()
    view.page.get_by_role("option", name=option, exact=True).click()


def test_the_month_its_plot_and_its_sums_are_shown(stub: Stub) -> None:
    view = show(stub, told=budget(12.0, 10, 20))
    expect(view.get_by_text("$12.00")).to_be_visible()
    expect(view.get_by_text("Above $10.00. Stops at $20.00.")).to_be_visible()
    bar = view.get_by_role("progressbar", name="This month's cost")
    expect(bar).to_have_attribute("aria-valuetext", "$12.00 of $20.00")
    plot = view.get_by_role("img")
    expect(plot).to_have_attribute(
        "aria-label", "From 1 Nov to 30 Nov: $46.50, most on 30 Nov: $3.00."
    )
    expect(plot.locator(".pl-usage-bar")).to_have_count(30)
    table = view.get_by_role("table", name="Usage by model")
    expect(table.get_by_role("row")).to_have_count(5)
    expect(table).to_contain_text("$40.00")
    expect(table).to_contain_text("not known")
    left = view.get_by_role("table", name="What left this machine")
    expect(left.get_by_role("row")).to_have_count(3)
    expect(left).to_contain_text("4.2 kB")


def test_the_days_are_in_a_table_too(stub: Stub) -> None:
    view = show(stub)
    view.get_by_text("The days", exact=True).click()
    rows = view.get_by_role("table", name="Usage by day").get_by_role("row")
    expect(rows).to_have_count(31)
    expect(rows.nth(1)).to_contain_text("30 Nov")


def test_another_period_and_another_sum_are_asked_for(stub: Stub) -> None:
    view = show(stub)
    expect(view.get_by_role("img")).to_be_visible()
    assert asked(stub, "usage") == [{"span": "month", "by": "model"}]
    choose(view, "Period", "Last 7 days")
    choose(view, "By", "Notebook")
    expect(view.get_by_role("table", name="Usage by notebook")).to_be_visible()
    assert asked(stub, "usage")[1:] == [
        {"span": "7d", "by": "model"},
        {"span": "7d", "by": "notebook"},
    ]


def test_a_settled_answer_shows_by_itself(stub: Stub) -> None:
    view = show(stub)
    expect(view.get_by_role("img")).to_be_visible()
    stub.tell("budget", **budget(99.5))
    expect(view.get_by_text("$99.50")).to_be_visible()
    stub.page.wait_for_function("widgets.at(-1).requests.length >= 3")
    assert len(asked(stub, "usage")) == 2


def test_tokens_are_plotted_where_nothing_costs_anything(stub: Stub) -> None:
    free = {**USAGE, "total": row("", 0.0), "times": [row("2026-11-30")]}
    view = show(stub, free)
    expect(view.get_by_role("img")).to_have_attribute(
        "aria-label", "On 30 Nov: 3,900 tokens."
    )
    expect(view.get_by_role("combobox", name="Plot")).to_have_value("Tokens")
    choose(view, "Plot", "Cost")
    expect(view.get_by_role("img")).to_have_attribute("aria-label", "On 30 Nov: $0.00.")


def test_nothing_sent_says_so(stub: Stub) -> None:
    view = show(stub, NOTHING, budget(0.0))
    expect(view.get_by_text("Nothing was sent", exact=True)).to_be_visible()
    expect(view.get_by_text("No budget is set.")).to_be_visible()
    button = view.get_by_role("button", name="CSV")
    expect(button).to_have_attribute("aria-disabled", "true")
    assert axe_violations(stub.page) == []


def test_a_limit_is_typed_and_sent(stub: Stub) -> None:
    view = show(stub)
    view.get_by_text("Change the budget").click()
    field = view.get_by_label("Stop at", exact=True)
    field.fill("25,5")
    field.press("Enter")
    stub.page.wait_for_function("widgets.at(-1).requests.some(r => r.method === 'set')")
    assert asked(stub, "set") == [{"key": "budget.stop", "value": 25.5}]


def test_a_used_up_budget_is_said(stub: Stub) -> None:
    view = show(stub, told=budget(20.0, 10, 20))
    expect(view.get_by_role("status").first).to_have_text(
        "The budget of $20.00 is used up: models that cost something are not asked."
    )


@pytest.mark.parametrize("width", [1200, 320])
def test_it_is_accessible_and_operated_by_keyboard(stub: Stub, width: int) -> None:
    stub.page.set_viewport_size({"width": width, "height": 900})
    view = show(stub, told=budget(12.0, 10, 20))
    view.get_by_text("Change the budget").click()
    view.get_by_text("The days", exact=True).click()
    expect(view.get_by_role("table", name="Usage by day")).to_be_visible()
    assert axe_violations(stub.page) == []
    assert keyboard_walk(stub.page).problems == []
    wider = "document.documentElement.scrollWidth - innerWidth"
    assert stub.page.evaluate(wider) <= 0
