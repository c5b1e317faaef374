"""The chat's tabs, and its list of all conversations."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from .accessibility import axe_violations, keyboard_walk
from .harness import Stub


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("tab", name=name)


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="Conversations").click()
    drawer = page.get_by_role("dialog", name="Conversations")
    expect(drawer.get_by_role("row")).not_to_have_count(0)
    return drawer


def choose(drawer: Locator, name: str, item: str) -> None:
    drawer.get_by_role("button", name=f"Actions for {name}", exact=True).click()
    drawer.get_by_role("menuitem", name=item, exact=True).click()


def test_conversations_are_begun_opened_renamed_and_deleted(stub: Stub) -> None:
    stub.chat(count=2)
    page = stub.page
    expect(tab(page, "notes.ipynb")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="New chat").click()
    expect(tab(page, "New chat")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".pl-question")).to_have_count(0)
    opened(page).get_by_role("row", name="ideas").click()
    expect(page.locator(".pl-question")).to_have_count(3)
    expect(page.get_by_role("dialog", name="Conversations")).to_have_count(0)
    page.get_by_role("button", name="Chat menu").click()
    page.get_by_role("menuitem", name="Rename").click()
    name = page.get_by_role("textbox", name="Name")
    # What a model calls it meanwhile is shown, and is not put in the place of what is
    # being typed.
    call = "name => widgets.at(-1).on_rename({ name })"
    page.evaluate(call, "Called by a model")
    expect(name).to_have_value("Called by a model")
    name.fill("better ideas")
    page.evaluate(call, "Called again")
    expect(tab(page, "Called again")).to_have_count(1)
    expect(name).to_have_value("better ideas")
    name.press("Enter")
    expect(tab(page, "better ideas")).to_be_visible()
    page.get_by_role("button", name="Chat menu").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(tab(page, "better ideas")).to_have_count(0)
    toast = page.get_by_text("“better ideas” is deleted.")
    expect(toast).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(tab(page, "better ideas")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".pl-question")).to_have_count(3)


def test_tabs_work_by_keyboard(stub: Stub) -> None:
    stub.chat(count=2)
    page = stub.page
    page.get_by_role("button", name="New chat").click()
    tab(page, "New chat").focus()
    page.keyboard.press("ArrowLeft")
    expect(tab(page, "notes.ipynb")).to_be_focused()
    page.keyboard.press("Enter")
    expect(tab(page, "notes.ipynb")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".pl-question")).to_have_count(2)
    page.keyboard.press("ArrowRight")
    page.keyboard.down("Delete")
    expect(tab(page, "New chat")).to_have_count(0)
    expect(tab(page, "notes.ipynb")).to_be_focused()
    # As it repeats while it is held.
    page.keyboard.down("Delete")
    page.keyboard.up("Delete")
    assert len(stub.asked("close_tab")) == 1
    page.keyboard.press("Delete")
    expect(tab(page, "New chat")).to_be_focused()
    assert axe_violations(page) == []


def test_what_is_typed_is_saved_before_another_tab_is_shown(stub: Stub) -> None:
    stub.chat(count=1)
    page = stub.page
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("tab")).to_have_count(2)
    page.get_by_role("textbox").fill("An idea")
    tab(page, "notes.ipynb").click()
    expect(page.locator(".pl-question")).to_have_count(1)
    expect(page.get_by_role("textbox")).to_have_value("")
    drafts = [each["params"] for each in stub.asked("draft")]
    assert {"tab": "New chat", "text": "An idea"} in drafts


def test_what_is_typed_stays_in_its_tab_however_fast_others_are_shown(
    stub: Stub,
) -> None:
    stub.chat(count=1)
    page = stub.page
    page.evaluate(
        """() => {
          const widget = widgets.at(-1);
          widget.tabbed.push("B", "C");
          widget.drafts.B = "Typed in B";
          widget.tell("tabs", widget.tabs());
          return widget.show();
        }"""
    )
    chat, other = page.locator(".pl-chat").all()
    typed = chat.get_by_role("textbox", name="Message")
    typed.fill("Typed in A")
    # Before the kernel has shown B. The other view's composer holds nothing.
    chat.evaluate(
        """chat => {
          const [, b, c] = chat.querySelectorAll("[role=tab]");
          b.click();
          c.click();
        }"""
    )
    expect(chat.get_by_role("tab", name="C", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    expect(typed).to_have_value("")
    for name, text in (("B", "Typed in B"), ("notes.ipynb", "Typed in A")):
        chat.get_by_role("tab", name=name, exact=True).click()
        expect(typed).to_have_value(text)
        expect(other.get_by_role("textbox", name="Message")).to_have_value(text)


def test_what_fails_in_a_tab_that_was_left_is_no_problem_of_the_one_shown(
    stub: Stub,
) -> None:
    stub.chat(count=1)
    page = stub.page
    page.evaluate(
        """() => {
          const widget = widgets.at(-1);
          widget.tabbed.push("ideas");
          widget.tell("tabs", widget.tabs());
          widget.refuse = { code: "x", message: "No model.", hint: "Choose one." };
          widget.slow = new Promise((done) => {
            window.refuse = done;
          });
        }"""
    )
    message = page.get_by_role("textbox", name="Message")
    message.fill("Asked in the notebook's")
    message.press("Enter")
    expect(page.get_by_role("button", name="Stop answering")).to_be_visible()
    tab(page, "ideas").click()
    expect(tab(page, "ideas")).to_have_attribute("aria-selected", "true")
    message.fill("Asked in ideas")
    # This one is neither begun nor refused.
    page.evaluate("() => { widgets.at(-1).on_send = () => new Promise(() => {}); }")
    message.press("Enter")
    page.evaluate("window.refuse()")
    toast = page.get_by_text("No model. The question waits in its tab.")
    expect(toast).to_be_visible()
    expect(page.locator(".pl-chat-problem")).to_have_count(0)
    expect(page.get_by_text("Asked in ideas")).to_be_visible()
    expect(page.get_by_role("button", name="Stop answering")).to_be_visible()
    expect(message).to_have_value("")
    tab(page, "notes.ipynb").click()
    expect(message).to_have_value("Asked in the notebook's")


def test_the_list_groups_sorts_and_narrows(stub: Stub) -> None:
    number = stub.chat(count=1)
    page = stub.page
    page.evaluate(
        """at => {
            const { others } = widgets[at];
            for (let n = 0; n < 5000; n++) others[`Talk ${n}`] = conversation(1);
            widgets[at].listed = {
                "Talk 3": { folder: "Work", tags: ["plots"] },
                "Talk 4": { pinned: true },
                "Talk 5": { encrypted: true, locked: true },
            };
        }""",
        number,
    )
    drawer = opened(page)
    rows = drawer.get_by_role("row")
    expect(rows.nth(0)).to_contain_text("Pinned")
    expect(rows.nth(1)).to_contain_text("Talk 4")
    expect(rows.nth(2)).to_contain_text("Work")
    expect(rows.nth(3)).to_contain_text("Talk 3")
    # Of thousands only those near the visible ones are in the page.
    assert rows.count() < 60
    expect(drawer.get_by_role("grid")).to_have_attribute("aria-rowcount", "5005")
    expect(drawer).to_contain_text("1 encrypted conversation is locked.")
    assert axe_violations(page) == []
    rows.nth(2).click()
    expect(rows.nth(2)).to_contain_text("1folded")
    expect(rows.nth(3)).to_contain_text("No folder")
    rows.nth(2).click()
    drawer.get_by_role("button", name="plots", exact=True).click()
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("Talk 3")


def test_a_search_shows_where_the_words_are_and_opens_that_turn(stub: Stub) -> None:
    stub.chat(count=60)
    page = stub.page
    page.evaluate("widgets.at(-1).others.long = conversation(90)")
    drawer = opened(page)
    drawer.get_by_role("searchbox").fill("Question 7?")
    hit = drawer.get_by_role("row", name="long")
    expect(hit.locator("mark")).to_have_text("Question 7?")
    assert axe_violations(page) == []
    hit.click()
    expect(tab(page, "long")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".pl-question", has_text="Question 7?")).to_be_in_viewport()


def test_a_conversation_is_sorted_copied_and_deleted_from_the_list(stub: Stub) -> None:
    stub.chat(count=1)
    page = stub.page
    drawer = opened(page)
    choose(drawer, "ideas", "Folder…")
    page.get_by_label("Folder", exact=True).fill("Work")
    page.get_by_role("button", name="Save").click()
    expect(drawer.get_by_role("row", name="Work")).to_be_visible()
    choose(drawer, "ideas", "Tags…")
    page.get_by_role("textbox", name="Tags").fill("a, b")
    page.keyboard.press("Enter")
    expect(drawer.get_by_role("button", name="b", exact=True)).to_be_visible()
    choose(drawer, "ideas", "Pin")
    expect(drawer.get_by_role("row", name="Pinned")).to_be_visible()
    choose(drawer, "ideas", "Duplicate")
    expect(drawer.get_by_role("row", name="ideas (copy)")).to_be_visible()
    choose(drawer, "ideas (copy)", "Rename…")
    name = page.get_by_role("textbox", name="Name")
    name.fill("ideas")
    name.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("already")
    name.fill("more ideas")
    name.press("Enter")
    row = drawer.get_by_role("row", name="more ideas")
    # Its menu has another name now, and the focus stays in the list.
    expect(row).to_be_focused()
    row.get_by_role("button").click()
    expect(drawer.get_by_role("menuitem")).not_to_have_count(0)
    # Other rows come where this one was: an open menu does not become theirs.
    page.evaluate("""() => {
      const w = widgets.at(-1);
      w.listed["more ideas"] = { used: 1 };
      w.tell("lock", { state: "unlocked" });
    }""")
    expect(drawer.get_by_role("menuitem")).to_have_count(0)
    expect(drawer.locator(".pl-session-row:focus")).to_have_count(1)
    choose(drawer, "more ideas", "Delete")
    expect(drawer.get_by_role("row", name="more ideas")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(tab(page, "more ideas")).to_be_visible()
    # The list follows what is done elsewhere: from the chat's menu, or in a cell.
    row = drawer.get_by_role("row", name="more ideas")
    expect(row).to_be_visible()
    page.evaluate("widgets.at(-1).on_remove()")
    expect(row).to_have_count(0)


def test_a_deleted_conversation_is_restored_from_the_list(stub: Stub) -> None:
    stub.chat(count=1)
    page = stub.page
    drawer = opened(page)
    group = drawer.get_by_role("row", name="Recently deleted")
    expect(group).to_have_count(0)
    choose(drawer, "ideas", "Delete")
    expect(group).to_contain_text("Recently deleted1folded")
    group.click()
    row = drawer.get_by_role("row", name="ideas")
    expect(row).to_contain_text("deleted")
    assert axe_violations(page) == []
    row.get_by_role("button", name="Restore ideas").click()
    expect(group).to_have_count(0)
    expect(drawer.get_by_role("button", name="Actions for ideas")).to_be_visible()
    # By keyboard too; the group stays unfolded.
    choose(drawer, "ideas", "Delete")
    expect(group).to_contain_text("unfolded")
    group.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(group).to_have_count(0)
    expect(drawer.get_by_role("button", name="Actions for ideas")).to_be_visible()
    # What is deleted for good cannot be restored.
    choose(drawer, "ideas", "Rename…")
    page.get_by_role("textbox", name="Name").fill("W" * 180)
    page.keyboard.press("Enter")
    choose(drawer, "W" * 180, "Delete for good…")
    sheet = page.get_by_role("dialog", name="Delete this conversation for good?")
    assert sheet.evaluate("el => el.scrollWidth === el.clientWidth")
    page.get_by_role("button", name="Delete for good").click()
    expect(drawer.get_by_role("row", name="WWW")).to_have_count(0)
    expect(group).to_have_count(0)


@pytest.mark.parametrize("width", [420, 1400])
def test_the_list_works_by_keyboard(stub: Stub, width: int) -> None:
    page = stub.page
    page.set_viewport_size({"width": width, "height": 800})
    number = stub.chat(count=1)
    page.evaluate(
        """at => {
            widgets[at].others.old = conversation(1);
            widgets[at].listed.old = { tags: ["mine"], used: 1 };
        }""",
        number,
    )
    drawer = opened(page)
    walked = keyboard_walk(page)
    assert walked.problems == []
    assert any("Search all conversations" in each for each in walked.stops)
    drawer.get_by_role("row").first.focus()
    page.keyboard.press("ArrowDown")
    expect(drawer.get_by_role("row").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(drawer.get_by_role("row").nth(0)).to_be_focused()
    page.keyboard.down("Delete")
    expect(drawer.get_by_role("row", name="ideas")).to_have_count(0)
    expect(drawer.get_by_role("row").first).to_be_focused()
    # As it repeats while it is held.
    page.keyboard.down("Delete")
    page.keyboard.up("Delete")
    assert len(stub.asked("forget_session")) == 1
    # The last row of what is shown.
    drawer.get_by_role("button", name="mine", exact=True).click()
    drawer.get_by_role("row", name="old").focus()
    page.keyboard.press("Delete")
    expect(drawer.get_by_role("row")).to_have_count(0)
    expect(drawer).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(page.get_by_role("button", name="Conversations")).to_be_focused()
