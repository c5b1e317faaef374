"""The chat as its user meets it: the built bundle, seen and operated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, expect

from .accessibility import axe_violations, keyboard_walk
from .harness import STATIC
from .stub_vault import PASSWORD, StubVault

if TYPE_CHECKING:
    from .harness import Stub


def composer(stub: Stub) -> Locator:
    return stub.page.get_by_role("textbox", name="Message")


def ask(stub: Stub, text: str) -> None:
    composer(stub).fill(text)
    stub.page.keyboard.press("Enter")


def answers(stub: Stub) -> Locator:
    return stub.page.locator(".pl-reply .pl-markdown")


def scroller(stub: Stub) -> Locator:
    return stub.page.get_by_role("log")


def from_end(stub: Stub) -> float:
    """Pixels between what is seen and the end."""
    distance: float = scroller(stub).evaluate(
        "e => e.scrollHeight - e.scrollTop - e.clientHeight"
    )
    return distance


# Which turn is the first that is seen, and how far below the edge it begins.
_PLACE = """() => {
  const box = document.querySelector(".pl-scroller").getBoundingClientRect();
  const item = [...document.querySelectorAll(".pl-item")].find(
    each => each.getBoundingClientRect().bottom > box.top + 1);
  return [item.dataset.key, Math.round(item.getBoundingClientRect().top - box.top)];
}"""


def place_at_rest(stub: Stub) -> list[Any]:
    """The turn at the top and where it is, once nothing scrolls any more."""
    before, place = None, stub.page.evaluate(_PLACE)
    while place != before:
        stub.page.evaluate("frames2()")
        before, place = place, stub.page.evaluate(_PLACE)
    return list(place)


def test_what_a_page_loads_stays_within_bounds() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    parts = [*manifest["chat"]["needs"], "chat"]
    assert parts == ["core", "kit", "chat"]
    assert sum(manifest[name]["bytes"] for name in parts) <= 330_000


def test_enter_asks_and_the_answer_streams_and_settles(stub: Stub) -> None:
    stub.chat()
    expect(stub.page.get_by_role("heading")).to_have_text(
        "What would you like to know?"
    )
    ask(stub, "Why?")
    expect(stub.page.locator(".pl-question")).to_have_text("Why?")
    expect(answers(stub)).to_have_text("You said: Why?")
    expect(stub.page.locator(".pl-footer")).to_have_text("fake/m · done")
    expect(stub.page.get_by_role("heading")).to_have_count(0)
    assert composer(stub).input_value() == ""
    expect(composer(stub)).to_be_focused()
    said = stub.page.locator(".pl-chat > .pl-chat-body > [role=status]")
    expect(said).to_have_text("Answer complete")


def test_shift_enter_breaks_the_line_and_nothing_is_not_sent(stub: Stub) -> None:
    stub.chat()
    composer(stub).press("Enter")
    composer(stub).fill("  ")
    composer(stub).press("Enter")
    composer(stub).fill("a")
    composer(stub).press("Shift+Enter")
    composer(stub).press("b")
    assert composer(stub).input_value() == "a\nb"
    assert stub.asked("send") == []
    composer(stub).press("Enter")
    expect(answers(stub)).to_have_text("You said: a b")


def test_an_enter_that_ends_a_composition_does_not_send(stub: Stub) -> None:
    stub.chat()
    composer(stub).focus()
    session = stub.page.context.new_cdp_session(stub.page)
    session.send(
        "Input.imeSetComposition",
        {"text": "にほ", "selectionStart": 2, "selectionEnd": 2},
    )
    composer(stub).evaluate(
        """e => e.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Enter", keyCode: 229, isComposing: true, bubbles: true}))"""
    )
    assert stub.asked("send") == []
    session.send("Input.insertText", {"text": "日本"})
    composer(stub).press("Enter")
    expect(answers(stub)).to_have_text("You said: 日本")
    # Safari's comes after the composition.
    stub.page.get_by_role("button", name="Chat menu").click()
    stub.page.get_by_role("menuitem", name="Rename…").click()
    stub.page.get_by_label("Name", exact=True).evaluate(
        """e => e.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Enter", keyCode: 229, bubbles: true, cancelable: true}))"""
    )
    expect(stub.page.get_by_role("dialog", name="Rename")).to_be_visible()


def test_stop_takes_the_place_of_send_and_keeps_what_had_come(stub: Stub) -> None:
    stub.chat(reply="return 'word '.repeat(5000)")
    ask(stub, "Go on.")
    expect(answers(stub)).to_contain_text("word word")
    expect(stub.page.get_by_role("button", name="Send")).to_have_count(0)
    stub.page.get_by_role("button", name="Stop answering").click()
    expect(stub.page.locator(".pl-footer")).to_have_text("fake/m · stopped")
    expect(answers(stub)).to_contain_text("word word")
    expect(stub.page.get_by_role("button", name="Send")).to_be_visible()


