"""Mentions of the notebook in the composer: offered, taken, shown with their tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

from .accessibility import axe_violations

if TYPE_CHECKING:
    from .harness import Stub

KERNEL = "widgets.at(-1)"
OFFERS = [
    {"text": "sales", "about": "DataFrame 5,000 x 3"},
    {"text": "scores", "about": "ndarray 10 float64"},
    {"text": 'sales["unit price"]', "about": "column float64"},
    {"text": "cell[3]", "about": "sales.head()"},
]
MENTIONS = [
    {"path": "sales", "about": "DataFrame 5,000 x 3", "tokens": 272, "picture": False},
    {"path": "fig", "about": "Figure", "tokens": 800, "picture": True},
    {"path": "api_key", "problem": "@api_key is a secret, and is not described."},
]
USUAL = {"about": "", "tokens": 0, "picture": False, "problem": ""}


def chat(stub: Stub) -> Locator:
    stub.chat()
    stub.page.evaluate(
        f"([offers, mentions]) => {{ {KERNEL}.offers = offers; "
        f"{KERNEL}.mentions = mentions; }}",
        [OFFERS, [{**USUAL, **each} for each in MENTIONS]],
    )
    return stub.page.get_by_role("textbox", name="Message")


def listed(stub: Stub) -> Locator:
    return stub.page.get_by_role("listbox", name="Names of the notebook")


def sends(stub: Stub) -> list[str]:
    """The questions that were sent."""
    texts: list[str] = stub.page.evaluate(
        f"{KERNEL}.requests.filter(r => r.method === 'send').map(r => r.params.text)"
    )
    return texts


def test_an_at_sign_offers_names_and_a_key_takes_one(stub: Stub) -> None:
    box = chat(stub)
    box.press_sequentially("Explain @s")
    options = listed(stub).get_by_role("option")
    expect(options).to_have_count(3)
    expect(options.first).to_contain_text("DataFrame 5,000 x 3")
    active = box.get_attribute("aria-activedescendant")
    expect(stub.page.locator(f'[id="{active}"]')).to_contain_text("@sales")
    assert axe_violations(stub.page) == []
    box.press("ArrowDown")
    box.press("Tab")
    expect(box).to_have_value("Explain @scores")
    expect(box).to_be_focused()
    expect(listed(stub)).to_have_count(0)
    box.press("Control+z")
    expect(box).to_have_value("Explain @s")


def test_a_mention_in_the_middle_of_a_text_is_completed_in_its_place(
    stub: Stub,
) -> None:
    box = chat(stub)
    box.fill("Is  right?")
    box.press("Home")
    for _ in range(3):
        box.press("ArrowRight")
    box.press_sequentially("@sa")
    expect(listed(stub).get_by_role("option")).to_have_count(2)
    box.press("Enter")
    expect(box).to_have_value("Is @sales right?")
    assert sends(stub) == []


def test_a_bracket_after_a_name_that_was_taken_offers_its_columns(stub: Stub) -> None:
    box = chat(stub)
    box.press_sequentially("@sal")
    listed(stub).wait_for()
    box.press("Tab")
    expect(listed(stub)).to_have_count(0)
    box.press_sequentially('["')
    expect(listed(stub).get_by_role("option")).to_have_text(
        ['@sales["unit price"]column float64']
    )
    box.press("Enter")
    expect(box).to_have_value('@sales["unit price"]')


def test_enter_sends_what_is_whole_or_unknown(stub: Stub) -> None:
    box = chat(stub)
    box.press_sequentially("Explain @score")
    expect(listed(stub).get_by_role("option")).to_have_count(1)
    box.press_sequentially("s")
    # It is whole, and nothing else begins with it.
    expect(listed(stub)).to_have_count(0)
    box.press("Enter")
    stub.page.wait_for_function(f"{KERNEL}.requests.some(r => r.method === 'send')")
    assert sends(stub) == ["Explain @scores"]


def test_escape_leaves_the_text_as_it_is(stub: Stub) -> None:
    box = chat(stub)
    box.press_sequentially("@s")
    listed(stub).wait_for()
    box.press("Escape")
    expect(listed(stub)).to_have_count(0)
    box.press_sequentially("a")
    expect(listed(stub)).to_have_count(0)
    expect(box).to_have_value("@sa")


def test_a_press_elsewhere_closes_the_list_also_after_a_step(stub: Stub) -> None:
    box = chat(stub)
    box.press_sequentially("@sales")
    listed(stub).wait_for()
    box.press_sequentially("[")
    expect(listed(stub).get_by_role("option")).to_have_count(1)
    stub.page.get_by_role("heading").click()
    expect(listed(stub)).to_have_count(0)


def test_neither_an_address_nor_code_opens_the_list(stub: Stub) -> None:
    box = chat(stub)
    box.fill("me@s and `@s")
    box.fill("me@s and @sc")
    listed(stub).wait_for()
    typed = stub.page.evaluate(
        f"{KERNEL}.requests.filter(r => r.method === 'names').map(r => r.params.typed)"
    )
    assert typed == ["sc"]


def test_each_mention_is_shown_with_what_is_sent_of_it(stub: Stub) -> None:
    box = chat(stub)
    box.fill("Compare @sales with @fig by @api_key please")
    chips = stub.page.get_by_role("list", name="Sent with the question")
    expect(chips.get_by_role("listitem")).to_have_text(
        [
            "@salesDataFrame 5,000 x 3272 tokens",
            "@figFigure, as a picture800 tokens",
            "@api_key is a secret, and is not described.",
        ]
    )
    assert axe_violations(stub.page) == []
    box.fill("No more")
    expect(chips.get_by_role("listitem")).to_have_count(0)
