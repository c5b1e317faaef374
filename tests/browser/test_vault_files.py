"""Around the vault, in its view: password, backups, files of secrets, the log."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from parllama_nb.errors import ParllamaError

from ..importers.parllama_files import OLD, secrets_json
from ..vaults.weak import OTHER, PASSWORD
from .accessibility import axe_violations
from .vault_data import OPEN, shown, told

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from .harness import Stub
    from .vault_kernel import VaultKernel

_UTC = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")

LEGACY = "a password of PAR LLAMA 41"


@pytest.fixture
def open_vault(vault_kernel: VaultKernel) -> VaultKernel:
    """A vault that is unlocked and holds one secret."""
    vault_kernel.vault.create(PASSWORD)
    vault_kernel.vault.set("HF_TOKEN", "hf")
    return vault_kernel


def opened(stub: Stub, item: str, title: str) -> Locator:
    """A dialog of the menu."""
    stub.page.get_by_role("button", name="More", exact=True).click()
    stub.page.get_by_role("menuitem", name=item).click()
    dialog = stub.page.get_by_role("dialog", name=title)
    expect(dialog).to_be_visible()
    return dialog


def test_the_password_is_changed(stub: Stub, open_vault: VaultKernel) -> None:
    open_vault.show(stub)
    dialog = opened(stub, "Change the password…", "Change the password")
    old = dialog.get_by_label("Present password", exact=True)
    expect(old).to_be_focused()
    old.fill("not the password")
    dialog.get_by_label("New password", exact=True).fill(OTHER)
    again = dialog.get_by_label("The same password again", exact=True)
    again.fill(OTHER)
    again.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("The password is wrong.")
    old.fill(PASSWORD)
    old.press("Enter")
    expect(dialog).to_have_count(0)
    open_vault.vault.unlock(OTHER)
    with pytest.raises(ParllamaError):
        open_vault.vault.unlock(PASSWORD)
    assert told(stub, PASSWORD) == []
    assert told(stub, OTHER) == []


def test_a_backup_is_made_and_put_back(
    stub: Stub, open_vault: VaultKernel, tmp_path: Path
) -> None:
    view = open_vault.show(stub)
    dialog = opened(stub, "Back up…", "Back up the vault")
    dialog.get_by_role("button", name="Back up").click()
    expect(dialog.get_by_role("status")).to_contain_text("the copy is checked")
    expect(dialog.get_by_role("status")).to_contain_text("backups")
    there = tmp_path / "copy.db"
    dialog.get_by_label("File", exact=True).fill(str(there))
    dialog.get_by_label("File", exact=True).press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text(str(there))
    dialog.get_by_role("button", name="Back up").click()
    expect(dialog.get_by_role("alert")).to_contain_text("exists already")
    stub.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    open_vault.vault.set("HF_TOKEN", "newer")
    open_vault.vault.set("ADDED_SINCE", "x")
    open_vault.look()
    expect(view.get_by_role("row")).to_have_count(2)
    dialog = opened(stub, "Restore a backup…", "Restore a backup")
    expect(dialog.get_by_role("radio")).to_be_checked()
    password = dialog.get_by_label("Password of the backup", exact=True)
    password.fill(OTHER)
    password.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("The password is wrong.")
    password.fill(PASSWORD)
    password.press("Enter")
    expect(dialog.get_by_text("Nothing is changed yet.")).to_be_visible()
    expect(dialog.locator("dl")).to_contain_text("RemovedADDED_SINCE")
    expect(dialog.locator("dl")).to_contain_text("Set to an older valueHF_TOKEN")
    assert open_vault.vault.names() == ["ADDED_SINCE", "HF_TOKEN"]
    assert told(stub, PASSWORD) == []
    assert axe_violations(stub.page, "dialog[open]") == []
    dialog.get_by_role("button", name="Restore", exact=True).click()
    done = stub.page.get_by_role("dialog", name="The backup is restored")
    expect(done).to_contain_text("The vault as it was before is kept:")
    assert open_vault.vault.get("HF_TOKEN").reveal() == "hf"
    assert open_vault.vault.names() == ["HF_TOKEN"]
    done.get_by_role("button", name="Close").last.click()
    expect(view.get_by_role("row")).to_have_count(1)


def test_a_locked_vault_can_be_restored(stub: Stub, open_vault: VaultKernel) -> None:
    copy = open_vault.vault.backup()
    open_vault.vault.lock()
    view = open_vault.show(stub)
    dialog = opened(stub, "Restore a backup…", "Restore a backup")
    expect(dialog.get_by_label("Its file, or another one")).to_have_value(str(copy))
    password = dialog.get_by_label("Password of the backup", exact=True)
    password.fill(PASSWORD)
    password.press("Enter")
    expect(dialog).to_contain_text("The vault is locked, so that what would change")
    expect(dialog.locator("dl")).to_contain_text("It holdsHF_TOKEN")
    dialog.get_by_role("button", name="Restore", exact=True).click()
    done = stub.page.get_by_role("dialog", name="The backup is restored")
    expect(done).to_contain_text("is kept:")
    done.get_by_role("button", name="Close").last.click()
    expect(view.get_by_role("timer")).to_be_visible()
    assert told(stub, PASSWORD) == []


@pytest.mark.parametrize("iterations", [600_000, OLD])
def test_secrets_of_par_llama_are_chosen_and_imported(
    stub: Stub,
    open_vault: VaultKernel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    iterations: int,
) -> None:
    monkeypatch.setenv("PARLLAMA_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    found = {"HF_TOKEN": "other", "XAI_API_KEY": "x-1", "GROQ_API_KEY": "g-1"}
    exports = {"HF_TOKEN": False, "XAI_API_KEY": True, "GROQ_API_KEY": False}
    text = secrets_json(LEGACY, found, iterations=iterations, exports=exports)
    (tmp_path / "secrets.json").write_text(text)
    view = open_vault.show(stub)
    dialog = opened(stub, "Import…", "Import secrets")
    password = dialog.get_by_label("Password of the file", exact=True)
    password.fill("wrong")
    password.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("does not open")
    password.fill(LEGACY)
    password.press("Enter")
    expect(dialog.get_by_role("checkbox")).to_have_count(3)
    assert told(stub, LEGACY) == []
    assert axe_violations(stub.page, "dialog[open]") == []
    expect(dialog.get_by_label("XAI_API_KEY", exact=True)).to_be_checked()
    expect(dialog.get_by_label("HF_TOKEN", exact=True)).not_to_be_checked()
    expect(dialog.get_by_text("The vault has it: replace")).to_be_visible()
    dialog.get_by_label("GROQ_API_KEY", exact=True).uncheck()
    dialog.get_by_role("switch", name="Also put into the environment").click()
    dialog.get_by_role("button", name="Import 1 secret").click()
    expect(dialog).to_have_count(0)
    expect(view.get_by_role("row")).to_have_count(2)
    assert open_vault.vault.get("XAI_API_KEY").reveal() == "x-1"
    assert open_vault.vault.get("HF_TOKEN").reveal() == "hf"
    assert os.environ["XAI_API_KEY"] == "x-1"
    assert (tmp_path / "secrets.json").read_text() == text


def test_a_file_of_variables_is_imported_without_a_password(
    stub: Stub, open_vault: VaultKernel, tmp_path: Path
) -> None:
    path = tmp_path / "keys.env"
    path.write_text("XAI_API_KEY=x-1\n")
    open_vault.show(stub)
    dialog = opened(stub, "Import…", "Import secrets")
    field = dialog.get_by_label("File", exact=True)
    field.fill(str(tmp_path / "nothing.json"))
    field.press("Enter")
    expect(dialog.get_by_role("alert")).to_be_visible()
    field.fill(str(path))
    field.press("Enter")
    expect(dialog.get_by_role("checkbox")).to_have_count(1)
    expect(dialog.get_by_role("switch")).to_have_count(0)
    dialog.get_by_role("button", name="Import 1 secret").click()
    expect(dialog).to_have_count(0)
    assert open_vault.vault.get("XAI_API_KEY").reveal() == "x-1"


def test_a_file_that_was_read_is_forgotten_with_its_dialog(
    stub: Stub, open_vault: VaultKernel, tmp_path: Path
) -> None:
    path = tmp_path / "keys.env"
    path.write_text("XAI_API_KEY=x-1\n")
    open_vault.show(stub)
    dialog = opened(stub, "Import…", "Import secrets")
    dialog.get_by_label("File", exact=True).fill(str(path))
    dialog.get_by_label("File", exact=True).press("Enter")
    expect(dialog.get_by_role("checkbox")).to_have_count(1)
    assert open_vault.view._file._secrets is not None
    dialog.get_by_role("button", name="Cancel").click()
    stub.page.wait_for_function(
        "widgets.at(-1).requests.some(({ method }) => method === 'import_drop')"
    )
    expect(dialog).to_have_count(0)
    open_vault.look()
    assert open_vault.view._file._secrets is None


def test_the_log_is_read_page_by_page_and_is_complete(
    stub: Stub, open_vault: VaultKernel
) -> None:
    for number in range(120):
        open_vault.vault.set("HF_TOKEN", str(number))
    open_vault.show(stub)
    dialog = opened(stub, "Audit log…", "Audit log")
    rows = dialog.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(100)
    expect(dialog.get_by_text("Complete: 122 entries")).to_be_visible()
    expect(rows.first).to_contain_text("Secrets changed")
    expect(rows.first).to_contain_text("HF_TOKEN")
    expect(rows.first.locator("time")).to_have_attribute("title", _UTC)
    assert axe_violations(stub.page, "dialog[open]") == []
    dialog.get_by_role("button", name="Load more").click()
    expect(dialog.get_by_role("button", name="Load more")).to_have_count(0)
    dialog.locator(".pl-table-box").evaluate("at => at.scrollTo(0, at.scrollHeight)")
    expect(rows).to_have_count(122)
    expect(rows.last).to_contain_text("Created")
    stub.page.keyboard.press("Escape")
    open_vault.vault.lock()
    open_vault.look()
    dialog = opened(stub, "Audit log…", "Audit log")
    expect(dialog.get_by_text("which cannot be checked while the vault is locked"))
    expect(rows.first).to_contain_text("Locked")


def test_a_damaged_log_is_said(stub: Stub) -> None:
    log = {"entries": [], "total": 0, "more": False, "checked": True}
    damaged = {**log, "problem": "an entry is missing"}
    shown(stub, OPEN, answers={"audit": {"": {"result": damaged}}})
    dialog = opened(stub, "Audit log…", "Audit log")
    alert = dialog.get_by_role("alert")
    expect(alert).to_contain_text("The log is damaged: an entry is missing.")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("Change the password…", "Change the password"),
        ("Back up…", "Back up the vault"),
        ("Restore a backup…", "Restore a backup"),
        ("Import…", "Import secrets"),
    ],
)
def test_everyone_can_use_its_dialogs(
    stub: Stub, theme: str, item: str, title: str
) -> None:
    answers: dict[str, Any] = {
        "backups": {"": {"result": {"folder": "/b", "backups": []}}},
        "import_file": {"": {"result": {"path": "/s.json", "password": True}}},
    }
    stub.theme(theme)
    shown(stub, OPEN, answers=answers)
    dialog = opened(stub, item, title)
    expect(dialog.locator("input").first).to_be_focused()
    assert axe_violations(stub.page, "dialog[open]") == []
    stub.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(stub.page.get_by_role("button", name="More", exact=True)).to_be_focused()