def test_escape_stops_from_the_composer(stub: Stub) -> None:
    stub.chat(reply="return 'word '.repeat(5000)")
    ask(stub, "Go on.")
    expect(answers(stub)).to_contain_text("word word")
    # The one that ends a composition is not for the answer.
    composer(stub).evaluate(
        """e => e.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Escape", isComposing: true, bubbles: true}))"""
    )
    assert stub.asked("stop") == []
    composer(stub).press("Escape")
    expect(stub.page.locator(".pl-footer")).to_have_text("fake/m · stopped")


def test_a_stop_that_is_not_heard_says_what_to_do(stub: Stub) -> None:
    stub.chat(hold=["stop"], reply="return 'word '.repeat(5000)")
    ask(stub, "Go on.")
    stub.page.get_by_role("button", name="Stop answering").click()
    stub.page.get_by_role("button", name="Stopping").wait_for()
    stub.page.get_by_text("Interrupt the kernel to stop.").wait_for()


def test_typing_goes_on_while_an_answer_streams(stub: Stub) -> None:
    stub.chat(reply="return 'word '.repeat(4000)", size=40, pause=4)
    ask(stub, "Go on.")
    expect(answers(stub)).to_contain_text("word")
    composer(stub).press_sequentially("The next question", delay=5)
    assert composer(stub).input_value() == "The next question"
    # It is not sent by Enter, and not lost.
    composer(stub).press("Enter")
    assert composer(stub).input_value() == "The next question"
    assert len(stub.asked("send")) == 1


def test_what_is_refused_comes_back_to_the_composer(stub: Stub) -> None:
    number = stub.chat()
    error = {
        "code": "no-model",
        "message": "No model is chosen.",
        "hint": "Choose one.",
    }
    stub.page.evaluate("([at, e]) => { widgets[at].refuse = e; }", [number, error])
    ask(stub, "Why?")
    expect(stub.page.get_by_role("alert")).to_have_text(
        "No model is chosen.Choose one."
    )
    expect(composer(stub)).to_have_value("Why?")
    expect(stub.page.locator(".pl-question")).to_have_count(0)
    stub.page.get_by_role("button", name="Dismiss").click()
    expect(stub.page.get_by_role("alert")).to_have_count(0)
    # Before what was typed since, with the caret where it was.
    stub.page.evaluate(
        """at => {
          widgets[at].slow = new Promise((done) => {
            window.refuse = done;
          });
        }""",
        number,
    )
    composer(stub).press("Enter")
    composer(stub).press_sequentially("And nw")
    composer(stub).press("ArrowLeft")
    stub.page.evaluate("window.refuse()")
    expect(composer(stub)).to_have_value("Why?\n\nAnd nw")
    composer(stub).press_sequentially("o")
    expect(composer(stub)).to_have_value("Why?\n\nAnd now")
    stub.page.wait_for_function(
        "at => widgets[at].more.draft == 'Why?\\n\\nAnd now'", arg=number
    )


def test_a_failed_answer_says_why_and_is_asked_again(stub: Stub) -> None:
    number = stub.chat()
    error = {"code": "cut", "message": "Lost.", "hint": "Try again."}
    stub.page.evaluate("([at, e]) => { widgets[at].fail = e; }", [number, error])
    ask(stub, "Why?")
    expect(stub.page.get_by_role("alert")).to_contain_text("Lost.Try again.")
    stub.page.evaluate("at => { widgets[at].fail = undefined; }", number)
    stub.page.get_by_role("button", name="Try again").click()
    expect(answers(stub)).to_have_text("You said: Why?")
    expect(stub.page.get_by_role("alert")).to_have_count(0)


def test_question_and_answer_are_copied_as_they_were_written(stub: Stub) -> None:
    stub.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stub.chat(count=1)
    turn = stub.page.locator(".pl-turn")
    turn.hover()
    turn.get_by_role("button", name="Copy answer").click()
    turn.get_by_role("button", name="Copied").wait_for()
    copied = stub.page.evaluate("navigator.clipboard.readText()")
    assert copied == "Answer **1**.\n\n- one\n- two\n"
    turn.get_by_role("button", name="Copy question").click()
    stub.page.wait_for_function(
        "navigator.clipboard.readText().then(text => text === 'Question 1?')"
    )


