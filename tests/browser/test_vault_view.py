"""The view of the vault, from no vault to an unlocked one, as its user meets it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from parllama_nb.vaults.strength import strength

from ..vaults.weak import OTHER, PASSWORD
from .accessibility import axe_violations, keyboard_walk
from .harness import Sealing, open_stub
from .vault_data import LOCKED, OPEN, secret, shown, told

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator

    from .harness import Stub
    from .vault_kernel import VaultKernel

WRONG = {"code": "wrong-password", "message": "This is not the password of the vault."}


def failing(**error: Any) -> dict[str, Any]:
    return {"unlock": {"": {"error": error}}}


def password_of(view: Locator) -> Locator:
    return view.get_by_label("Password of the vault", exact=True)


def create(view: Locator, password: str = PASSWORD) -> None:
    view.get_by_label("Password of the new vault", exact=True).fill(password)
    again = view.get_by_label("The same password again", exact=True)
    again.fill(password)
    again.press("Enter")
    expect(view.get_by_text("Unlocked, locks in 15 min")).to_be_visible()


def test_a_vault_is_created_and_its_password_is_nowhere(
    stub: Stub, vault_kernel: VaultKernel
) -> None:
    view = vault_kernel.show(stub)
    expect(view.get_by_text("There is no vault yet")).to_be_visible()
    make = view.get_by_role("button", name="Create the vault")
    expect(make).to_have_attribute("aria-disabled", "true")
    create(view)
    assert vault_kernel.vault.state == "unlocked"
    vault_kernel.vault.unlock(PASSWORD)
    assert told(stub, PASSWORD) == []
    # What may come next is one click away.
    stub.page.get_by_role("button", name="Import from PAR LLAMA…").first.click()
    expect(stub.page.get_by_role("dialog", name="Import secrets")).to_be_visible()


def test_a_weak_password_is_refused_with_the_reason(
    stub: Stub, vault_kernel: VaultKernel
) -> None:
    view = vault_kernel.show(stub)
    first = view.get_by_label("Password of the new vault", exact=True)
    again = view.get_by_label("The same password again", exact=True)
    first.fill("Password1!")
    meter = view.get_by_role("meter", name="Strength of the password")
    expect(meter).to_have_attribute("aria-valuetext", "very weak")
    again.fill("Password1")
    expect(view.get_by_role("alert")).to_have_text("The two passwords differ.")
    again.press("Enter")
    again.fill("Password1!")
    again.press("Enter")
    expect(view.get_by_role("alert")).to_contain_text("The password is very weak")
    assert vault_kernel.vault.state == "absent"
    assert len(stub.asked("create")) == 1


def test_twenty_unlocks_send_nothing_per_key_and_never_the_password(
    stub: Stub, vault_kernel: VaultKernel
) -> None:
    vault_kernel.vault.create(PASSWORD)
    view = vault_kernel.show(stub)
    for _ in range(20):
        vault_kernel.vault.lock()
        vault_kernel.look()
        before = stub.page.evaluate("widgets.at(-1).requests.length")
        field = password_of(view)
        field.press_sequentially(PASSWORD)
        assert stub.page.evaluate("widgets.at(-1).requests.length") == before
        field.press("Enter")
        expect(view.get_by_role("timer")).to_be_visible()
        assert told(stub, PASSWORD) == []
    assert len(stub.asked("unlock")) == 20


def test_a_wrong_password_is_said_and_is_selected_to_be_typed_over(
    stub: Stub, vault_kernel: VaultKernel
) -> None:
    vault_kernel.vault.create(PASSWORD)
    vault_kernel.vault.lock()
    view = vault_kernel.show(stub)
    field = password_of(view)
    field.fill(OTHER)
    field.press("Enter")
    expect(view.get_by_role("alert")).to_have_text("The password is wrong.")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    selected = field.evaluate(
        "at => at.value.slice(at.selectionStart, at.selectionEnd)"
    )
    assert selected == OTHER
    stub.page.keyboard.type(PASSWORD)
    expect(view.get_by_role("alert")).to_have_count(0)
    field.press("Enter")
    expect(view.get_by_role("timer")).to_be_visible()
    assert told(stub, OTHER) == []


def test_a_delay_counts_down_on_the_button(stub: Stub) -> None:
    stub.page.clock.install()
    sealing = Sealing(stub)
    wait = {"code": "wait", "message": "Too soon after a wrong password.", "wait": 7.5}
    view = shown(stub, LOCKED, answers=failing(**wait, hint="Wait 8 s."))
    field = password_of(view)
    field.fill(PASSWORD)
    field.press("Enter")
    expect(view.get_by_role("button", name="Unlock in 8 s")).to_be_visible()
    (asked,) = stub.asked("unlock")
    opened = sealing.opened("unlock", asked["params"]["sealed"])
    assert opened == {"password": PASSWORD}
    field.press("Enter")
    stub.page.clock.run_for(2_000)
    expect(view.get_by_role("button", name="Unlock in 6 s")).to_be_visible()
    assert len(stub.asked("unlock")) == 1
    stub.page.clock.run_for(6_000)
    field.press("Enter")
    # The kernel refuses again, and it begins anew.
    expect(view.get_by_role("button", name="Unlock in 8 s")).to_be_visible()
    assert len(stub.asked("unlock")) == 2


def test_an_older_state_is_opened_only_on_purpose(stub: Stub) -> None:
    sealing = Sealing(stub)
    error = {"code": "vault-rollback", "message": "An older state of itself."}
    view = shown(stub, LOCKED, answers=failing(**error))
    field = password_of(view)
    field.fill(PASSWORD)
    field.press("Enter")
    expect(view.get_by_text("Open it only if that was you.")).to_be_visible()
    view.get_by_role("button", name="Open the older state").click()
    expect(view.get_by_role("button", name="Open the older state")).to_be_visible()
    sent = [each["params"] for each in stub.asked("unlock")]
    assert [each["older"] for each in sent] == [False, True]
    opened = sealing.opened("unlock", sent[1]["sealed"])
    assert opened == {"password": PASSWORD}


@pytest.mark.parametrize("known", [True, False])
def test_damage_leads_to_the_backups(stub: Stub, *, known: bool) -> None:
    error = {"code": "vault-damaged", "message": "The vault is damaged."}
    Sealing(stub)
    snapshot = {**LOCKED, "problem": error} if known else LOCKED
    none = {"backups": {"": {"result": {"folder": "/b", "backups": []}}}}
    view = shown(stub, snapshot, answers={**none, **failing(**error)})
    if not known:
        password_of(view).fill(PASSWORD)
        password_of(view).press("Enter")
    view.get_by_role("alert").get_by_role("button", name="Restore a backup…").click()
    dialog = stub.page.get_by_role("dialog", name="Restore a backup")
    expect(dialog.get_by_label("Password of the backup", exact=True)).to_be_visible()


def test_it_says_why_it_is_locked(stub: Stub) -> None:
    view = shown(stub, {**LOCKED, "why_locked": "The vault has locked itself."})
    expect(view.get_by_text("The vault has locked itself.")).to_be_visible()
    expect(view.get_by_text("/srv/ada/vault.db")).to_be_visible()


def test_no_focus_is_taken_when_a_notebook_is_loaded(stub: Stub) -> None:
    view = shown(stub, LOCKED)
    expect(password_of(view)).to_be_visible()
    expect(password_of(view)).not_to_be_focused()


def test_a_lock_by_the_user_leads_to_the_password(
    stub: Stub, vault_kernel: VaultKernel
) -> None:
    vault_kernel.vault.create(PASSWORD)
    view = vault_kernel.show(stub)
    view.get_by_role("button", name="Lock", exact=True).click()
    expect(password_of(view)).to_be_focused()
    assert vault_kernel.vault.state == "locked"


def test_a_tab_of_the_panel_that_is_opened_leads_to_the_password(stub: Stub) -> None:
    tabs = [{"name": "chat", "title": "Chat"}, {"name": "vault", "title": "Vault"}]
    stub.widget(
        view="panel",
        snapshot={"tabs": tabs},
        answers={"open": {"vault": {"result": {"model_id": "v"}}}},
        hold=["never"],
        children={"v": {"view": "vault", "snapshot": LOCKED}},
    )
    stub.page.get_by_role("tab", name="Vault").click()
    expect(stub.page.get_by_label("Password of the vault", exact=True)).to_be_focused()


def test_when_it_locks_is_counted_in_the_browser_and_said_seldom(stub: Stub) -> None:
    stub.page.clock.install()
    view = shown(stub, {**OPEN, "left": 150.0})
    timer = view.get_by_role("timer")
    expect(timer).to_have_text("Unlocked, locks in 3 min")
    stub.page.evaluate(
        """() => {
          window.changes = 0;
          const seen = new MutationObserver((found) => { changes += found.length; });
          const all = { subtree: true, childList: true, characterData: true };
          seen.observe(document.querySelector("[role=timer]"), all);
        }"""
    )
    stub.page.clock.run_for(40_000)
    expect(timer).to_have_text("Unlocked, locks in 2 min")
    stub.page.clock.run_for(10_000)
    assert stub.page.evaluate("changes") == 1
    stub.page.clock.run_for(50_000)
    expect(timer).to_have_text("Unlocked, locks in less than a minute")
    assert len(stub.asked("hello")) + len(stub.asked("asset")) == len(
        stub.page.evaluate("widgets.at(-1).requests")
    )
    # A use puts it off.
    data = {key: value for key, value in OPEN.items() if key != "entries"}
    stub.tell("vault", **{**data, "left": None})
    expect(timer).to_have_text("Unlocked until you lock it")


def test_two_pages_follow_each_other(
    stub: Stub, vault_kernel: VaultKernel, context: BrowserContext, port: int
) -> None:
    vault_kernel.vault.create(PASSWORD)
    vault_kernel.vault.set("HF_TOKEN", "x")
    vault_kernel.vault.lock()
    first = vault_kernel.show(stub)
    other = open_stub(context, port)
    second = vault_kernel.show(other)
    password_of(first).fill(PASSWORD)
    password_of(first).press("Enter")
    expect(first.get_by_role("timer")).to_be_visible()
    vault_kernel.look()
    expect(second.get_by_role("row")).to_have_count(1)
    second.get_by_role("button", name="Lock", exact=True).click()
    expect(password_of(second)).to_be_visible()
    vault_kernel.look()
    expect(password_of(first)).to_be_visible()
    expect(first.get_by_role("row")).to_have_count(0)
    other.page.close()


def test_a_closed_page_takes_its_requests_back(stub: Stub) -> None:
    Sealing(stub)
    view = shown(stub, LOCKED, hold=["unlock"])
    password_of(view).fill(PASSWORD)
    password_of(view).press("Enter")
    stub.page.wait_for_function(
        "widgets.at(-1).requests.some(({ method }) => method === 'unlock')"
    )
    stub.page.evaluate("widgets.at(-1).close()")
    (asked,) = stub.asked("unlock")
    cancelled = stub.page.evaluate(
        "widgets.at(-1).requests.filter(({ type }) => type === 'cancel')"
    )
    assert [each["request_id"] for each in cancelled] == [asked["request_id"]]


def test_a_kernel_that_does_not_hear_is_said(stub: Stub) -> None:
    shown(stub, LOCKED)  # so that the page has the parts
    stub.widget(view="vault", deaf=True)
    stub.tell("snapshot", **LOCKED)
    expect(stub.page.get_by_text("The kernel is busy")).to_be_visible()


def test_a_view_without_its_kernel_shows_nothing_of_the_vault(stub: Stub) -> None:
    view = shown(stub, OPEN)
    expect(view.get_by_role("row")).not_to_have_count(0)
    stub.page.evaluate(
        """() => {
          const widget = widgets.at(-1);
          widget.deaf = true;
          for (const [heard, name] of [...widget.listeners])
            if (name === "comm_live_update") heard();
        }"""
    )
    expect(view.get_by_text("The kernel of this view has ended")).to_be_visible()
    expect(view.get_by_role("row")).to_have_count(0)


@pytest.mark.parametrize(
    ("snapshot", "command"),
    [
        ({**LOCKED, "state": "absent"}, "%parllama vault create"),
        (LOCKED, "%parllama vault unlock"),
    ],
)
def test_over_plain_http_a_cell_asks_for_the_password(
    plain_stub: Stub, snapshot: dict[str, Any], command: str
) -> None:
    stub = plain_stub
    view = shown(stub, snapshot)
    expect(view.get_by_text("This page cannot encrypt what you type")).to_be_visible()
    expect(view.get_by_text(command, exact=True)).to_be_visible()
    expect(view.locator("input")).to_have_count(0)
    stub.page.evaluate(
        """document.addEventListener("copy", () => {
          window.copied = getSelection().toString() ||
            document.activeElement.value;
        })"""
    )
    view.get_by_role("button", name="Copy").click()
    expect(view.get_by_text("Copied.")).to_be_visible()
    assert stub.page.evaluate("copied") == command
    assert axe_violations(stub.page) == []
    # The view follows what the cell does.
    stub.tell("entries", entries=[secret("HF_TOKEN")])
    stub.tell("vault", **{**LOCKED, "state": "unlocked"})
    expect(view.get_by_role("row")).to_have_count(1)


def test_over_plain_http_what_types_no_secret_still_works(plain_stub: Stub) -> None:
    stub = plain_stub
    backup = {"backup": {"": {"result": {"path": "/b/vault.db"}}}}
    view = shown(stub, OPEN, answers=backup)
    reveal = view.get_by_role("button", name="HF_TOKEN cannot be revealed over http")
    expect(reveal).to_have_attribute("aria-disabled", "true")
    view.get_by_role("switch", name="In the environment HF_TOKEN").click()
    stub.page.wait_for_function(
        "widgets.at(-1).requests.some(({ method }) => method === 'mark')"
    )
    view.get_by_role("button", name="More", exact=True).click()
    stub.page.get_by_role("menuitem", name="Back up…").click()
    stub.page.get_by_role("button", name="Back up", exact=True).click()
    expect(stub.page.get_by_text("/b/vault.db")).to_be_visible()
    stub.page.get_by_role("button", name="Close").last.click()
    view.get_by_role("button", name="Add a secret…").click()
    expect(stub.page.get_by_text("%parllama vault set NAME")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "snapshot",
    [{**LOCKED, "state": "absent"}, LOCKED, OPEN, {**OPEN, "entries": []}],
    ids=["absent", "locked", "unlocked", "empty"],
)
@pytest.mark.parametrize("width", ["420px", "900px"])
def test_everyone_can_use_it(
    stub: Stub, theme: str, snapshot: dict[str, Any], width: str
) -> None:
    stub.theme(theme)
    shown(stub, snapshot, width=width)
    assert axe_violations(stub.page) == []
    walk = keyboard_walk(stub.page)
    assert walk.problems == []
    assert walk.stops


_WORDS = ("correct", "horse", "Battery", "staple", "ада", "Übung", "zx9", "!", "1234")
_ODD = (
    "a",
    "password",
    "Password1!",
    "P@ssw0rd2024",
    "qwertyuiop",
    "1q2w3e4r5t",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcabcabcabcabc",
    "19.05.1987",
    "correct horse battery staple",
    "tr0ub4dor&3",
    "🔑🔒🦙🌋🧪",
    "🔑🔒🦙🌋🧪🎲🧊🫐🥝🪐",
    "🦙" * 30,
    "e\u0301tude e\u0301tude 7",
    "\u00e9tude \u00e9tude 7",
    "пароль",
    "密码密码密码密码",
    " lead and trail ",
    "x" * 300,
)


def passwords() -> list[str]:
    """Two hundred passwords of many kinds."""
    found = list(_ODD)
    for at in range(200 - len(found)):
        words = [
            _WORDS[(at * step + step) % len(_WORDS)] for step in range(1, 2 + at % 6)
        ]
        found.append("-_ .~"[at % 5].join(words) + str(at * 7919 % 10_007) * (at % 3))
    return found


def test_the_meter_says_what_the_kernel_decides(stub: Stub) -> None:
    judged = stub.page.evaluate(
        """async (passwords) => {
          const { strength } = await import("/static/strength.js");
          return passwords.map((each) => {
            const { word, enough } = strength(each);
            return [word, enough];
          });
        }""",
        passwords(),
    )
    assert len(judged) == 200
    ours = [(each, strength(each)) for each in passwords()]
    expected = [(text, it.word, it.enough) for text, it in ours]
    assert [(text, *pair) for text, pair in zip(passwords(), judged, strict=True)] == (
        expected
    )
    assert {it.word for _, it in ours} > {"very weak", "weak", "strong"}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_password_of_any_letters_opens_as_it_was_typed(stub: Stub, form: Any) -> None:
    typed = unicodedata.normalize(form, "Zoë 🦙🏽 naïve café 👩‍🚀 пароль")
    sealing = Sealing(stub)
    view = shown(stub, LOCKED, answers=failing(**WRONG))
    password_of(view).fill(typed)
    password_of(view).press("Enter")
    expect(view.get_by_role("alert")).to_contain_text("not the password")
    (asked,) = stub.asked("unlock")
    opened = sealing.opened("unlock", asked["params"]["sealed"])["password"]
    assert opened == typed
    assert unicodedata.normalize("NFC", opened) == unicodedata.normalize("NFC", typed)
