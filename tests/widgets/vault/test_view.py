"""The vault's view, on the kernel's side: what it does and what it sends."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.vaults.errors import VaultLockedError
from parllama_nb.vaults.timer import Limits, LockTimer
from parllama_nb.vaults.user_vault import user_vault
from parllama_nb.vaults.vault import Vault
from parllama_nb.widgets.vault.view import VaultView

from ...importers.parllama_files import secrets_json
from ...vaults.weak import OTHER, PASSWORD, weak_policy
from ...virtual_time import VirtualLoop
from ..recording import Page
from ..room import Room, Shown, answer
from ..sealing import Opener, seal

NAME = "GROQ_API_KEY"
VALUE = "gsk-sentinel-51d0c7be22f4"

Ask = Callable[..., dict[str, Any]]
Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def vault(app: Parllama) -> Vault:
    app.vault.policy = weak_policy()
    return app.vault


@pytest.fixture
def view(page: Page, app: Parllama, vault: Vault) -> VaultView:
    del vault
    return VaultView(app)


@pytest.fixture
def ask(page: Page, view: VaultView, loop: VirtualLoop) -> Ask:
    return lambda method, **params: answer(page, view, loop, method, **params)


@pytest.fixture
def send(ask: Ask) -> Ask:
    """Ask for something with sealed texts."""

    def send(method: str, texts: dict[str, str], **params: Any) -> dict[str, Any]:
        key = ask("sealing_key")["result"]
        return ask(method, sealed=seal(key, method, texts), **params)

    return send


@pytest.fixture
def until(app: Parllama, page: Page, loop: VirtualLoop) -> Until:
    return Room(app, page, loop).until


class ShownVault(Shown):
    """What a page shows of the vault."""

    state: dict[str, Any]
    entries: list[dict[str, Any]]

    def show(self, snapshot: dict[str, Any]) -> None:
        self.state = {k: v for k, v in snapshot.items() if k not in ("seq", "entries")}
        self.entries = snapshot["entries"]

    def change(self, event: str, data: dict[str, Any]) -> None:
        if event == "vault":
            self.state = data
        else:
            assert event == "entries"
            self.entries = data["entries"]

    @property
    def names(self) -> list[str]:
        return [entry["name"] for entry in self.entries]


@pytest.fixture
def shown(page: Page, view: VaultView, ask: Ask) -> Callable[[], ShownVault]:
    """All that the view shows by now."""
    first = ask("hello")["result"]
    comm = view.comm.comm_id

    def shown() -> ShownVault:
        known = ShownVault(first)
        for sender, kind, data, _ in page.sent:
            content = data.get("content", {})
            if (sender, kind) == (comm, "comm_msg") and content.get("type") == "event":
                known.hear(content)
        return known

    return shown


def test_a_vault_is_created_filled_and_locked(
    page: Page, vault: Vault, send: Ask, ask: Ask, shown: Callable[[], ShownVault]
) -> None:
    assert shown().state["state"] == "absent"
    made = send("create", {"password": PASSWORD})
    assert made["result"] == {"word": "very strong"}
    assert shown().state["state"] == "unlocked"
    assert 0 < shown().state["left"] <= 900
    assert send("set", {"value": VALUE}, name=f" {NAME} ", expect=0)["result"] == {}
    (entry,) = shown().entries
    assert entry["name"] == NAME
    assert entry["exportable"]
    assert not entry["export"]
    assert abs(entry["modified"] - time.time()) < 60
    assert vault.get(NAME).reveal() == VALUE
    assert ask("lock")["result"] == {}
    assert shown().state["state"] == "locked"
    assert shown().entries == []
    said = json.dumps(page.sent, default=repr)
    assert VALUE not in said
    assert PASSWORD not in said


def test_two_views_and_a_cell_see_the_same_vault(
    page: Page,
    app: Parllama,
    vault: Vault,
    loop: VirtualLoop,
    shown: Callable[[], ShownVault],
    until: Until,
) -> None:
    vault.create(PASSWORD)
    vault.set("A_KEY", VALUE)
    until(lambda: shown().names == ["A_KEY"])
    other = VaultView(app)
    assert answer(page, other, loop, "hello")["result"]["state"] == "unlocked"
    answer(page, other, loop, "lock")
    until(lambda: shown().state["state"] == "locked" and shown().names == [])


def test_what_another_kernel_writes_is_shown(
    vault: Vault, shown: Callable[[], ShownVault], until: Until
) -> None:
    vault.create(PASSWORD)
    elsewhere = user_vault()
    elsewhere.policy = weak_policy()
    elsewhere.unlock(PASSWORD)
    elsewhere.set("FAR_KEY", VALUE)
    until(lambda: shown().names == ["FAR_KEY"])
    elsewhere.change_password(PASSWORD, OTHER)
    until(lambda: shown().state["state"] == "locked")
    assert "changed elsewhere" in shown().state["why_locked"]
    elsewhere.close()


def test_a_vault_that_another_kernel_makes_meanwhile_is_not_made_again(
    send: Ask, shown: Callable[[], ShownVault], until: Until
) -> None:
    assert shown().state["state"] == "absent"
    elsewhere = user_vault()
    elsewhere.policy = weak_policy()
    elsewhere.create(OTHER)
    assert send("create", {"password": PASSWORD})["error"]["code"] == "vault-exists"
    until(lambda: shown().state["state"] == "locked")
    assert send("unlock", {"password": OTHER})["result"]["state"] == "unlocked"
    elsewhere.close()


def test_an_emoji_password_opens_in_either_normal_form(
    vault: Vault, send: Ask, shown: Callable[[], ShownVault]
) -> None:
    composed = "caf\u00e9 \U0001f469\u200d\U0001f680 magnetic yawning pelicans"
    send("create", {"password": composed})
    vault.lock()
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    assert "result" in send("unlock", {"password": decomposed})
    assert shown().state["state"] == "unlocked"


def test_a_shown_vault_locks_as_soon_as_one_that_nobody_looks_at(
    vault: Vault, ask: Ask, shown: Callable[[], ShownVault], until: Until
) -> None:
    vault.create(PASSWORD)
    vault.set(NAME, VALUE)
    now = [1000.0]
    vault._access.timer = LockTimer(Limits(idle=900), (lambda: now[0],))
    now[0] += 899
    for _ in range(3):
        assert ask("hello")["result"]["state"] == "unlocked"
        assert ask("vault", name=NAME)["result"]["found"]
    now[0] += 1
    until(lambda: shown().state["state"] == "locked")
    with pytest.raises(VaultLockedError):
        vault.names()


def test_a_use_puts_the_lock_off_and_the_view_says_so(
    vault: Vault, ask: Ask, shown: Callable[[], ShownVault], until: Until
) -> None:
    vault.create(PASSWORD)
    now = [1000.0]
    vault._access.timer = LockTimer(Limits(idle=900), (lambda: now[0],))
    now[0] += 600
    assert ask("hello")["result"]["left"] == 300
    vault.names()
    until(lambda: shown().state["left"] == 900)


def test_a_wrong_password_is_told_with_the_seconds_to_wait(
    vault: Vault, send: Ask, shown: Callable[[], ShownVault]
) -> None:
    vault.create(PASSWORD)
    vault.lock()
    first = send("unlock", {"password": OTHER})["error"]
    assert first["code"] == "wrong-password"
    send("unlock", {"password": OTHER})
    third = send("unlock", {"password": PASSWORD})["error"]
    assert third["code"] == "wait"
    assert 0 < third["wait"] <= 1
    assert 0 < shown().state["wait"] <= 1


def test_a_revealed_value_comes_sealed_to_the_view_that_asked(
    page: Page, vault: Vault, ask: Ask, shown: Callable[[], ShownVault]
) -> None:
    vault.create(PASSWORD)
    vault.set(NAME, VALUE)
    own, other = Opener(), Opener()
    sealed = ask("reveal", name=NAME, public_key=own.public_key)["result"]["sealed"]
    assert own.open(sealed, f"reveal/{NAME}") == VALUE
    with pytest.raises(Exception, match=r"^$"):
        other.open(sealed, f"reveal/{NAME}")
    with pytest.raises(Exception, match=r"^$"):
        own.open(sealed, "reveal/OTHER")
    assert VALUE not in json.dumps(page.sent, default=repr)
    missing = ask("reveal", name="NONE", public_key=own.public_key)["error"]
    assert missing["code"] == "secret-missing"
    assert ask("reveal", name=NAME, public_key="AAAA")["error"]["code"] == "sealing"
    vault.lock()
    assert (
        ask("reveal", name=NAME, public_key=own.public_key)["error"]["code"]
        == "vault-locked"
    )


def test_nothing_is_overwritten_that_the_view_has_not_seen(
    vault: Vault, send: Ask, ask: Ask, shown: Callable[[], ShownVault]
) -> None:
    vault.create(PASSWORD)
    seen = vault.set(NAME, "first")
    vault.set(NAME, "second")
    for expect in (0, seen):
        refused = send("set", {"value": VALUE}, name=NAME, expect=expect)
        assert refused["error"]["code"] == "vault-conflict"
    assert ask("remove", name=NAME, expect=seen)["error"]["code"] == "vault-conflict"
    (entry,) = shown().entries
    done = send("set", {"value": VALUE}, name=NAME, expect=entry["version"])
    assert done["result"] == {}
    assert vault.get(NAME).reveal() == VALUE
    (entry,) = shown().entries
    assert ask("remove", name=NAME, expect=entry["version"])["result"] == {}
    assert shown().entries == []


def test_a_mark_puts_a_secret_into_the_environment_and_takes_it_out(
    vault: Vault,
    ask: Ask,
    shown: Callable[[], ShownVault],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOTH_KEY", "another value")
    vault.create(PASSWORD)
    for name in ("A_KEY", "BOTH_KEY", "PATH"):
        vault.set(name, VALUE)
    ask("mark", name="A_KEY", export=True)
    marked = {each["name"]: each for each in shown().entries}
    assert marked["A_KEY"]["export"]
    assert not marked["A_KEY"]["shadowed"]
    assert marked["BOTH_KEY"]["shadowed"]
    assert not marked["PATH"]["exportable"]
    assert ask("mark", name="PATH", export=True)["error"]["code"] == "secret-refused"
    ask("mark", name="A_KEY", export=False)
    assert not any(each["export"] for each in shown().entries)


def test_the_password_is_changed_by_whoever_knows_the_old_one(
    vault: Vault, send: Ask, shown: Callable[[], ShownVault]
) -> None:
    vault.create(PASSWORD)
    wrong = send("change_password", {"old": OTHER, "new": OTHER})
    assert wrong["error"]["code"] == "wrong-password"
    weak = send("change_password", {"old": PASSWORD, "new": "Password1!"})
    assert weak["error"]["code"] == "weak-password"
    assert send("change_password", {"old": PASSWORD, "new": OTHER})["result"]["word"]
    vault.lock()
    vault.unlock(OTHER)


def test_a_backup_is_listed_previewed_and_put_back(
    vault: Vault, send: Ask, ask: Ask, shown: Callable[[], ShownVault], tmp_path: Path
) -> None:
    vault.create(PASSWORD)
    vault.set("KEPT", "v")
    vault.set("CHANGED", "old")
    made = ask("backup")["result"]["path"]
    named = ask("backup", path=str(tmp_path / "mine.db"))["result"]["path"]
    assert Path(named).is_file()
    vault.set("CHANGED", "new")
    vault.set("ADDED", "v")
    listed = ask("backups")["result"]
    assert [each["path"] for each in listed["backups"]] == [made]
    assert listed["backups"][0]["why"] == "backup"
    assert abs(listed["backups"][0]["made"] - time.time()) < 60
    vault.change_password(PASSWORD, OTHER)
    refused = send("restore", {"password": OTHER}, path=made)
    assert refused["error"]["code"] == "wrong-password"
    preview = send("restore", {"password": PASSWORD}, path=made)["result"]
    assert preview["removed"] == ["ADDED"]
    assert preview["changed"] == ["CHANGED"]
    assert preview["same"] == 1
    assert shown().names == ["ADDED", "CHANGED", "KEPT"]
    done = send("restore", {"password": PASSWORD}, path=made, apply=True)["result"]
    assert Path(done["kept"]).is_file()
    assert shown().names == ["CHANGED", "KEPT"]


def test_the_log_is_paged_and_names_what_still_exists(
    vault: Vault, ask: Ask, shown: Callable[[], ShownVault]
) -> None:
    vault.create(PASSWORD)
    for number in range(120):
        vault.set(NAME, f"value {number}")
    first = ask("audit")["result"]
    assert first["checked"]
    assert first["problem"] == ""
    assert first["total"] == 121
    assert first["more"]
    assert first["entries"][0]["names"] == [NAME]
    second = ask("audit", before=first["entries"][-1]["seq"])["result"]
    assert not second["more"]
    numbers = [each["seq"] for each in first["entries"] + second["entries"]]
    assert numbers == list(range(121, 0, -1))
    vault.lock()
    locked = ask("audit")["result"]
    assert not locked["checked"]
    assert locked["entries"][0]["event"] == "lock"


def test_secrets_of_par_llama_are_read_chosen_and_imported(
    page: Page,
    vault: Vault,
    send: Ask,
    ask: Ask,
    shown: Callable[[], ShownVault],
    tmp_path: Path,
) -> None:
    vault.create(PASSWORD)
    vault.set("B_KEY", "here already")
    path = tmp_path / "secrets.json"
    values = {"A_KEY": VALUE, "B_KEY": "theirs", "C_KEY": "c"}
    path.write_text(secrets_json("their password", values, exports={"A_KEY": True}))
    found = ask("import_file", path=str(path))["result"]
    assert found == {"path": str(path), "password": True}
    wrong = send("import_read", {"password": "x"}, path=str(path))
    assert wrong["error"]["code"] == "wrong-password"
    read = send("import_read", {"password": "their password"}, path=str(path))
    rows = {row["name"]: row for row in read["result"]["rows"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        "A_KEY": "new",
        "B_KEY": "exists",
        "C_KEY": "new",
    }
    assert rows["A_KEY"]["exported"]
    done = ask("import", names=["A_KEY", "C_KEY"])["result"]
    assert done == {"count": 2}
    assert shown().names == ["A_KEY", "B_KEY", "C_KEY"]
    assert vault.get("B_KEY").reveal() == "here already"
    assert not any(each["export"] for each in shown().entries)
    again = ask("import", names=["A_KEY"])
    assert again["error"]["hint"] == "Read the file again."
    said = json.dumps(page.sent, default=repr)
    assert VALUE not in said
    assert "their password" not in said


def test_what_was_read_from_a_file_is_gone_when_the_vault_locks(
    vault: Vault,
    ask: Ask,
    view: VaultView,
    shown: Callable[[], ShownVault],
    tmp_path: Path,
) -> None:
    vault.create(PASSWORD)
    path = tmp_path / ".env"
    path.write_text(f"A_KEY={VALUE}\n")
    assert ask("import_read", path=str(path))["result"]["rows"][0]["name"] == "A_KEY"
    held = view._file._secrets
    assert held is not None
    ask("lock")
    assert view._file._secrets is None
    assert not any(held.values["A_KEY"])
    shown()


def test_a_vault_that_cannot_be_read_is_said_and_the_view_goes_on(
    vault: Vault, shown: Callable[[], ShownVault], until: Until
) -> None:
    vault.create(PASSWORD)
    vault.lock()
    path = Path(vault.storage.place)
    whole = path.read_bytes()
    path.write_bytes(b"no database" * 1000)
    until(lambda: "problem" in shown().state)
    assert shown().state["problem"]["code"] in {"vault-damaged", "vault-storage"}
    path.write_bytes(whole)
    until(lambda: "problem" not in (now := shown().state) and now["state"] == "locked")


def test_a_vault_with_its_password_in_the_environment_is_not_asked_for_it(
    page: Page, app: Parllama, vault: Vault, loop: VirtualLoop
) -> None:
    vault.create(PASSWORD)
    vault.lock("auto-lock")
    app.keychain.unattended._password = bytearray(PASSWORD, "utf-8")
    view = VaultView(app)
    assert answer(page, view, loop, "hello")["result"]["state"] == "unlocked"
    # Whoever locks it wants it locked.
    answer(page, view, loop, "lock")
    assert answer(page, view, loop, "hello")["result"]["state"] == "locked"


def test_a_view_without_a_page_says_the_state_in_words(app: Parllama) -> None:
    view = VaultView(app, "The vault is locked.")
    assert view.output()["text/plain"] == "The vault is locked."