def test_the_arrows_lead_through_what_was_asked(stub: Stub) -> None:
    stub.chat(count=3)
    composer(stub).fill("half")
    composer(stub).press("Home")
    for wanted in ("Question 3?", "Question 2?", "Question 1?", "Question 1?"):
        composer(stub).press("ArrowUp")
        expect(composer(stub)).to_have_value(wanted)
    composer(stub).press("End")
    for wanted in ("Question 2?", "Question 3?", "half"):
        composer(stub).press("ArrowDown")
        expect(composer(stub)).to_have_value(wanted)


def test_a_draft_survives_a_page_loaded_again(stub: Stub) -> None:
    number = stub.chat()
    composer(stub).press_sequentially("half a question")
    stub.page.wait_for_function(
        "at => widgets[at].more.draft === 'half a question'", arg=number
    )
    stub.page.evaluate("at => widgets[at].close()", number)
    stub.chat(more={"draft": "half a question", "default": {"model": "fake/m"}})
    expect(composer(stub)).to_have_value("half a question")


def test_a_long_question_is_folded_and_read_whole_when_asked_for(stub: Stub) -> None:
    text = "\n".join(f"line {n}" for n in range(1000))
    number = stub.chat()
    stub.page.evaluate("([at, text]) => { widgets[at].whole = text; }", [number, text])
    ask(stub, text)
    question = stub.page.locator(".pl-question")
    expect(question).to_contain_text("line 0")
    assert question.evaluate("e => e.clientHeight") < 400
    stub.page.get_by_role("button", name="Show all").click()
    expect(question).to_contain_text("line 999")
    stub.page.get_by_role("button", name="Show less").click()


def test_a_thousand_turns_open_at_their_end_with_few_of_them_in_the_page(
    stub: Stub,
) -> None:
    stub.chat(count=1000)
    expect(stub.page.locator(".pl-question").last).to_have_text("Question 1000?")
    assert from_end(stub) < 2
    assert stub.page.locator(".pl-turn").count() < 30


def test_scrolling_up_fetches_what_came_before_and_stays_where_it_was(
    stub: Stub,
) -> None:
    number = stub.chat(count=1000)
    scroller(stub).hover()
    for _ in range(60):
        stub.page.mouse.wheel(0, -700)
        stub.page.evaluate("frames2()")
    assert len(stub.asked("earlier", number)) > 0
    stub.page.evaluate("frames2()")
    before = stub.page.evaluate(_PLACE)
    # More comes, and grows, elsewhere.
    stub.page.evaluate(
        """at => {
          const last = widgets[at].all.at(-1);
          widgets[at].begin({...last, id: 5000, created: 5000, state: "waiting"});
        }""",
        number,
    )
    stub.page.wait_for_function(
        "at => widgets[at].all.at(-1).state === 'done'", arg=number
    )
    stub.page.evaluate("frames2()")
    key, top = stub.page.evaluate(_PLACE)
    assert key == before[0]
    assert abs(top - before[1]) <= 2
    expect(stub.page.get_by_role("button", name="New below")).to_be_visible()
    # What fails is said, and not asked for again and again.
    stub.page.evaluate(
        "at => { widgets[at].on_earlier = () => { throw { message: 'Busy.' }; }; }",
        number,
    )
    scroller(stub).evaluate("e => { e.scrollTop = 0; }")
    expect(stub.page.locator(".pl-chat-problem")).to_contain_text("Busy.")
    stub.page.evaluate("frames2()")
    asked = len(stub.asked("earlier", number))
    for _ in range(4):
        stub.page.evaluate("frames2()")
    assert len(stub.asked("earlier", number)) == asked


def test_a_thousand_turns_scroll_to_the_first(stub: Stub) -> None:
    stub.chat(count=1000)
    scroller(stub).hover()
    for _ in range(400):
        stub.page.mouse.wheel(0, -2500)
        stub.page.evaluate("frames2()")
        if stub.page.locator(".pl-question", has_text="Question 1?").count():
            break
    expect(stub.page.locator(".pl-question").first).to_have_text("Question 1?")
    stub.page.evaluate("frames2()")
    assert stub.page.locator(".pl-turn").count() < 40
    expect(scroller(stub)).to_have_count(1)
    # And back to the end, by the button.
    stub.page.get_by_role("button", name="Newest").click()
    expect(stub.page.locator(".pl-question").last).to_have_text("Question 1000?")
    stub.page.evaluate("frames2()")
    assert from_end(stub) < 2


def test_the_end_stays_in_sight_while_an_answer_grows(stub: Stub) -> None:
    stub.chat(count=20, reply="return 'word '.repeat(2000)", size=200)
    ask(stub, "Go on.")
    expect(stub.page.locator(".pl-footer").last).to_have_text("fake/m · done")
    stub.page.evaluate("frames2()")
    assert from_end(stub) < 2


