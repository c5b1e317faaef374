"""The secrets of an unlocked vault, in its view: shown, stored, marked, deleted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ..vaults.weak import OTHER, PASSWORD
from .accessibility import axe_violations, keyboard_walk
from .vault_data import OPEN, secret, shown, told

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator

    from .harness import Stub
    from .vault_kernel import VaultKernel

NAME = "HF_TOKEN"
VALUE = 'hf_"8f2a/Zoë+cafe'


@pytest.fixture
def open_vault(vault_kernel: VaultKernel) -> VaultKernel:
    """A vault that is unlocked and holds one secret."""
    vault_kernel.vault.create(PASSWORD)
    vault_kernel.vault.set(NAME, VALUE)
    return vault_kernel


def chosen(stub: Stub, item: str, name: str = NAME) -> None:
    stub.page.get_by_role("button", name=f"More about {name}").click()
    stub.page.get_by_role("menuitem", name=item).click()


def pasted(field: Locator, text: str) -> None:
    field.focus()
    field.evaluate(
        """(at, text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          const how = { clipboardData, bubbles: true, cancelable: true };
          const taken = !at.dispatchEvent(new ClipboardEvent("paste", how));
          if (!taken) document.execCommand("insertText", false, text);
        }""",
        text,
    )


def test_a_value_is_shown_for_ten_seconds_and_is_nowhere_else(
    stub: Stub, open_vault: VaultKernel
) -> None:
    stub.page.clock.install()
    view = open_vault.show(stub)
    assert told(stub, VALUE) == []
    reveal = view.get_by_role("button", name=f"Reveal {NAME}")
    reveal.click()
    dialog = stub.page.get_by_role("dialog", name=NAME)
    expect(dialog.get_by_label(f"Value of {NAME}")).to_have_value(VALUE)
    expect(dialog.get_by_role("timer")).to_have_text("Hidden in 10 s")
    assert told(stub, VALUE) != [], "what is shown would not be found"
    assert axe_violations(stub.page, "dialog[open]") == []
    stub.page.clock.run_for(4_000)
    expect(dialog.get_by_role("timer")).to_have_text("Hidden in 6 s")
    stub.page.clock.run_for(6_500)
    expect(dialog).to_have_count(0)
    assert told(stub, VALUE) == []
    expect(reveal).to_be_focused()


def test_a_value_is_copied_from_where_it_is_shown(
    stub: Stub, open_vault: VaultKernel, context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    view = open_vault.show(stub)
    view.get_by_role("button", name=f"Reveal {NAME}").click()
    dialog = stub.page.get_by_role("dialog", name=NAME)
    expect(dialog.get_by_label(f"Value of {NAME}")).to_be_visible()
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_text("It stays in the clipboard")).to_be_visible()
    assert stub.page.evaluate("navigator.clipboard.readText()") == VALUE


@pytest.mark.parametrize("how", ["blur", "lock", "unmount", "Escape", "Hide"])
def test_a_value_is_hidden_at_once(
    stub: Stub, open_vault: VaultKernel, how: str
) -> None:
    view = open_vault.show(stub)
    view.get_by_role("button", name=f"Reveal {NAME}").click()
    value = stub.page.get_by_label(f"Value of {NAME}")
    expect(value).to_have_value(VALUE)
    match how:
        case "blur":
            stub.page.evaluate("window.dispatchEvent(new Event('blur'))")
        case "lock":
            open_vault.vault.lock()
            open_vault.look()
        case "unmount":
            stub.page.evaluate("widgets.at(-1).close()")
            stub.page.evaluate("document.body.classList.add('pl-vault')")
        case "Escape":
            stub.page.keyboard.press("Escape")
        case _:
            stub.page.get_by_role("button", name=how, exact=True).click()
    expect(value).to_have_count(0)
    expect(stub.page.locator("dialog[open]")).to_have_count(0)
    assert told(stub, VALUE) == []


def test_a_secret_is_stored_as_it_was_typed(
    stub: Stub, open_vault: VaultKernel
) -> None:
    view = open_vault.show(stub)
    view.get_by_role("button", name="Add a secret…").click()
    dialog = stub.page.get_by_role("dialog", name="Add a secret")
    expect(dialog.get_by_label("Name", exact=True)).to_be_focused()
    # Names of providers' keys are offered, but for those that the vault has.
    offered = dialog.locator("datalist option[value=XAI_API_KEY]")
    expect(offered).to_have_count(1)
    dialog.get_by_label("Name", exact=True).fill("XAI_API_KEY")
    value = dialog.get_by_label("Value", exact=True)
    value.fill(f" {VALUE}")
    expect(dialog.get_by_text("It begins with a space.")).to_be_visible()
    value.press("Enter")
    expect(dialog).to_have_count(0)
    expect(view.get_by_role("row")).to_have_count(2)
    assert open_vault.vault.get("XAI_API_KEY").reveal() == f" {VALUE}"
    assert "XAI_API_KEY" not in open_vault.vault.exported()
    (asked,) = stub.asked("set")
    assert asked["params"]["expect"] == 0
    assert told(stub, VALUE) == []
    view.get_by_role("button", name="Add a secret…").click()
    expect(dialog).to_be_visible()
    expect(offered).to_have_count(0)


@pytest.mark.parametrize(
    ("paste", "stored", "said"),
    [
        ("key\n", "key", "The line break at the end of what you pasted was cut."),
        ("key\r\n", "key", "The line break at the end of what you pasted was cut."),
        ("key ", "key ", "It ends with a space."),
        ("-BEGIN-\nkey\n-END-\n", "-BEGIN-\nkey\n-END-", "It has several lines."),
        ("ke\u200by", "ke\u200by", "It contains a character that cannot be seen."),
    ],
)
def test_what_is_pasted_is_kept_but_for_a_last_line_break(
    stub: Stub, open_vault: VaultKernel, paste: str, stored: str, said: str
) -> None:
    view = open_vault.show(stub)
    view.get_by_role("button", name="Add a secret…").click()
    dialog = stub.page.get_by_role("dialog", name="Add a secret")
    dialog.get_by_label("Name", exact=True).fill("PASTED")
    pasted(dialog.get_by_label("Value", exact=True), paste)
    expect(dialog.get_by_text(said)).to_be_visible()
    dialog.get_by_role("button", name="Store").click()
    expect(dialog).to_have_count(0)
    assert open_vault.vault.get("PASTED").reveal() == stored


def test_a_name_that_is_there_is_replaced_only_after_a_word_of_it(
    stub: Stub, open_vault: VaultKernel
) -> None:
    view = open_vault.show(stub)
    view.get_by_role("button", name="Add a secret…").click()
    dialog = stub.page.get_by_role("dialog", name="Add a secret")
    dialog.get_by_label("Name", exact=True).fill(NAME)
    expect(dialog.get_by_text(f"The vault has a {NAME} already")).to_be_visible()
    dialog.get_by_label("Value", exact=True).fill("new")
    dialog.get_by_role("button", name="Replace").click()
    expect(dialog).to_have_count(0)
    assert open_vault.vault.get(NAME).reveal() == "new"


def test_a_change_elsewhere_is_not_overwritten_unseen(
    stub: Stub, open_vault: VaultKernel
) -> None:
    open_vault.show(stub)
    chosen(stub, "Replace…")
    dialog = stub.page.get_by_role("dialog", name=f"Replace {NAME}")
    dialog.get_by_label("New value", exact=True).fill("mine")
    open_vault.vault.set(NAME, "theirs")
    dialog.get_by_role("button", name="Replace", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("was changed elsewhere")
    assert open_vault.vault.get(NAME).reveal() == "theirs"
    dialog.get_by_role("button", name="Replace the newer one").click()
    expect(dialog).to_have_count(0)
    assert open_vault.vault.get(NAME).reveal() == "mine"


@pytest.mark.parametrize("gone", [True, False])
def test_a_deletion_names_what_it_deletes_and_is_not_of_what_is_newer(
    stub: Stub, open_vault: VaultKernel, *, gone: bool
) -> None:
    open_vault.show(stub)
    chosen(stub, "Delete…")
    dialog = stub.page.get_by_role("dialog", name=f"Delete {NAME}?")
    if gone:
        open_vault.vault.remove(NAME)
    else:
        open_vault.vault.set(NAME, "theirs")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    where = "deleted" if gone else "changed"
    expect(dialog.get_by_role("alert")).to_contain_text(f"was {where} elsewhere")
    if gone:
        dialog.get_by_role("button", name="Cancel").click()
    else:
        dialog.get_by_role("button", name="Delete the newer one").click()
    expect(dialog).to_have_count(0)
    assert open_vault.vault.names() == []


def test_after_a_deletion_the_focus_stays_in_the_view(
    stub: Stub, open_vault: VaultKernel
) -> None:
    open_vault.vault.set("OTHER", "x")
    view = open_vault.show(stub)
    view.get_by_role("row").first.focus()
    stub.page.keyboard.press("Delete")
    stub.page.get_by_role("button", name="Delete", exact=True).press("Enter")
    expect(view.get_by_role("row")).to_have_count(1)
    expect(view.get_by_label("Find a secret", exact=True)).to_be_focused()


def test_the_first_mark_is_explained_and_later_ones_are_not(
    stub: Stub, open_vault: VaultKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OTHER_TOKEN", raising=False)
    open_vault.vault.set("OTHER_TOKEN", "x")
    view = open_vault.show(stub)
    switch = view.get_by_role("switch", name=f"In the environment {NAME}")
    switch.click()
    dialog = stub.page.get_by_role("dialog", name=f"Put {NAME} into the environment?")
    expect(dialog.get_by_text("os.environ")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    assert NAME not in os.environ
    switch.click()
    dialog.get_by_role("button", name="Put it there").click()
    expect(switch).to_have_attribute("aria-checked", "true")
    assert os.environ[NAME] == VALUE
    other = view.get_by_role("switch", name="In the environment OTHER_TOKEN")
    other.click()
    expect(other).to_have_attribute("aria-checked", "true")
    assert os.environ["OTHER_TOKEN"] == "x"
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    assert NAME not in os.environ
    other.click()
    expect(other).to_have_attribute("aria-checked", "false")


def test_what_cannot_be_in_the_environment_says_why(stub: Stub) -> None:
    view = shown(stub, OPEN)
    for name, reason in (
        ("LD_PRELOAD", "It changes how programs run."),
        ("my mail", "Its name cannot be a variable's."),
    ):
        switch = view.get_by_role("switch", name=f"In the environment {name}")
        expect(switch).to_have_attribute("aria-disabled", "true")
        expect(switch).to_have_accessible_description(reason)
        switch.click(force=True)
    assert stub.asked("mark") == []
    shadowed = view.get_by_role("row").filter(has_text="ANTHROPIC_API_KEY")
    expect(shadowed).to_contain_text("also set in the environment, which comes first")


@pytest.mark.parametrize("what", ["add", "password", "restore", "import"])
def test_a_lock_takes_along_what_was_opened_and_typed(
    stub: Stub, open_vault: VaultKernel, what: str
) -> None:
    view = open_vault.show(stub)
    if what == "add":
        view.get_by_role("button", name="Add a secret…").click()
    else:
        view.get_by_role("button", name="More", exact=True).click()
        labels = {
            "password": "Change the password…",
            "restore": "Restore a backup…",
            "import": "Import…",
        }
        stub.page.get_by_role("menuitem", name=labels[what]).click()
    dialog = stub.page.locator("dialog[open]")
    dialog.locator("input:not([type=radio])").last.fill(OTHER)
    open_vault.vault.lock()
    open_vault.look()
    expect(view.get_by_text("The vault is locked")).to_be_visible()
    expect(dialog).to_have_count(0)
    assert told(stub, OTHER) == []
    open_vault.vault.unlock(PASSWORD)
    open_vault.look()
    expect(view.get_by_role("timer")).to_be_visible()
    expect(dialog).to_have_count(0)


def test_ten_thousand_secrets_are_as_quick_as_ten(stub: Stub) -> None:
    entries = [secret(f"SECRET_{number:05}") for number in range(10_000)]
    view = shown(stub, {**OPEN, "entries": entries})
    expect(view.get_by_role("status").get_by_text("10,000 secrets")).to_be_visible()
    assert view.get_by_role("row").count() < 60
    view.get_by_role("row").first.focus()
    stub.page.keyboard.press("End")
    last = view.get_by_role("row").filter(has_text="SECRET_09999")
    expect(last).to_be_focused()
    assert view.get_by_role("row").count() < 60
    view.get_by_label("Find a secret", exact=True).fill("04217")
    expect(view.get_by_text("1 of 10,000 secrets")).to_be_visible()
    expect(view.get_by_role("row")).to_contain_text("SECRET_04217")
    view.get_by_label("Find a secret", exact=True).fill("nothing")
    expect(view.get_by_text("No secret matches")).to_be_visible()
    view.get_by_role("button", name="Show all").click()
    assert view.get_by_role("row").count() > 1


def test_all_of_a_row_is_reached_by_keys(stub: Stub) -> None:
    view = shown(stub, OPEN)
    walk = keyboard_walk(stub.page)
    assert walk.problems == []
    assert f"Reveal {OPEN['entries'][0]['name']}" in walk.stops
    view.get_by_role("row").first.focus()
    stub.page.keyboard.press("ArrowDown")
    expect(view.get_by_role("row").nth(1)).to_be_focused()
    stub.page.keyboard.press("Tab")
    switch = view.get_by_role("switch", name="In the environment GITHUB_TOKEN")
    expect(switch).to_be_focused()
