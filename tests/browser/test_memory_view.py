"""The view of the memory as its user meets it: the built bundle, operated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .accessibility import axe_violations, keyboard_walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from .harness import Stub

TEXT = "- Lives in Lyon\n- Has a cat named Mia"
PROPOSAL = {
    "verb": "remember",
    "wanted": "I moved to Paris",
    "lines": [
        {"mark": "-", "text": "- Lives in Lyon"},
        {"mark": "+", "text": "- Lives in Paris"},
        {"mark": " ", "text": "- Has a cat named Mia"},
    ],
    "model": "ollama/llama3.2",
    "note": "",
    "stale": False,
}


def memory(**more: Any) -> dict[str, Any]:
    """The memory as the kernel tells of it."""
    return {
        "text": TEXT,
        "revision": 3,
        "on": True,
        "can_undo": True,
        "can_redo": False,
        "longest": 20_000,
        "working": "",
        **more,
    }


def saved_as(revision: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda given: {"result": memory(text=given["text"], revision=revision)}


def show(stub: Stub, draft: dict[str, Any] | None = None, **more: Any) -> Locator:
    snapshot: dict[str, Any] = {"memory": memory(**more)}
    if draft is not None:
        snapshot["draft"] = draft
    stub.widget(view="memory", snapshot=snapshot)
    view = stub.page.get_by_role("region", name="Memory", exact=True)
    view.wait_for()
    return view


def button(view: Locator, name: str) -> Locator:
    return view.get_by_role("button", name=name, exact=True)


def editor(view: Locator) -> Locator:
    return view.get_by_role("textbox", name="What new conversations know of you")


def asked(stub: Stub, method: str) -> list[dict[str, Any]]:
    by_id = {each["request_id"]: each for each in stub.asked(method)}
    return [each["params"] for each in by_id.values()]


def test_the_memory_is_written_and_saved_with_what_it_began_with(stub: Stub) -> None:
    stub.answer(
        "save", lambda given: {"result": memory(text=given["text"], revision=4)}
    )
    view = show(stub)
    expect(editor(view)).to_have_value(TEXT)
    expect(button(view, "Save")).to_have_attribute("aria-disabled", "true")
    editor(view).fill(f"{TEXT}\n- New")
    editor(view).press("Control+s")
    expect(button(view, "Save")).to_have_attribute("aria-disabled", "true")
    assert asked(stub, "save") == [
        {"text": f"{TEXT}\n- New", "revision": 3, "over": False}
    ]
    expect(view.get_by_text("of 20,000 characters")).to_contain_text("43 of")


def test_what_is_typed_survives_a_reload_and_is_discarded(stub: Stub) -> None:
    view = show(stub, draft={"text": "half", "revision": 3})
    expect(editor(view)).to_have_value("half")
    expect(button(view, "Undo")).to_have_attribute("aria-disabled", "true")
    button(view, "Discard").click()
    expect(editor(view)).to_have_value(TEXT)
    editor(view).fill("other")
    stub.page.wait_for_function(
        "widgets.at(-1).requests.some(r => r.method == 'draft' && r.params.text)"
    )
    assert asked(stub, "draft")[-1] == {"text": "other", "revision": 3}


def test_a_change_made_elsewhere_asks_which_one_is_wanted(stub: Stub) -> None:
    stub.answer(
        "save", lambda given: {"result": memory(text=given["text"], revision=5)}
    )
    view = show(stub)
    editor(view).fill("mine")
    stub.tell("memory", **memory(text="theirs", revision=4))
    expect(editor(view)).to_have_value("mine")
    expect(view.get_by_role("status")).to_contain_text("changed elsewhere")
    button(view, "Take the other").click()
    expect(editor(view)).to_have_value("theirs")
    editor(view).fill("mine")
    stub.tell("memory", **memory(text="again", revision=5))
    button(view, "Save mine on top").click()
    expect(view.get_by_role("status")).to_have_count(0)
    assert asked(stub, "save") == [{"text": "mine", "revision": 4, "over": True}]


def test_a_text_that_is_too_long_or_refused_is_said_at_the_field(stub: Stub) -> None:
    refused = {"code": "field", "message": "A secret.", "hint": "No.", "field": "text"}
    stub.answer("save", lambda _: {"error": refused})
    view = show(stub, longest=50)
    editor(view).fill("x" * 51)
    expect(view.get_by_role("alert")).to_have_text("51 characters, and 50 are allowed.")
    expect(button(view, "Save")).to_have_attribute("aria-disabled", "true")
    editor(view).fill("short")
    button(view, "Save").click()
    expect(view.get_by_role("alert")).to_have_text("A secret. No.")
    expect(editor(view)).to_have_value("short")


@pytest.mark.parametrize("verb", ["remember", "forget"])
def test_what_is_typed_is_remembered_or_forgotten(stub: Stub, verb: str) -> None:
    view = show(stub)
    field = view.get_by_role("textbox", name="Remember or forget")
    for way in ("Remember", "Forget"):
        expect(button(view, way)).to_have_attribute("aria-disabled", "true")
    field.fill("I moved")
    if verb == "remember":
        field.press("Enter")
    else:
        view.get_by_role("switch", name="Without a model").click()
        button(view, "Forget").click()
    expect(field).to_have_value("")
    plain = verb == "forget"
    assert asked(stub, "rewrite") == [{"verb": verb, "text": "I moved", "plain": plain}]


def test_a_refused_request_keeps_the_text_and_says_why(stub: Stub) -> None:
    error = {"code": "usage", "message": "It is rewritten already.", "hint": "Wait."}
    stub.answer("rewrite", lambda _: {"error": error})
    view = show(stub)
    field = view.get_by_role("textbox", name="Remember or forget")
    field.fill("I moved")
    field.press("Enter")
    alert = view.get_by_role("alert")
    expect(alert).to_contain_text("It is rewritten already.")
    expect(field).to_have_value("I moved")
    button(view, "Dismiss").click()
    expect(alert).to_have_count(0)


def test_a_model_under_way_is_shown_and_stopped(stub: Stub) -> None:
    view = show(stub, working="remember I moved")
    expect(view.get_by_role("progressbar")).to_be_visible()
    button(view, "Stop").click()
    expect(view.get_by_role("status")).to_contain_text("Stopping")
    assert len(asked(stub, "stop")) == 1
    # What is typed meanwhile can be saved meanwhile.
    editor(view).fill("meanwhile")
    expect(button(view, "Save")).not_to_have_attribute("aria-disabled", "true")
    stub.tell("memory", **memory(failure={"code": "usage", "message": "No line."}))
    expect(view.get_by_role("progressbar")).to_have_count(0)
    expect(view.get_by_role("alert")).to_contain_text("No line.")


def test_a_proposal_is_read_and_accepted_or_rejected(stub: Stub) -> None:
    new = memory(text="- Lives in Paris", revision=4)
    stub.answer("accept", lambda _: {"result": new})
    stub.answer("reject", lambda _: {"result": memory()})
    view = show(stub, proposal=PROPOSAL)
    change = view.get_by_role("region", name="Proposed change")
    expect(change.locator(".pl-memory-gone")).to_have_text(
        "\u2212Removed: - Lives in Lyon"
    )
    expect(change.locator(".pl-memory-new")).to_have_text("+Added: - Lives in Paris")
    expect(change).to_contain_text("Rewritten by ollama/llama3.2.")
    button(change, "Accept").click()
    expect(change).to_have_count(0)
    expect(view.get_by_role("textbox", name="Remember or forget")).to_be_focused()
    expect(editor(view)).to_have_value("- Lives in Paris")
    note = "ollama/llama3.2 was of no help: it made excuses."
    stub.tell("memory", **memory(proposal={**PROPOSAL, "model": "", "note": note}))
    expect(change).to_contain_text(f"{note} Your text is added as it is.")
    button(change, "Reject").click()
    expect(change).to_have_count(0)


def test_a_stale_proposal_cannot_be_accepted(stub: Stub) -> None:
    view = show(stub, proposal={**PROPOSAL, "stale": True})
    button(view, "Accept").click(force=True)
    expect(view.get_by_role("status")).to_contain_text("changed since")
    assert asked(stub, "accept") == []


def test_the_switch_and_the_undo_are_asked_of_the_kernel(stub: Stub) -> None:
    view = show(stub)
    view.get_by_role("switch", name="Memory in new conversations").click()
    button(view, "Undo").click()
    button(view, "Redo").click(force=True)
    assert asked(stub, "switch") == [{"on": False}]
    assert asked(stub, "undo") == [{"revision": 3}]
    assert asked(stub, "redo") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [280, 1000])
def test_it_can_be_used_by_everyone(stub: Stub, theme: str, width: int) -> None:
    stub.page.set_viewport_size({"width": width, "height": 1600})
    stub.theme(theme)
    long = {**PROPOSAL, "stale": True, "wanted": "wide" * 60}
    long["lines"] = [{"mark": "+", "text": "wide" * 60}, *PROPOSAL["lines"]]
    failure = {"code": "usage", "message": "wide" * 60, "hint": "Hint."}
    draft = {"text": "typed", "revision": 1}
    view = show(stub, draft=draft, proposal=long, failure=failure)
    expect(view.get_by_role("alert")).to_be_visible()
    assert axe_violations(stub.page) == []
    walk = keyboard_walk(stub.page)
    assert walk.problems == []
    wider = "document.documentElement.scrollWidth - innerWidth"
    assert stub.page.evaluate(wider) <= 0
    stub.tell("memory", **memory(working="remember this", text="", can_undo=False))
    expect(view.get_by_role("progressbar")).to_be_visible()
    assert axe_violations(stub.page) == []