def test_who_reads_above_is_left_there_while_an_answer_grows(stub: Stub) -> None:
    stub.chat(count=20, reply="return 'word '.repeat(3000)", size=100)
    ask(stub, "Go on.")
    expect(answers(stub).last).to_contain_text("word word")
    scroller(stub).hover()
    stub.page.mouse.wheel(0, -600)
    expect(stub.page.locator(".pl-jump")).to_be_visible()
    stub.page.evaluate("frames2()")
    before = stub.page.evaluate(_PLACE)
    stub.page.wait_for_function("widgets.at(-1).all.at(-1).state === 'done'")
    stub.page.evaluate("frames2()")
    after = stub.page.evaluate(_PLACE)
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) <= 2


def test_a_page_loaded_again_in_mid_answer_goes_on(stub: Stub) -> None:
    number = stub.chat(reply="return 'word '.repeat(400) + 'The end.'")
    ask(stub, "Go on.")
    expect(answers(stub)).to_contain_text("word word")
    stub.page.evaluate(
        """async at => {
          const widget = widgets[at];
          widget.close();
          widget.life.abort();
          widget.life = new AbortController();
          widget.listeners.clear();
          await widget.open();
          await widget.show();
        }""",
        number,
    )
    expect(answers(stub)).to_contain_text("word word")
    expect(answers(stub)).to_contain_text("The end.")
    assert answers(stub).inner_text() == "word " * 400 + "The end."


def test_a_lost_event_is_made_good(stub: Stub) -> None:
    number = stub.chat(count=1)
    stub.page.evaluate(
        """at => {
          const widget = widgets[at];
          widget.all.push(...conversation(3).slice(1, 2));
          widget.seq++;  // the event of it is lost
          widget.begin(conversation(3)[2]);
        }""",
        number,
    )
    expect(stub.page.locator(".pl-question")).to_have_text(
        ["Question 1?", "Question 2?", "Question 3?"]
    )
    assert len(stub.asked("snapshot")) == 1


def test_two_views_of_one_chat_show_the_same(stub: Stub) -> None:
    number = stub.chat(count=1)
    stub.page.evaluate("at => widgets[at].show()", number)
    expect(stub.page.locator(".pl-chat")).to_have_count(2)
    composer(stub).first.fill("Why?")
    composer(stub).first.press("Enter")
    expect(answers(stub)).to_have_text(
        ["Answer 1. one two", "You said: Why?"] * 2, use_inner_text=True
    )


def test_the_model_is_chosen_from_what_is_known_and_what_comes(stub: Stub) -> None:
    number = stub.chat()
    stub.page.evaluate(
        """at => {
          widgets[at].models = [
            {provider: "quick", title: "Quick", models: [{id: "quick/a",
              context_window: 8192}]},
            {provider: "slow", title: "Slow", listing: true, models: []}];
        }""",
        number,
    )
    box = stub.page.get_by_role("combobox", name="Model")
    box.click()
    expect(stub.page.get_by_role("option")).to_have_count(2)
    stub.tell(
        "models",
        provider="slow",
        title="Slow",
        models=[{"id": f"slow/m{n}"} for n in range(500)],
    )
    box.fill("m499")
    stub.page.get_by_role("option", name="slow/m499").click()
    (asked,) = stub.asked("set_model")
    assert asked["params"] == {"name": "slow/m499"}
    expect(box).to_have_value("slow/m499")
    # One that no list has.
    box.click()
    box.fill("acme/own-model")
    box.press("Enter")
    stub.page.wait_for_function(
        "at => widgets[at].session.model === 'acme/own-model'", arg=number
    )
    # Enter on the closed list opens it, and does not send what is half written.
    composer(stub).fill("Half a quest")
    box.press("Enter")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert stub.asked("send") == []


def test_a_conversation_is_encrypted_and_says_that_it_is(stub: Stub) -> None:
    number = stub.chat(count=1)
    mark = stub.page.get_by_role("tab", name="notes.ipynb, encrypted")

    def do(item: str) -> None:
        stub.page.get_by_role("button", name="Chat menu").click()
        stub.page.get_by_role("menuitem", name=f"{item}…").click()
        stub.page.get_by_role("dialog").get_by_role("button", name=item).click()

    expect(mark).to_have_count(0)
    stub.page.evaluate("at => { widgets[at].locked = true; }", number)
    do("Encrypt")
    expect(stub.page.get_by_role("alert")).to_contain_text("%parllama vault unlock")
    expect(mark).to_have_count(0)
    stub.page.evaluate("at => { widgets[at].locked = false; }", number)
    do("Encrypt")
    expect(mark).to_be_visible()
    assert axe_violations(stub.page) == []
    do("Decrypt")
    expect(mark).to_have_count(0)


