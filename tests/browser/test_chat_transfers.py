"""What becomes of a conversation, from the chat's menu, with the kernel's own half."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, expect

from .accessibility import axe_violations
from .test_chat_composer import Composed, chat

__all__ = ["chat"]


def asked(chat: Composed, height: str = "700px") -> None:
    """Show a chat with one turn."""
    chat.show(height=height)
    chat.box.fill("Why?")
    chat.box.press("Enter")
    expect(chat.stub.page.locator(".pl-reply .pl-markdown")).to_have_text("An answer.")
    expect(chat.send).to_be_visible()


def choose(chat: Composed, item: str) -> None:
    page = chat.stub.page
    page.get_by_role("button", name="Chat menu").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def dialog(chat: Composed, name: str) -> Locator:
    return chat.stub.page.get_by_role("dialog", name=name, exact=True)


def test_a_conversation_is_downloaded_and_imported_from_the_menu(
    chat: Composed, tmp_path: Path
) -> None:
    asked(chat)
    page = chat.stub.page
    choose(chat, "Export…")
    expect(dialog(chat, "Export")).to_be_visible()
    assert axe_violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename == "talk.md"
    path, other = tmp_path / "talk.md", tmp_path / "other.md"
    download.value.save_as(path)
    assert "An answer." in path.read_text()
    expect(dialog(chat, "Export")).to_have_count(0)
    expect(page.get_by_role("button", name="Chat menu")).to_be_focused()
    other.write_text("# Nothing")
    with page.expect_file_chooser() as chooser:
        choose(chat, "Import…")
    chooser.value.set_files([path, other])
    sheet = dialog(chat, "Import")
    expect(sheet.get_by_role("region", name="Here already")).to_contain_text("talk")
    expect(sheet).to_contain_text("other.md: No conversation is in there.")
    assert axe_violations(page) == []
    sheet.get_by_role("button", name="talk", exact=True).click()
    expect(sheet).to_have_count(0)
    chat.kernel.run(chat.kernel.app.session_library.delete("talk", now=True))
    with page.expect_file_chooser() as chooser:
        choose(chat, "Import…")
    chooser.value.set_files([path])
    expect(page.get_by_text("“talk 2” is imported.")).to_be_visible()
    # The old one is still open in a tab.
    expect(page.get_by_role("tab", name="talk 2")).to_have_attribute(
        "aria-selected", "true"
    )


def test_a_path_is_written_and_what_is_there_is_replaced_if_wished(
    chat: Composed, tmp_path: Path
) -> None:
    asked(chat)
    path = tmp_path / "kept.md"
    path.write_text("old")
    choose(chat, "Export…")
    sheet = dialog(chat, "Export")
    write = sheet.get_by_role("button", name="Write to the path")
    expect(write).to_be_disabled()
    sheet.get_by_label("Path").fill(str(path))
    write.click()
    expect(sheet.get_by_role("alert")).to_contain_text("exists already")
    sheet.get_by_role("switch", name="Replace files that exist").click()
    write.click()
    expect(sheet).to_have_count(0)
    assert "An answer." in path.read_text()


def test_a_prompt_is_saved_and_the_conversation_copied(chat: Composed) -> None:
    asked(chat)
    page = chat.stub.page
    choose(chat, "Save as a prompt…")
    sheet = dialog(chat, "Save as a prompt")
    expect(sheet.get_by_label("Name")).to_have_value("talk")
    assert axe_violations(page) == []
    sheet.get_by_label("Name").fill("mine")
    # What is typed stays, whatever the conversation is called meanwhile.
    chat.kernel.run(chat.view.session.rename("walk"))
    expect(page.get_by_role("tab", name="walk")).to_have_count(1)
    expect(sheet.get_by_label("Name")).to_have_value("mine")
    sheet.get_by_label("Name").press("Enter")
    expect(page.get_by_text("The prompt “mine” is in the library.")).to_be_visible()
    choose(chat, "Save as a prompt…")
    sheet.get_by_label("Name").fill("mine")
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(sheet.get_by_role("alert")).to_contain_text("mine")
    page.keyboard.press("Escape")
    choose(chat, "Duplicate")
    expect(page.get_by_role("tab", name="walk (copy)")).to_have_attribute(
        "aria-selected", "true"
    )


def test_a_conversation_is_named_and_goes_on_from_a_summary(chat: Composed) -> None:
    asked(chat)
    page = chat.stub.page
    choose(chat, "Suggest a name")
    expect(page.get_by_text("It is called “An answer” now.")).to_be_visible()
    choose(chat, "Summarise and go on…")
    page.get_by_role("button", name="Summarise", exact=True).click()
    expect(page.locator(".pl-question")).to_contain_text("Summarise our conversation")
    expect(page.get_by_role("group", name="Alternatives")).to_contain_text("of 2")


def test_a_toast_leaves_the_composer_free(chat: Composed) -> None:
    asked(chat)
    page = chat.stub.page
    chat.box.fill("/temp 0.5")
    chat.box.press("Enter")
    toast = page.locator(".pl-toast")
    expect(toast).to_be_visible()
    lower, upper = toast.bounding_box(), page.locator(".pl-composer").bounding_box()
    assert lower
    assert upper
    assert lower["y"] + lower["height"] <= upper["y"]


def test_a_deletion_by_a_command_can_be_undone(chat: Composed) -> None:
    asked(chat)
    page = chat.stub.page
    chat.box.fill("/delete")
    chat.box.press("Escape")
    chat.box.press("Enter")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".pl-question")).to_have_text("Why?")
