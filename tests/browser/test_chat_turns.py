"""The turns of a chat: walked, gone on with, edited, compared, found, put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, expect

from .accessibility import axe_violations, keyboard_walk
from .test_chat_view import answers, ask, composer, from_end, scroller

if TYPE_CHECKING:
    from .harness import Stub

LONG = "return 'word '.repeat(5000)"


def turn(stub: Stub, at: int = -1) -> Locator:
    """A turn, with its buttons shown."""
    found = stub.page.locator(".pl-turn")
    each = found.last if at < 0 else found.nth(at)
    each.hover()
    return each


def more(stub: Stub, item: str, at: int = -1) -> None:
    """Choose from the menu of an answer."""
    turn(stub, at).get_by_role("button", name="More for this answer").click()
    stub.page.get_by_role("menuitem", name=item).click()


def at_rest(stub: Stub) -> None:
    """Wait until no question is being answered."""
    stub.page.wait_for_function("widgets.at(-1).live === undefined")
    stub.page.evaluate("frames2()")


def top_of(stub: Stub, which: str) -> float:
    """Where something is, in pixels below the edge of the transcript."""
    return stub.page.evaluate(
        """which => document.querySelector(which).getBoundingClientRect().top
          - document.querySelector(".pl-scroller").getBoundingClientRect().top""",
        which,
    )


def asked_again(stub: Stub, reply: str = "return 'Another.'", **more: Any) -> None:
    """A chat of three turns, whose second was asked again."""
    stub.chat(count=3, reply=reply, **more)
    turn(stub, 1).get_by_role("button", name="Ask again").click()
    at_rest(stub)


# walking


def test_what_was_asked_again_is_walked_and_what_followed_comes_back(
    stub: Stub,
) -> None:
    asked_again(stub)
    expect(stub.page.locator(".pl-question")).to_have_text(
        ["Question 1?", "Question 2?"]
    )
    expect(answers(stub).last).to_have_text("Another.")
    pager = turn(stub).get_by_role("group", name="Alternatives")
    expect(pager).to_have_text("2/ of 2")
    pager.get_by_role("button", name="Earlier alternative").click()
    expect(stub.page.locator(".pl-question")).to_have_count(3)
    expect(answers(stub).nth(1)).to_contain_text("Answer 2.")
    pager = turn(stub, 1).get_by_role("group", name="Alternatives")
    expect(pager).to_have_text("1/ of 2")
    back = pager.get_by_role("button", name="Earlier alternative")
    expect(back).to_have_attribute("aria-disabled", "true")


def test_alternatives_are_walked_by_keys_and_the_focus_stays(stub: Stub) -> None:
    asked_again(stub)
    back = stub.page.get_by_role("button", name="Earlier alternative")
    back.focus()
    stub.page.keyboard.press("Enter")
    expect(stub.page.locator(".pl-question")).to_have_count(3)
    expect(back).to_be_focused()
    stub.page.keyboard.press("Tab")
    expect(stub.page.get_by_role("button", name="Next alternative")).to_be_focused()
    stub.page.keyboard.press("Space")
    expect(answers(stub).last).to_have_text("Another.")
    expect(stub.page.get_by_role("button", name="Next alternative")).to_be_focused()


def test_the_pager_stays_where_it_was_pressed(stub: Stub) -> None:
    asked_again(stub, reply="return 'word '.repeat(3000)", size=3000, height="500px")
    for name in ("Earlier alternative", "Next alternative") * 2:
        turn(stub, 1)
        stub.page.get_by_role("button", name=name).scroll_into_view_if_needed()
        stub.page.evaluate("frames2()")
        before = top_of(stub, ".pl-pager")
        held = len(stub.asked("show"))
        stub.page.get_by_role("button", name=name).click()
        stub.page.wait_for_function(
            "n => widgets.at(-1).requests.filter(r => r.method === 'show').length > n",
            arg=held,
        )
        stub.page.evaluate("frames2().then(frames2)")
        assert abs(top_of(stub, ".pl-pager") - before) <= 2, name


def test_a_turn_that_is_walked_to_is_fetched_if_much_follows_it(stub: Stub) -> None:
    number = stub.chat(count=1)
    turn(stub).get_by_role("button", name="Ask again").click()
    at_rest(stub)
    # Far more follows the first answer than a page gets at once.
    stub.page.evaluate(
        """at => {
          const branch = widgets[at].branches[1];
          for (const each of conversation(500).slice(9))
            branch.push({...each, alternatives: [], edited: false, cut: false});
        }""",
        number,
    )
    turn(stub).get_by_role("button", name="Earlier alternative").click()
    first = stub.page.locator(".pl-turn", has_text="Question 1?").first
    expect(first).to_be_visible()
    expect(first.get_by_role("group", name="Alternatives")).to_have_text("1/ of 2")
    assert len(stub.asked("earlier")) >= 8


def test_while_it_answers_nobody_walks_and_the_reason_is_told(stub: Stub) -> None:
    asked_again(stub)
    number = len(stub.asked("show"))
    stub.page.evaluate("widgets.at(-1).reply = () => 'word '.repeat(5000)")
    ask(stub, "Go on.")
    expect(answers(stub).last).to_contain_text("word")
    back = turn(stub, 1).get_by_role("button", name="Earlier alternative")
    expect(back).to_have_attribute("aria-disabled", "true")
    expect(back).to_have_attribute("title", "Wait for the answer, or stop it")
    back.click(force=True)
    assert len(stub.asked("show")) == number


def test_who_has_walked_sees_the_answer_to_the_next_question(stub: Stub) -> None:
    asked_again(stub)
    turn(stub).get_by_role("button", name="Earlier alternative").click()
    expect(stub.page.locator(".pl-question")).to_have_count(3)
    stub.page.get_by_role("button", name="Newest").wait_for(state="hidden")
    ask(stub, "Next?")
    at_rest(stub)
    assert from_end(stub) < 2


# editing


def test_an_edited_question_begins_a_branch(stub: Stub) -> None:
    stub.chat(count=3)
    first = turn(stub, 0)
    first.get_by_role("button", name="Edit question").click()
    box = first.get_by_role("textbox", name="Edit question")
    expect(box).to_be_focused()
    first.get_by_text("Asking begins a branch").wait_for()
    box.fill("Something else?")
    box.press("Enter")
    expect(stub.page.locator(".pl-question")).to_have_text(["Something else?"])
    expect(answers(stub)).to_have_text("You said: Something else?")
    expect(composer(stub)).to_be_focused()
    stub.page.get_by_role("button", name="Earlier alternative").click()
    expect(stub.page.locator(".pl-question")).to_have_count(3)


def test_a_question_is_saved_without_asking(stub: Stub) -> None:
    stub.chat(count=2)
    first = turn(stub, 0)
    first.get_by_role("button", name="Edit question").click()
    box = first.get_by_role("textbox", name="Edit question")
    box.fill("Better words?")
    first.get_by_role("button", name="Save").click()
    expect(stub.page.locator(".pl-question")).to_have_text(
        ["Better words?", "Question 2?"]
    )
    expect(first.get_by_text("edited", exact=True)).to_be_visible()
    assert stub.asked("edit") == []


def test_an_answer_is_edited_as_markdown(stub: Stub) -> None:
    stub.chat(count=2)
    more(stub, "Edit the answer", 0)
    first = stub.page.locator(".pl-turn").first
    box = first.get_by_role("textbox", name="Edit answer")
    expect(box).to_be_focused()
    expect(box).to_have_value("Answer **1**.\n\n- one\n- two\n")
    assert axe_violations(stub.page) == []
    box.fill("a")
    box.press("Enter")
    box.press_sequentially("**b**")
    box.press("Control+Enter")
    expect(answers(stub).first.locator("strong")).to_have_text("b")
    (asked,) = stub.asked("amend")
    assert asked["params"] == {"turn": 1, "answer": "a\n**b**"}
    expect(first.get_by_text("edited", exact=True)).to_be_visible()


@pytest.mark.parametrize("what", ["question", "answer"])
def test_escape_leaves_a_text_as_it_was(stub: Stub, what: str) -> None:
    stub.chat(count=1)
    if what == "answer":
        more(stub, "Edit the answer")
    else:
        turn(stub).get_by_role("button", name="Edit question").click()
    box = stub.page.get_by_role("textbox", name=f"Edit {what}")
    box.fill("x")
    box.press("Escape")
    expect(box).to_have_count(0)
    expect(stub.page.locator(".pl-question")).to_have_text("Question 1?")
    expect(answers(stub)).to_contain_text("Answer 1.")
    assert stub.asked("edit") == stub.asked("amend") == []


def test_an_empty_text_is_not_saved_and_says_so(stub: Stub) -> None:
    stub.chat(count=1)
    more(stub, "Edit the answer")
    box = stub.page.get_by_role("textbox", name="Edit answer")
    box.fill("  ")
    stub.page.get_by_role("button", name="Save").click()
    expect(stub.page.get_by_role("alert")).to_have_text("It is empty.")
    assert stub.asked("amend") == []


def test_what_is_being_written_outlives_its_place_in_the_page(stub: Stub) -> None:
    stub.chat(count=40)
    turn(stub).get_by_role("button", name="Edit question").click()
    stub.page.get_by_role("textbox", name="Edit question").fill("half a quest")
    scroller(stub).hover()
    for _ in range(12):
        stub.page.mouse.wheel(0, -900)
        stub.page.evaluate("frames2()")
    expect(stub.page.get_by_role("textbox", name="Edit question")).to_have_count(0)
    stub.page.get_by_role("button", name="Newest").click()
    box = stub.page.get_by_role("textbox", name="Edit question")
    expect(box).to_have_value("half a quest")
    # Whoever comes by goes on with what they were at.
    stub.page.evaluate("frames2()")
    expect(scroller(stub)).to_be_focused()


def test_a_long_question_is_read_whole_before_it_is_edited(stub: Stub) -> None:
    text = "a long question " * 2000
    number = stub.chat(reply="return 'Read.'")
    stub.page.evaluate("([at, text]) => { widgets[at].whole = text; }", [number, text])
    ask(stub, text)
    at_rest(stub)
    turn(stub).get_by_role("button", name="Edit question").click()
    box = stub.page.get_by_role("textbox", name="Edit question")
    expect(box).to_have_value(text)


# by keyboard


def press(button: Locator) -> None:
    """Press a button by keyboard, whether the mouse is there or not."""
    button.focus()
    button.page.keyboard.press("Enter")


def test_what_is_pressed_and_goes_leaves_the_focus_in_the_chat(stub: Stub) -> None:
    stub.chat(count=60, reply=LONG)
    page = stub.page

    def buttons(name: str) -> Locator:
        return page.get_by_role("button", name=name)

    press(buttons("Delete question and answer").nth(-2))
    expect(page.get_by_role("article", name="Question 60?")).to_be_focused()
    press(buttons("Undo"))
    expect(composer(stub)).to_be_focused()
    press(buttons("Edit question").last)
    page.keyboard.press("Escape")
    expect(buttons("Edit question").last).to_be_focused()
    # The search gives it back to what is far away then.
    page.keyboard.press("Control+f")
    page.keyboard.type("Question 5?")
    expect(page.locator(".pl-question", has_text="Question 5?")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(scroller(stub)).to_be_focused()
    press(buttons("Newest"))
    press(buttons("Ask again").last)
    expect(page.get_by_role("article", name="Question 60?")).to_be_focused()
    press(buttons("Stop answering"))
    expect(composer(stub)).to_be_focused()
    stub.tell("failed", error={"code": "x", "message": "No.", "hint": None})
    press(page.locator(".pl-chat-problem").get_by_role("button", name="Dismiss"))
    expect(composer(stub)).to_be_focused()


# going on


def test_a_stopped_answer_goes_on_where_it_ended(stub: Stub) -> None:
    stub.chat(reply=LONG)
    ask(stub, "Go on.")
    expect(answers(stub)).to_contain_text("word word")
    composer(stub).press("Escape")
    expect(stub.page.locator(".pl-footer")).to_have_text("fake/m · stopped")
    before = answers(stub).inner_text()
    stub.page.evaluate("""() => {
      const widget = widgets.at(-1);
      widget.reply = () => "and the end.";
      widget.gate = new Promise((open) => { window.open_gate = open; });
    }""")
    stub.page.get_by_role("button", name="Continue", exact=True).click()
    expect(stub.page.get_by_text("Going on…")).to_be_visible()
    expect(answers(stub)).to_have_text(before, use_inner_text=True)
    stub.page.evaluate("window.open_gate()")
    expect(stub.page.locator(".pl-footer")).to_have_text("fake/m · done")
    expect(answers(stub)).to_contain_text("and the end.")
    assert answers(stub).inner_text().startswith(before.strip())
    expect(stub.page.get_by_role("button", name="Continue", exact=True)).to_have_count(
        0
    )


def test_any_answer_goes_on_by_its_menu_an_earlier_one_in_a_branch(
    stub: Stub,
) -> None:
    stub.chat(count=2, reply="return 'More.'")
    more(stub, "Continue the answer", 0)
    at_rest(stub)
    expect(answers(stub)).to_contain_text(["More."])
    expect(stub.page.locator(".pl-question")).to_have_text(["Question 1?"])
    stub.page.get_by_role("button", name="Earlier alternative").click()
    expect(stub.page.locator(".pl-question")).to_have_count(2)


# comparing


def columns(stub: Stub) -> Locator:
    return stub.page.locator(".pl-column")


def other_model(stub: Stub, model: str = "other/big") -> None:
    stub.page.evaluate(
        """() => { widgets.at(-1).models = [{provider: "other", title: "Other",
          models: [{id: "other/big"}, {id: "other/small"}]}]; }"""
    )
    more(stub, "Ask another model", 0)
    dialog = stub.page.get_by_role("dialog")
    box = dialog.get_by_role("combobox", name="Model")
    box.click()
    stub.page.get_by_role("option", name=model).click()
    dialog.get_by_role("button", name="Ask", exact=True).click()


def test_a_second_model_answers_beside_the_first_and_one_is_kept(stub: Stub) -> None:
    stub.chat(count=2, reply=LONG, width="1100px", height="600px")
    other_model(stub)
    (asked,) = stub.asked("retry")
    assert asked["params"]["model"] == "other/big"
    first = stub.page.get_by_role("region", name="Earlier answer: fake/m")
    second = stub.page.get_by_role("region", name="New answer: other/big")
    expect(second.locator(".pl-markdown")).to_contain_text("word")
    expect(first.locator(".pl-markdown")).to_contain_text("Answer 1.")
    boxes = first.bounding_box(), second.bounding_box()
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    keep = first.get_by_role("button", name="Keep this")
    expect(keep).to_have_attribute("aria-disabled", "true")
    composer(stub).press("Escape")
    at_rest(stub)
    expect(keep).not_to_have_attribute("aria-disabled", "true")
    assert axe_violations(stub.page) == []
    keep.click()
    expect(columns(stub)).to_have_count(0)
    expect(stub.page.locator("article:focus")).to_have_count(1)
    # The first one's branch, with what followed it.
    expect(stub.page.locator(".pl-question")).to_have_count(2)
    stub.page.get_by_role("button", name="Next alternative").click()
    expect(answers(stub).last).to_contain_text("word word")


def test_the_second_answer_is_kept_by_ending_the_comparison(stub: Stub) -> None:
    stub.chat(count=1, reply="return 'Second.'")
    other_model(stub)
    at_rest(stub)
    second = stub.page.get_by_role("region", name="New answer: other/big")
    second.get_by_role("button", name="Keep this").click()
    expect(answers(stub)).to_have_text("Second.")
    assert stub.asked("show") == []
    expect(stub.page.get_by_role("group", name="Alternatives")).to_have_text("2/ of 2")


def test_in_a_narrow_view_the_answers_stand_one_below_the_other(stub: Stub) -> None:
    stub.chat(count=1, reply="return 'Second.'", width="420px", height="700px")
    other_model(stub)
    at_rest(stub)
    boxes = [each.bounding_box() for each in columns(stub).all()]
    assert len(boxes) == 2
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["x"] == boxes[1]["x"]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
    assert scroller(stub).evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_answers_that_are_there_are_compared_and_walked(stub: Stub) -> None:
    asked_again(stub)
    turn(stub).get_by_role("button", name="Ask again").click()
    at_rest(stub)
    more(stub, "Compare side by side")
    first = stub.page.get_by_role("region", name="Earlier answer")
    expect(first.locator(".pl-markdown")).to_have_text("Another.")
    first.get_by_role("button", name="Earlier alternative").click()
    expect(first.locator(".pl-markdown")).to_contain_text("Answer 2.")


def test_a_question_asked_while_two_are_compared_follows_the_one_that_is_shown(
    stub: Stub,
) -> None:
    stub.chat(count=1, reply="return 'Second.'")
    other_model(stub)
    at_rest(stub)
    ask(stub, "Next?")
    at_rest(stub)
    expect(columns(stub)).to_have_count(0)
    expect(stub.page.locator(".pl-question")).to_have_text(["Question 1?", "Next?"])


def test_a_temperature_is_checked_and_sent_with_the_question(stub: Stub) -> None:
    stub.chat(count=1)
    more(stub, "Ask another model")
    dialog = stub.page.get_by_role("dialog")
    heat = dialog.get_by_label("Temperature")
    heat.fill("7")
    expect(dialog.get_by_text("From 0 to 2.")).to_be_visible()
    ask_button = dialog.get_by_role("button", name="Ask", exact=True)
    ask_button.click(force=True)
    assert stub.asked("retry") == []
    heat.fill("1.5")
    assert axe_violations(stub.page) == []
    ask_button.click()
    at_rest(stub)
    (asked,) = stub.asked("retry")
    assert asked["params"] == {
        "tab": "work/notes.ipynb",
        "turn": 1,
        "model": "fake/m",
        "temperature": 1.5,
    }


# deleting


def test_a_deleted_turn_is_put_back_by_undo(stub: Stub) -> None:
    stub.chat(count=3)
    turn(stub, 1).get_by_role("button", name="Delete question and answer").click()
    expect(stub.page.locator(".pl-question")).to_have_text(
        ["Question 1?", "Question 3?"]
    )
    toast = stub.page.locator(".pl-toast")
    expect(toast).to_contain_text("What follows stays.")
    toast.get_by_role("button", name="Undo").click()
    expect(stub.page.locator(".pl-question")).to_have_count(3)


def test_a_turn_that_is_not_on_disk_is_deleted_with_the_second_press(
    stub: Stub,
) -> None:
    kept = {"id": -1, "created": 1, "state": "done", "text": "a", "question": "q"}
    rest = {"question_length": 1, "thinking": "", "footer": "f", "notice": ""}
    stub.chat(turns=[{**kept, **rest}])
    last = turn(stub)
    last.get_by_role("button", name="Delete question and answer").click()
    assert stub.asked("delete") == []
    last.get_by_role("button", name="Delete?").click()
    expect(stub.page.locator(".pl-question")).to_have_count(0)


def test_question_and_answer_are_copied_as_markdown(stub: Stub) -> None:
    stub.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stub.chat(count=1)
    more(stub, "Copy question and answer")
    stub.page.get_by_text("Copied as Markdown.").wait_for()
    copied = stub.page.evaluate("navigator.clipboard.readText()")
    assert copied == "> Question 1?\n\nAnswer **1**.\n\n- one\n- two\n"


# finding


def find(stub: Stub, text: str) -> Locator:
    composer(stub).focus()
    stub.page.keyboard.press("Control+f")
    field = stub.page.get_by_role("textbox", name="Find in this chat")
    expect(field).to_be_focused()
    field.fill(text)
    return stub.page.locator(".pl-find-count")


def marked(stub: Stub, name: str = "pl-found") -> list[str]:
    found: list[str] = stub.page.evaluate(
        "name => [...(CSS.highlights.get(name) ?? [])].map(String)", name
    )
    return found


def test_a_text_is_found_marked_and_walked_and_escape_ends_it(stub: Stub) -> None:
    stub.chat(count=3)
    count = find(stub, "ANSWER 2")
    expect(count).to_have_text("1 of 1 turn")
    stub.page.wait_for_function(
        "[...(CSS.highlights.get('pl-found-now') ?? [])].map(String)[0] === 'Answer 2'"
    )
    field = stub.page.get_by_role("textbox", name="Find in this chat")
    field.fill("question")
    expect(count).to_have_text("1 of 3 turns")
    bar, first = (
        stub.page.locator(each).first.bounding_box()
        for each in (".pl-find", ".pl-question")
    )
    assert bar
    assert first
    assert bar["y"] + bar["height"] <= first["y"]
    stub.page.keyboard.press("Enter")
    expect(count).to_have_text("2 of 3 turns")
    stub.page.keyboard.press("Shift+Enter")
    stub.page.keyboard.press("Shift+Enter")
    expect(count).to_have_text("3 of 3 turns")
    assert len(marked(stub)) == 3
    assert axe_violations(stub.page) == []
    stub.page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    assert marked(stub) == marked(stub, "pl-found-now") == []
    expect(composer(stub)).to_be_focused()


def test_every_hit_of_a_turn_is_walked(stub: Stub) -> None:
    stub.chat(reply="return 'a **fox** and a fox\\n\\n- the f*ox*'")
    ask(stub, "Where is the fox?")
    at_rest(stub)
    count = find(stub, "fox")
    expect(count).to_have_text("1 of 1 turn")
    stub.page.wait_for_function("CSS.highlights.get('pl-found')?.size === 4")
    where = """() => {
      const [now] = CSS.highlights.get("pl-found-now");
      return now.startContainer.parentElement.closest(
        ".pl-question, strong, p, li").localName;
    }"""
    found = []
    for _ in range(4):
        found.append(stub.page.evaluate(where))
        stub.page.get_by_role("button", name="Next hit").click()
    assert found == ["div", "strong", "p", "li"]
    assert stub.page.evaluate(where) == "div"


def test_a_text_far_above_is_fetched_and_shown(stub: Stub) -> None:
    stub.chat(count=1000)
    count = find(stub, "question 17?")
    expect(count).to_have_text("1 of 1 turn")
    question = stub.page.locator(".pl-question", has_text="Question 17?")
    expect(question).to_be_in_viewport(timeout=15_000)
    stub.page.wait_for_function("CSS.highlights.get('pl-found-now')?.size === 1")
    assert stub.page.locator(".pl-turn").count() < 40
    # One that is put back there is where it was, though it has to be fetched.
    stub.page.keyboard.press("Escape")
    item = stub.page.locator(".pl-turn", has=question)
    before = item.bounding_box()
    item.get_by_role("button", name="Delete question and answer").click()
    expect(question).to_have_count(0)
    stub.page.get_by_role("button", name="Undo").click()
    expect(question).to_be_in_viewport(timeout=15_000)
    after = item.bounding_box()
    assert before
    assert after
    assert abs(after["y"] - before["y"]) <= 1  # a browser scrolls by whole pixels


def test_who_searches_and_asks_is_not_taken_away_from_the_answer(stub: Stub) -> None:
    stub.chat(count=40)
    count = find(stub, "question 3?")
    questions = stub.page.locator(".pl-question")
    expect(questions.filter(has_text="Question 3?")).to_be_in_viewport()
    ask(stub, "And question 3?")
    expect(count).to_have_text("1 of 2 turns")
    at_rest(stub)
    expect(questions.last).to_be_in_viewport()
    stub.page.get_by_role("button", name="Next hit").click()
    expect(count).to_have_text("2 of 2 turns")


def test_what_is_not_there_is_said_and_hostile_text_is_text(stub: Stub) -> None:
    stub.chat(count=2)
    count = find(stub, "wolf")
    expect(count).to_have_text("Nothing found")
    field = stub.page.get_by_role("textbox", name="Find in this chat")
    for text in ("(", "[a-", "\\", "a|b", "<img src=x onerror=alert(1)>", "(?:"):
        field.fill(text)
        expect(field).to_have_value(text)
        expect(count).to_have_text("Nothing found")


def test_the_key_once_more_is_the_browsers_own(stub: Stub) -> None:
    stub.chat(count=1)
    find(stub, "x")
    taken = stub.page.get_by_role("textbox", name="Find in this chat").evaluate(
        """e => !e.dispatchEvent(new KeyboardEvent("keydown",
            {key: "f", ctrlKey: true, bubbles: true, cancelable: true}))"""
    )
    assert taken is False


def test_nothing_is_searched_behind_a_dialog(stub: Stub) -> None:
    stub.chat(count=1)
    stub.page.get_by_role("button", name="Chat menu").click()
    stub.page.get_by_role("menuitem", name="Rename…").click()
    stub.page.get_by_label("Name", exact=True).press("Control+f")
    expect(stub.page.get_by_role("search")).to_have_count(0)


def test_the_search_is_opened_from_the_menu_and_goes_when_it_locks(
    stub: Stub,
) -> None:
    stub.chat(count=1)
    stub.page.get_by_role("button", name="Chat menu").click()
    stub.page.get_by_role("menuitem", name="Find in this chat").click()
    field = stub.page.get_by_role("textbox", name="Find in this chat")
    expect(field).to_be_focused()
    field.fill("answer")
    stub.page.wait_for_function("CSS.highlights.get('pl-found')?.size === 1")
    stub.page.evaluate("widgets.at(-1).lock('The vault is locked.')")
    expect(field).to_have_count(0)
    assert marked(stub) == []
    stub.page.evaluate("widgets.at(-1).unlock()")
    expect(answers(stub)).to_have_count(1)
    expect(field).to_have_count(0)


# all of it


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["280px", "900px"])
def test_turns_can_be_used_by_everyone(stub: Stub, theme: str, width: str) -> None:
    stub.theme(theme)
    asked_again(stub, width=width, height="700px")
    ask(stub, "Next?")
    composer(stub).press("Escape")
    at_rest(stub)
    find(stub, "a")
    stub.page.evaluate("frames2()")
    assert axe_violations(stub.page) == []
    stub.page.keyboard.press("Escape")
    walk = keyboard_walk(stub.page)
    assert walk.problems == [], walk.stops
    more(stub, "Compare side by side", 1)
    columns(stub).first.wait_for()
    assert axe_violations(stub.page) == []
    walk = keyboard_walk(stub.page)
    assert walk.problems == [], walk.stops