def test_instructions_and_options_are_set(stub: Stub) -> None:
    stub.chat(session={"options": {"temperature": 0.5}})

    def show() -> None:
        stub.page.get_by_role("button", name="Chat menu").click()
        stub.page.get_by_role("menuitem", name="Instructions").click()

    show()
    drawer = stub.page.get_by_role("dialog")
    heat = drawer.get_by_label("Temperature")
    expect(heat).to_have_value("0.5")
    heat.fill("7")
    expect(drawer.get_by_text("At most 2.", exact=True)).to_be_visible()
    heat.fill("")
    drawer.get_by_label("Instructions").fill("Be brief.")
    drawer.get_by_label("Seed").fill("7")
    # What is typed stays while the conversation changes, and while another is shown.
    stub.page.evaluate("""() => {
      const w = widgets.at(-1);
      w.session.options = { temperature: 0.1, top_k: 5 };
      w.tell("session", { ...w.session, cost: 0.01 });
    }""")
    expect(drawer.get_by_label("Top k")).to_have_value("5")
    expect(heat).to_have_value("")
    stub.page.evaluate("widgets.at(-1).go('ideas')")
    expect(drawer.get_by_label("Instructions")).to_have_value("")
    stub.page.evaluate("widgets.at(-1).go('work/notes.ipynb')")
    expect(drawer.get_by_label("Instructions")).to_have_value("Be brief.")
    drawer.get_by_label("Top k").fill("")
    drawer.get_by_role("button", name="Apply").click()
    expect(drawer).to_have_count(0)
    (asked,) = stub.asked("set_options")
    assert asked["params"] == {"options": {"system": "Be brief.", "seed": 7}}
    show()
    drawer.get_by_label("Instructions").fill("Be long.")
    drawer.get_by_role("button", name="Cancel").click()
    show()
    expect(drawer.get_by_label("Instructions")).to_have_value("Be brief.")


def test_a_newcomer_is_told_how_to_get_a_model(stub: Stub) -> None:
    error = {"code": "no-model", "message": "No model is chosen.", "hint": "Do this."}
    stub.chat(more={"default": {"error": error}})
    expect(stub.page.get_by_text("No model is chosen.")).to_be_visible()
    expect(stub.page.get_by_text("Do this.")).to_be_visible()
    stub.page.get_by_role("button", name="Use the demo model").click()
    (asked,) = stub.asked("set_model")
    assert asked["params"] == {"name": "embedded/smollm2"}


def test_an_example_is_asked_with_one_press(stub: Stub) -> None:
    stub.chat()
    stub.page.get_by_role("button", name="Explain what a Python decorator").click()
    expect(answers(stub)).to_contain_text("You said: Explain what")
    expect(composer(stub)).to_be_focused()


def test_context_and_cost_are_told_where_they_are_known(stub: Stub) -> None:
    known = {"context_tokens": 7000, "context_window": 8192, "cost": 0.0123}
    stub.chat(session=known)
    expect(stub.page.locator(".pl-context")).to_have_text(
        "7,000 of 8,192 tokens · $0.0123"
    )
    stub.tell("session", name="s", options={})
    expect(stub.page.locator(".pl-context")).to_have_text("")


HARD: dict[str, str] = {
    "html": "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'>",
    "right to left": "مرحبا **كيف** حالك؟\n\nAnd then English.\n\n- עברית\n",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 é 👍🏽 " * 20,
    "tabs": "```python\n"
    + "".join(f"{chr(9) * n}x = {n}\n" for n in range(200))
    + "```\n",
    "one word": "x" * 20_000,
    "wide table": "|" + "column |" * 40 + "\n|" + "--|" * 40 + "\n|" + "value |" * 40,
    "only spaces": " \n\t\n",
    "odd line ends": "a\r\nb\rc\u2028d\x00e",
}


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("width", ["280px", "1400px"])
def test_whatever_is_said_stays_within_the_view(
    stub: Stub, name: str, width: str
) -> None:
    text = HARD[name]
    stub.chat(width=width, reply=f"return {json.dumps(text)}", size=400)
    ask(stub, text if text.strip() else "x")
    expect(stub.page.locator(".pl-footer").last).to_have_text("fake/m · done")
    stub.page.evaluate("frames2()")
    wider = stub.page.locator(".pl-chat").evaluate(
        "e => [...e.querySelectorAll('*')].filter(x => x.scrollWidth > x.clientWidth"
        " && getComputedStyle(x).overflowX === 'visible' && x.clientWidth"
        " && x.getBoundingClientRect().right > e.getBoundingClientRect().right + 1"
        " && !x.closest('pre, table, .pl-table, [popover], .pl-hidden')).length"
    )
    assert wider == 0
    assert scroller(stub).evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    assert stub.page.evaluate("window.pwned") is None


