"""The compare view as its user meets it: the built bundle, seen and operated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from parllama_nb.widgets.chat.protocol import ModelEntry, ModelGroup
from parllama_nb.widgets.compare.protocol import ColumnData, ColumnSettled

from .accessibility import axe_violations, keyboard_walk
from .harness import STATIC
from .stub_vault import PASSWORD, StubVault
from .xss_corpus import CORPUS

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .harness import Stub

FIRST = "A red fox, and **bold**.\n\n- one\n- two\n"
SECOND = "A blue fox, and **bold**.\n\n- one\n- three\n"
NO_KEY = {"code": "x", "message": "No key.", "missing_key": "ACME_API_KEY"}
DONE = {
    "state": "done",
    "first_token_s": 0.42,
    "total_s": 2.31,
    "tokens_per_s": 85.2,
    "input_tokens": 23,
    "output_tokens": 162,
    "cost": "$0.0003",
}


def column(number: int, **more: Any) -> dict[str, Any]:
    """A column as the kernel sends it."""
    data = {"id": number, "model": f"fake/m{number}", "state": "waiting", **more}
    return ColumnData(**data).model_dump(exclude_none=True)


def show(stub: Stub, *columns: dict[str, Any], **more: Any) -> Locator:
    snapshot = {
        "state": "waiting",
        "model": "",
        "lasting": True,
        "session": "nb",
        "prompt": "Why?",
        "most": 8,
        "columns": list(columns),
        **{name: value for name, value in more.items() if name != "hold"},
    }
    stub.widget(view="compare", snapshot=snapshot, hold=more.get("hold", []))
    view = stub.page.locator(".pl-compare")
    view.wait_for()
    return view


def told(stub: Stub, at: float, **texts: str) -> None:
    """Tell more of some columns: `c1="text"`."""
    deltas = [
        {"column": int(name[1:]), "kind": "text", "text": text}
        for name, text in texts.items()
    ]
    stub.tell("deltas", at=at, deltas=deltas)


def answer(view: Locator, number: int) -> Locator:
    return view.get_by_role("group", name=f"Answer of fake/m{number}", exact=True)


def button(view: Locator, name: str) -> Locator:
    return view.get_by_role("button", name=name, exact=True)


def test_the_bundle_is_small() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    assert manifest["compare"]["bytes"] <= 80_000


def test_columns_stream_at_the_same_time_and_settle(stub: Stub) -> None:
    view = show(stub, column(1), column(2), column(3))
    told(stub, 1.0, c1="Hello **wor", c2="1. a\n")
    answer(view, 1).locator("strong", has_text="wor").wait_for()
    answer(view, 2).locator("li", has_text="a").wait_for()
    told(stub, 1.5, c1="ld**", c2="2. b")
    expect(answer(view, 1).locator("strong")).to_have_text("world")
    assert answer(view, 3).locator(".pl-waiting").count() == 1
    settled = ColumnSettled(column=1, model="fake/m1", **DONE)
    stub.tell("settled", **settled.model_dump(exclude_none=True))
    stub.tell("notice", text="1 of 3 have answered")
    expect(view.get_by_role("status").first).to_have_text("1 of 3 have answered")
    section = view.locator(".pl-column").first
    for words in ("First token", "0.42 s", "85 tokens/s", "23 → 162", "$0.0003"):
        expect(section.locator(".pl-figures")).to_contain_text(words)
    expect(section).to_have_attribute("aria-busy", "false")
    expect(answer(view, 1).locator("strong")).to_have_text("world")


def test_stop_stops_one_column_and_stop_all_the_others(stub: Stub) -> None:
    view = show(stub, column(1), column(2), column(3), hold=["stop"])
    told(stub, 1.0, c1="a", c2="b")
    view.get_by_role("button", name="Stop fake/m2 (Esc)").click()
    view.get_by_role("button", name="Stopping fake/m2").wait_for()
    button(view, "Stop all").click()
    button(view, "Stopping…").wait_for()
    assert [r["params"] for r in stub.asked("stop")] == [{"column": 2}, {}]
    expect(answer(view, 2)).to_contain_text("Interrupt the kernel to stop.")


def test_escape_stops_the_column_that_has_the_focus(stub: Stub) -> None:
    view = show(stub, column(1), column(2))
    told(stub, 1.0, c1="a", c2="b")
    stub.page.keyboard.press("Escape")
    answer(view, 2).focus()
    stub.page.keyboard.press("Escape")
    stub.page.wait_for_function("widgets.at(-1).requests.some(r => r.method == 'stop')")
    assert [r["params"] for r in stub.asked("stop")] == [{"column": 2}]


def test_left_and_right_lead_from_column_to_column(stub: Stub) -> None:
    view = show(stub, *(column(n, **DONE, text="x") for n in (1, 2, 3)))
    answer(view, 1).focus()
    stub.page.keyboard.press("ArrowRight")
    expect(answer(view, 2)).to_be_focused()
    stub.page.keyboard.press("ArrowRight")
    stub.page.keyboard.press("ArrowRight")
    expect(answer(view, 3)).to_be_focused()
    stub.page.keyboard.press("ArrowLeft")
    expect(answer(view, 2)).to_be_focused()


def test_a_failed_column_says_why_and_may_be_asked_again(stub: Stub) -> None:
    error = {"code": "x", "message": "There is no provider.", "hint": "See the list."}
    view = show(stub, column(1, state="failed", error=error), column(2))
    alert = view.get_by_role("alert")
    expect(alert).to_contain_text("There is no provider.")
    expect(alert).to_contain_text("See the list.")
    button(view, "Ask fake/m1 again").click()
    assert [r["params"] for r in stub.asked("rerun")] == [{"column": 1}]
    stub.tell("column", **column(1))
    expect(alert).to_have_count(0)


def test_a_column_that_misses_a_key_takes_it_and_is_asked_again(stub: Stub) -> None:
    vault = StubVault(stub, "unlocked")
    view = show(stub, column(1, state="failed", error=NO_KEY), column(2))
    button(view, "Add key").click()
    field = stub.page.get_by_role("dialog").get_by_label("ACME_API_KEY", exact=True)
    field.fill("k")
    field.press("Enter")
    expect(stub.page.get_by_role("dialog")).to_have_count(0)
    assert [r["params"] for r in stub.asked("rerun")] == [{"column": 1}]
    assert vault.opened == [("add_key", {"value": "k"})]


def test_after_one_unlock_those_are_asked_again_that_have_their_keys_now(
    stub: Stub,
) -> None:
    keys = {1: "ACME_API_KEY", 2: "OTHER_API_KEY", 3: "ACME_API_KEY", 4: "LOST_API_KEY"}
    vault = StubVault(stub, "locked", ["ACME_API_KEY", "OTHER_API_KEY"])
    failed = (
        column(n, state="failed", error=NO_KEY | {"missing_key": key})
        for n, key in keys.items()
    )
    view = show(stub, *failed)
    unlock = button(view, "Unlock the vault")
    expect(unlock).to_have_count(4)
    expect(view.get_by_role("button", name="again", exact=False)).to_have_count(4)
    vault.change("unlocked")
    expect(unlock).to_have_count(0)
    expect(button(view, "Ask again")).to_have_count(3)
    expect(button(view, "Add key")).to_have_count(1)
    # Nothing is asked by itself.
    assert stub.asked("rerun") == []
    button(view, "Ask 3 again").click()
    assert [r["params"]["column"] for r in stub.asked("rerun")] == [1, 2, 3]


def test_a_column_whose_conversation_is_locked_offers_to_unlock_it(stub: Stub) -> None:
    error = {"code": "vault-locked", "message": "The vault is locked."}
    StubVault(stub, "locked")
    view = show(stub, column(1, state="failed", error=error), column(2))
    button(view, "Unlock the vault").click()
    dialog = stub.page.get_by_role("dialog")
    field = dialog.get_by_label("Password of the vault", exact=True)
    field.fill(PASSWORD)
    field.press("Enter")
    expect(dialog).to_have_count(0)
    assert [r["params"] for r in stub.asked("rerun")] == [{"column": 1}]


def test_a_winner_is_picked_and_shown(stub: Stub) -> None:
    view = show(stub, column(1, **DONE, text=FIRST), column(2, **DONE, text=SECOND))
    button(view, "Pick").nth(1).click()
    assert [r["params"] for r in stub.asked("pick")] == [{"column": 2}]
    stub.tell("column", **column(2, **DONE, text=SECOND, picked=True))
    expect(button(view, "Picked")).to_have_attribute("aria-disabled", "true")
    expect(view.locator(".pl-column-picked")).to_have_count(1)


def test_what_differs_between_two_answers_is_marked(stub: Stub) -> None:
    view = show(stub, *(column(n + 1, **DONE, text=t) for n, t in enumerate("xyz")))
    stub.tell("column", **column(1, **DONE, text=FIRST))
    stub.tell("column", **column(2, **DONE, text=SECOND))
    button(view, "Differences").click()
    text = view.locator(".pl-differences-text")
    expect(text.locator("del")).to_have_text(["red", "two"])
    expect(text.locator("ins")).to_have_text(["blue", "three"])
    view.get_by_role("combobox", name="To").click()
    view.get_by_role("option", name="3: fake/m3").click()
    expect(text.locator("ins")).to_have_text(["z"])
    button(view, "Hide differences").click()
    expect(text).to_have_count(0)


def test_a_model_is_added_from_the_list_or_as_typed(stub: Stub) -> None:
    view = show(stub, column(1), hold=["models"])
    one = ModelEntry(id="p/one", context_window=8192)
    groups = [
        ModelGroup(provider="p", title="P", models=[one]),
        ModelGroup(provider="q", title="Q", problem="It is not running."),
    ]
    box = view.get_by_role("combobox", name="Add a model")
    box.click()
    stub.page.evaluate(
        """groups => {
          const {request_id} = widgets.at(-1).requests.findLast(
            r => r.method === "models");
          widgets.at(-1).hear({type: "response", request_id, result: {groups}});
        }""",
        [group.model_dump(exclude_none=True) for group in groups],
    )
    expect(view.get_by_role("option", name="p/one")).to_contain_text("8,192 tokens")
    expect(view.get_by_role("option", name="It is not running.")).to_be_disabled()
    box.fill("other/model")
    stub.page.keyboard.press("Enter")
    stub.page.wait_for_function("widgets.at(-1).requests.some(r => r.method == 'add')")
    assert [r["params"] for r in stub.asked("add")] == [{"model": "other/model"}]
    stub.tell("column", **column(2, model="other/model"))
    view.get_by_role("group", name="Answer of other/model").wait_for()


def test_enter_asks_all_and_shift_enter_breaks_the_line(stub: Stub) -> None:
    view = show(stub, column(1, **DONE, text="x"), column(2, **DONE, text="y"))
    field = view.get_by_role("textbox", name="Question")
    field.focus()
    stub.page.keyboard.type("One")
    stub.page.keyboard.press("Shift+Enter")
    stub.page.keyboard.type("two")
    assert stub.asked("ask") == []
    stub.page.keyboard.press("Enter")
    stub.page.wait_for_function("widgets.at(-1).requests.some(r => r.method == 'ask')")
    assert [r["params"] for r in stub.asked("ask")] == [{"text": "One\ntwo"}]
    expect(field).to_have_value("")


def test_nobody_is_asked_while_answers_come(stub: Stub) -> None:
    view = show(stub, column(1))
    view.get_by_role("textbox", name="Question").fill("More?")
    stub.page.keyboard.press("Enter")
    expect(button(view, "Ask")).to_have_attribute("aria-disabled", "true")
    assert stub.asked("ask") == []


def test_an_empty_one_says_what_to_do(stub: Stub) -> None:
    view = show(stub, prompt="")
    expect(view).to_contain_text("Add two models or more")
    assert axe_violations(stub.page) == []


def test_the_view_of_a_cell_has_nothing_that_would_not_last(stub: Stub) -> None:
    view = show(stub, column(1, **DONE, text="x"), column(2), lasting=False)
    assert view.get_by_role("textbox", name="Question").count() == 0
    assert button(view, "Continue in chat").count() == 0
    assert button(view, "Pick").count() == 1


@pytest.mark.parametrize(("width", "across"), [(320, 1), (700, 2), (1000, 3)])
def test_columns_stand_side_by_side_where_there_is_room(
    stub: Stub, width: int, across: int
) -> None:
    stub.page.set_viewport_size({"width": width + 40, "height": 800})
    view = show(stub, *(column(n, **DONE, text=FIRST) for n in range(1, 7)))
    tops = [
        round(box["y"])
        for each in view.locator(".pl-column").all()
        if (box := each.bounding_box())
    ]
    assert tops.count(tops[0]) == across
    wide = stub.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_a_reader_at_the_end_stays_there_and_another_is_left_alone(stub: Stub) -> None:
    view = show(stub, column(1), column(2))
    lines = "line of text\n\n" * 80
    told(stub, 1.0, c1=lines, c2=lines)
    answer(view, 1).locator("p").last.wait_for()
    rest = "e => e.scrollHeight - e.scrollTop - e.clientHeight"
    assert answer(view, 1).evaluate(rest) < 30
    answer(view, 2).evaluate("e => { e.scrollTop = 0 }")
    stub.page.evaluate("frames2()")
    told(stub, 2.0, c1=lines, c2=lines)
    stub.page.evaluate("frames2()")
    assert answer(view, 1).evaluate(rest) < 30
    assert answer(view, 2).evaluate("e => e.scrollTop") == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1000])
def test_everyone_can_use_it(stub: Stub, theme: str, width: int) -> None:
    stub.theme(theme)
    stub.page.set_viewport_size({"width": width, "height": 2400})
    error = {"code": "x", "message": "There is no provider.", "hint": "See the list."}
    show(
        stub,
        column(1, **DONE, text=FIRST, picked=True),
        column(2, **DONE, text=SECOND),
        column(3, state="failed", error=error),
        column(4, state="streaming", text="Half"),
        system="Be brief.",
        options="temperature 0.2",
    )
    stub.page.get_by_role("button", name="Differences").click()
    assert axe_violations(stub.page) == []
    walk = keyboard_walk(stub.page)
    assert walk.problems == []
    assert "Answer of fake/m2" in walk.stops


def test_hostile_answers_stay_text_in_columns_and_in_differences(stub: Stub) -> None:
    first, second = "\n\n".join(CORPUS[::2]), "\n\n".join(CORPUS[1::2])
    view = show(
        stub,
        column(1, **DONE, text=first, model="<img src=x onerror=alert(1)>"),
        column(2, **DONE, text=second),
        prompt="<img src=x onerror=window.pwned=1>",
    )
    button(view, "Differences").click()
    stub.page.evaluate("frames2()")
    assert view.locator("script, iframe, object, embed, form[action]").count() == 0
    assert view.locator('img:not([src^="data:image/"])').count() == 0
    assert stub.page.evaluate("window.pwned ?? null") is None