def test_each_paragraph_runs_in_its_own_direction(stub: Stub) -> None:
    stub.chat(reply="return 'مرحبا كيف حالك؟\\n\\nAnd then English.'")
    ask(stub, "مرحبا")
    expect(answers(stub).locator("p")).to_have_count(2)
    box = """e => {
      const range = document.createRange();
      range.selectNodeContents(e);
      const text = range.getBoundingClientRect(), own = e.getBoundingClientRect();
      return text.left - own.left > own.right - text.right;
    }"""
    right = [p.evaluate(box) for p in answers(stub).locator("p").all()]
    assert right == [True, False]
    question = stub.page.locator(".pl-question")
    assert question.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_a_model_that_vanishes_leaves_a_chat_that_says_so(stub: Stub) -> None:
    error = {
        "code": "model-not-found",
        "message": "No such model.",
        "hint": "There is m.",
    }
    number = stub.chat(count=1, session={"model": "gone/model"})
    stub.page.evaluate("([at, e]) => { widgets[at].fail = e; }", [number, error])
    ask(stub, "Still there?")
    expect(stub.page.get_by_role("alert")).to_contain_text("No such model.There is m.")
    expect(stub.page.get_by_role("combobox", name="Model")).to_have_value("gone/model")


def test_over_plain_http_all_works_but_the_clipboard(plain_stub: Stub) -> None:
    plain_stub.chat()
    ask(plain_stub, "Why?")
    expect(answers(plain_stub)).to_have_text("You said: Why?")
    turn = plain_stub.page.locator(".pl-turn")
    turn.hover()
    turn.get_by_role("button", name="Copy answer").click()
    turn.get_by_role("button", name="This page does not allow copying").wait_for()


def test_what_a_screen_reader_hears_is_how_it_stands_and_not_each_word(
    stub: Stub,
) -> None:
    stub.chat()
    log = scroller(stub)
    assert log.get_attribute("aria-live") == "off"
    stub.page.evaluate(
        """() => {
          window.said = [];
          const region = document.querySelector(".pl-chat-body > [role=status]");
          new MutationObserver(() => said.push(region.textContent)).observe(
            region, {childList: true, characterData: true, subtree: true});
        }"""
    )
    ask(stub, "Why?")
    expect(answers(stub)).to_have_text("You said: Why?")
    stub.page.wait_for_function("said.at(-1) === 'Answer complete'")
    said: list[Any] = stub.page.evaluate("said")
    assert set(said) <= {"", "Waiting for the answer", "Answering", "Answer complete"}


_ALL_STATES = [
    {"id": 1, "created": 1, "state": "done", "text": "**Yes.**", "thinking": "Hm."},
    {"id": 2, "created": 2, "state": "stopped", "text": "Half", "cell": True},
    {"id": 3, "created": 3, "state": "unfinished", "text": "Ha"},
    {
        "id": 4,
        "created": 4,
        "state": "failed",
        "error": {"code": "cut", "message": "Lost.", "hint": "Try again."},
    },
    {
        "id": 5,
        "created": 5,
        "state": "failed",
        "error": {
            "code": "authentication",
            "message": "Acme: there is no key.",
            "missing_key": "ACME_API_KEY",
        },
    },
]


def turns_of_every_kind() -> list[dict[str, Any]]:
    asked = {"question": "Why?", "question_length": 4, "model": "fake/m", "footer": "f"}
    common = {**asked, "text": "", "thinking": "", "attachments": []}
    return [{**common, **turn} for turn in _ALL_STATES]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["280px", "900px"])
def test_it_can_be_used_by_everyone(stub: Stub, theme: str, width: str) -> None:
    stub.theme(theme)
    known = {"context_tokens": 7000, "context_window": 8192, "cost": 0.0123}
    stub.chat(width=width, turns=turns_of_every_kind(), session=known, height="700px")
    expect(answers(stub).first).to_have_text("Yes.")
    stub.page.evaluate("frames2()")
    assert axe_violations(stub.page) == []
    walk = keyboard_walk(stub.page)
    assert walk.problems == [], walk.stops


def test_a_missing_key_is_added_beside_the_error_and_the_question_is_asked_again(
    stub: Stub,
) -> None:
    vault = StubVault(stub, "unlocked")
    stub.chat()
    error = turns_of_every_kind()[-1]["error"]
    stub.page.evaluate("error => { widgets.at(-1).fail = error; }", error)
    ask(stub, "Why?")
    alert = stub.page.get_by_role("alert")
    expect(alert).to_contain_text("Acme: there is no key.")
    alert.get_by_role("button", name="Add key").click()
    field = stub.page.get_by_role("dialog").get_by_label("ACME_API_KEY", exact=True)
    field.fill("k")
    field.press("Enter")
    expect(answers(stub)).to_have_text("You said: Why?")
    expect(alert).to_have_count(0)
    assert vault.opened == [("add_key", {"value": "k"})]
    (sent,) = stub.asked("add_key")
    assert sent["params"]["name"] == "ACME_API_KEY"


SENTINEL = "sentinel of a private talk 2f7a"


def unlock(stub: Stub) -> None:
    """Type the password into the dialog that a view has opened."""
    field = stub.page.get_by_role("dialog").get_by_label(
        "Password of the vault", exact=True
    )
    field.fill(PASSWORD)
    field.press("Enter")


def test_the_button_beside_a_failed_turn_follows_the_vault_and_asks_nothing(
    stub: Stub,
) -> None:
    vault = StubVault(stub, "locked", ["ACME_API_KEY"])
    stub.chat(turns=turns_of_every_kind())
    alert = stub.page.get_by_role("alert").filter(has_text="Acme: there is no key.")
    locked = alert.get_by_role("button", name="Unlock the vault")
    expect(locked).to_be_visible()
    vault.change("unlocked")
    expect(locked).to_have_count(0)
    expect(alert.get_by_role("button", name="Add key")).to_have_count(0)
    expect(alert.get_by_role("button", name="Try again")).to_be_visible()
    vault.change("locked")
    expect(locked).to_be_visible()
    vault.keys.clear()
    vault.change("unlocked")
    expect(alert.get_by_role("button", name="Add key")).to_be_visible()
    assert stub.asked("retry") == []


def test_what_fails_for_the_locked_vault_is_done_once_it_is_unlocked(
    stub: Stub,
) -> None:
    StubVault(stub, "locked")
    number = stub.chat(count=1)
    stub.page.evaluate("at => { widgets[at].locked = true; }", number)
    stub.page.get_by_role("button", name="Chat menu").click()
    stub.page.get_by_role("menuitem", name="Encrypt…").click()
    stub.page.get_by_role("dialog").get_by_role("button", name="Encrypt").click()
    alert = stub.page.get_by_role("alert")
    alert.get_by_role("button", name="Unlock the vault").click()
    unlock(stub)
    expect(stub.page.get_by_role("tab", name="notes.ipynb, encrypted")).to_be_visible()
    expect(alert).to_have_count(0)


# Where a text of the page may be: in what is shown, in fields, names and titles, and in
# shadow roots.
_EVERYWHERE = """() => {
  const texts = [];
  const walk = (root) => {
    texts.push(root.innerHTML ?? "");
    for (const each of root.querySelectorAll("*")) {
      texts.push(each.value ?? "");
      if (each.shadowRoot) walk(each.shadowRoot);
    }
  };
  walk(document.documentElement);
  return texts.join("\\n");
}"""


def test_a_conversation_that_locks_leaves_nothing_in_the_page_and_comes_back(
    stub: Stub,
) -> None:
    StubVault(stub, "locked")
    turn = {**turns_of_every_kind()[0], "id": 1, "state": "done"}
    turns = [
        {**turn, "id": n, "created": n, "question": f"{SENTINEL} {n}", "text": SENTINEL}
        for n in range(1, 9)
    ]
    options = {"system": SENTINEL}
    stub.chat(turns=turns, session={"encrypted": True, "options": options})
    log = scroller(stub)
    expect(log).to_contain_text(SENTINEL)
    # A reader in the midst of it, with a draft, a drawer, and a question being edited.
    composer(stub).fill(f"draft of {SENTINEL}")
    stub.page.get_by_role("button", name="Edit question").last.click()
    stub.page.get_by_role("button", name="What is sent").click()
    log.hover()
    stub.page.mouse.wheel(0, -300)
    expect(stub.page.get_by_role("button", name="Newest")).to_be_visible()
    place = place_at_rest(stub)
    assert SENTINEL in stub.page.evaluate(_EVERYWHERE)
    stub.page.evaluate("widgets.at(-1).lock('The vault has locked itself.')")
    chat = stub.page.locator(".pl-chat")
    expect(chat).to_contain_text("This conversation is locked.")
    expect(chat).to_contain_text("The vault has locked itself.")
    expect(composer(stub)).to_have_count(0)
    assert SENTINEL not in stub.page.evaluate(_EVERYWHERE)
    assert axe_violations(stub.page) == []
    menu = stub.page.get_by_role("button", name="Chat menu")
    menu.click()
    for name in ("Instructions and options…", "Decrypt…"):
        item = stub.page.get_by_role("menuitem", name=name)
        expect(item).to_have_attribute("aria-disabled", "true")
    stub.page.keyboard.press("Escape")
    chat.get_by_role("button", name="Unlock the vault").click()
    unlock(stub)
    expect(log).to_contain_text(SENTINEL)
    expect(composer(stub)).to_have_value("")
    expect(stub.page.get_by_role("textbox", name="Edit question")).to_have_count(0)
    key, offset = place_at_rest(stub)
    assert key == place[0]
    assert abs(offset - place[1]) <= 1  # a browser scrolls by whole pixels


def test_a_locked_conversation_that_is_unlocked_elsewhere_is_shown(stub: Stub) -> None:
    vault = StubVault(stub, "locked")
    stub.chat(count=2, session={"encrypted": True})
    stub.page.evaluate("widgets.at(-1).lock('The vault is locked.')")
    button = stub.page.get_by_role("button", name="Unlock the vault")
    expect(button).to_be_visible()
    stub.page.evaluate("widgets.at(-1).unlock()")
    vault.change("unlocked")
    expect(button).to_have_count(0)
    expect(answers(stub)).to_have_count(2)
    expect(composer(stub)).to_be_visible()


def test_a_locked_prompt_is_chosen_by_its_name_and_asks_once_it_is_read(
    stub: Stub,
) -> None:
    StubVault(stub, "locked")
    stub.chat()
    described = {"name": "diary", "locked": True, "encrypted": True}
    stub.page.evaluate("each => { widgets.at(-1).prompts = [each]; }", described)
    composer(stub).fill("/diary")
    stub.page.get_by_role("option", name="diary").wait_for()
    stub.page.keyboard.press("Enter")
    chip = stub.page.locator(".pl-chosen")
    expect(chip).to_contain_text("prompt diary v3")
    expect(chip).to_contain_text("It is encrypted, and locked.")
    ask(stub, "a text")
    expect(stub.page.get_by_role("button", name="Send")).to_be_disabled()
    assert stub.asked("send") == []
    assert axe_violations(stub.page) == []
    chip.get_by_role("button", name="Unlock the vault").click()
    unlock(stub)
    expect(stub.page.get_by_role("dialog")).to_have_count(0)
    stub.page.evaluate("""() => {
      const widget = widgets.at(-1);
      Object.assign(widget.prompts[0], { locked: false, description: "About me" });
      widget.on_choose_prompt({ name: "diary" });
    }""")
    expect(chip).to_contain_text("About me")
    stub.page.get_by_role("button", name="Send").click()
    (sent,) = stub.asked("send")
    assert sent["params"] == {
        "tab": "work/notes.ipynb",
        "text": "a text",
        "prompt": {"values": {}},
    }


def test_an_empty_chat_can_be_used_by_everyone(stub: Stub) -> None:
    stub.theme("light")
    stub.chat()
    stub.page.get_by_role("heading").wait_for()
    assert axe_violations(stub.page) == []
    assert keyboard_walk(stub.page).problems == []


def test_the_height_is_moved_by_mouse_and_keys_and_kept_for_the_session(
    stub: Stub,
) -> None:
    stub.chat(height="")
    chat = stub.page.locator(".pl-chat")
    handle = stub.page.get_by_role("separator", name="Height of the chat")

    def height() -> float:
        box = chat.bounding_box()
        assert box is not None
        return box["height"]

    fitting = height()
    expect(handle).to_have_attribute("aria-valuenow", str(round(fitting)))
    handle.press("ArrowDown")
    assert height() == fitting + 24
    expect(handle).to_have_attribute("aria-valuenow", str(round(fitting) + 24))
    handle.press("ArrowUp")
    handle.press("ArrowUp")
    assert height() == fitting - 24
    handle.press("Home")
    assert height() == 260

    handle.hover()
    stub.page.mouse.down()
    stub.page.mouse.move(300, 500)
    stub.page.mouse.up()
    dragged = height()
    box = handle.bounding_box()
    assert box is not None
    assert abs(box["y"] + 5 - 500) < 2
    stub.page.mouse.move(300, 700)
    assert height() == dragged

    stub.page.reload()
    stub.page.wait_for_function("window.ready")
    stub.chat(height="")
    assert height() == dragged
    handle.press("Enter")
    assert height() == fitting
    stub.page.reload()
    stub.page.wait_for_function("window.ready")
    stub.chat(height="")
    assert height() == fitting
