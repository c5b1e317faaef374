"""A key that is typed into a view: it is in the vault, and in nothing that is sent."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import AuthenticationError
from parllama_nb.events import VAULT
from parllama_nb.providers.keys import missing_key
from parllama_nb.vaults.vault import Vault
from parllama_nb.widgets._base import AnyView, failure
from parllama_nb.widgets._keys import with_missing_key
from parllama_nb.widgets._protocol import Failure
from parllama_nb.widgets.providers.view import ProviderOptions

from ..vaults.weak import OTHER, PASSWORD, weak_policy
from ..virtual_time import VirtualLoop
from .recording import Page
from .room import answer, pass_time
from .sealing import seal

NAME = "GROQ_API_KEY"
KEY = "gsk-sentinel-51d0c7be22f4"

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def vault(app: Parllama) -> Vault:
    app.vault.policy = weak_policy()
    return app.vault


@pytest.fixture
def view(page: Page, app: Parllama) -> ProviderOptions:
    for name in app.providers.names():
        if app.providers.spec(name).local:
            app.settings.update({f"providers.{name}.enabled": False})
    return ProviderOptions(app)


@pytest.fixture
def ask(page: Page, view: AnyView, loop: VirtualLoop) -> Ask:
    return lambda method, **params: answer(page, view, loop, method, **params)


def locked(vault: Vault) -> None:
    vault.create(PASSWORD)
    vault.lock()


def filled(vault: Vault) -> None:
    vault.create(PASSWORD)
    vault.set(NAME, KEY)
    vault.lock()


@pytest.fixture
def send(ask: Ask) -> Ask:
    """Sends texts sealed, as a page does."""

    def send(method: str, texts: dict[str, str], **params: Any) -> dict[str, Any]:
        key = ask("sealing_key")["result"]
        return ask(method, sealed=seal(key, method, texts), **params)

    return send


def row_of_groq(page: Page) -> dict[str, Any]:
    """The provider whose key it is, as the page has heard of it last."""
    told = [
        provider
        for each in page.events
        if each["event"] == "providers"
        for provider in each["data"]["changed"]
        if provider["name"] == "groq"
    ]
    return told[-1]


def assert_secret(page: Page, app: Parllama) -> None:
    """Neither the key nor the password was sent, and the key is redacted."""
    sent = json.dumps(page.messages)
    assert KEY not in sent
    assert PASSWORD not in sent
    assert app.redact(KEY) != KEY


@pytest.mark.parametrize(
    ("prepare", "state", "typed"),
    [
        (lambda _: None, "absent", {"value": KEY, "password": PASSWORD}),
        (locked, "locked", {"value": f" {KEY}\n", "password": PASSWORD}),
        (lambda vault: vault.create(PASSWORD), "unlocked", {"value": KEY}),
    ],
    ids=["no-vault", "locked", "unlocked"],
)
def test_a_key_is_in_the_vault_whatever_the_vault_was(
    page: Page,
    app: Parllama,
    vault: Vault,
    ask: Ask,
    send: Ask,
    prepare: Callable[[Vault], None],
    state: str,
    typed: dict[str, str],
) -> None:
    prepare(vault)
    ask("hello")
    assert ask("vault", name=NAME)["result"] == {"state": state, "found": False}
    assert send("add_key", typed, name=NAME)["result"] == {}
    assert vault.get(NAME).reveal() == KEY
    assert ask("vault", name=NAME)["result"] == {"state": "unlocked", "found": True}
    groq = row_of_groq(page)
    assert groq["key"] == f"{NAME}, from the vault"
    assert groq["missing_key"] == ""
    assert_secret(page, app)


def test_a_vault_that_has_the_key_is_only_unlocked(
    page: Page, app: Parllama, vault: Vault, ask: Ask, send: Ask
) -> None:
    filled(vault)
    ask("hello")
    assert ask("vault", name=NAME)["result"] == {"state": "locked", "found": False}
    wrong = send("unlock", {"password": OTHER}, name=NAME)
    assert wrong["error"]["code"] == "wrong-password"
    assert vault.state == "locked"
    unlocked = send("unlock", {"password": PASSWORD}, name=NAME)
    assert unlocked["result"] == {"state": "unlocked", "found": True}
    assert row_of_groq(page)["key"] == f"{NAME}, from the vault"
    assert_secret(page, app)
    assert OTHER not in json.dumps(page.messages)


def test_one_unlock_finds_the_keys_of_all_rows(
    page: Page, vault: Vault, ask: Ask, send: Ask
) -> None:
    names = {"groq": NAME, "xai": "XAI_API_KEY", "mistral": "MISTRAL_API_KEY"}
    vault.create(PASSWORD)
    for name in names.values():
        vault.set(name, KEY)
    vault.lock()
    snapshot = ask("hello")["result"]
    before = {each["name"]: each for each in snapshot["providers"]}
    assert snapshot["locked"]
    assert {name: before[name]["missing_key"] for name in names} == names
    send("unlock", {"password": PASSWORD}, name=NAME)
    last = [each["data"] for each in page.events if each["event"] == "providers"][-1]
    assert last["locked"] is False
    found = {each["name"]: each for each in last["changed"]}
    assert {name: found[name]["key"] for name in names} == {
        name: f"{key}, from the vault" for name, key in names.items()
    }
    assert all(not found[name]["lacks"] for name in names)


def test_whoever_unlocks_and_locks_it_all_views_hear_it(
    page: Page, vault: Vault, ask: Ask
) -> None:
    filled(vault)
    ask("hello")
    heard = len(page.events)
    vault.unlock(PASSWORD)
    ask("hello")
    vault.lock()
    ask("hello")
    told = page.events[heard:]
    states = [each["data"]["state"] for each in told if each["event"] == "lock"]
    assert [state for state, _ in itertools.groupby(states)] == ["unlocked", "locked"]
    rows = [each["data"] for each in told if each["event"] == "providers"]
    assert [each["locked"] for each in rows] == [False, True]


def test_a_closed_view_hears_of_the_vault_no_more(
    page: Page, app: Parllama, vault: Vault, view: ProviderOptions, loop: VirtualLoop
) -> None:
    answer(page, view, loop, "hello")
    view.close()
    sent = len(page.sent)
    vault.create(PASSWORD)
    pass_time(loop)
    assert page.sent[sent:] == []
    assert VAULT not in app.events._signals


@pytest.mark.parametrize(
    ("prepare", "typed", "code"),
    [
        (lambda _: None, {"value": "", "password": PASSWORD}, "usage"),
        (lambda _: None, {"value": KEY, "password": "abc"}, "weak-password"),
        (locked, {"value": KEY, "password": OTHER}, "wrong-password"),
        (locked, {"value": KEY}, "weak-password"),
        (locked, {"value": "", "password": PASSWORD}, "usage"),
        (locked, {"password": PASSWORD}, "sealing"),
    ],
)
def test_what_is_refused_says_why_and_nothing_of_what_was_typed(
    page: Page,
    vault: Vault,
    send: Ask,
    caplog: pytest.LogCaptureFixture,
    prepare: Callable[[Vault], None],
    typed: dict[str, str],
    code: str,
) -> None:
    prepare(vault)
    error = send("add_key", typed, name=NAME)["error"]
    assert error["code"] == code, error
    said = json.dumps(page.messages) + caplog.text
    assert KEY not in said
    assert OTHER not in said


@pytest.mark.parametrize(
    ("code", "model", "named"),
    [
        ("authentication", "groq/llama", NAME),
        ("authentication", "openai/gpt", None),
        ("authentication", "nobody/gpt", None),
        ("authentication", "gpt", None),
        ("server", "groq/llama", None),
    ],
)
def test_an_error_of_long_ago_names_the_key_that_is_still_missing(
    app: Parllama,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    model: str,
    named: str | None,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv(NAME, raising=False)
    error = Failure(code=code, message="It failed.")
    assert with_missing_key(app, error, model).missing_key == named


def test_the_error_of_a_missing_key_names_the_key_to_add(app: Parllama) -> None:
    context = app.providers.context
    names = ("AZURE_OPENAI_API_KEY", "AZURE_API_KEY")
    missing = failure(missing_key("Azure", names, context, ""), app.redact)
    assert missing.missing_key == "AZURE_OPENAI_API_KEY"
    nameless = failure(missing_key("Acme", (), context, ""), app.redact)
    assert nameless.missing_key is None
    refused = failure(AuthenticationError("Azure: the key is wrong."), app.redact)
    assert refused.missing_key is None


def test_no_vault_is_made_for_a_name_that_no_secret_can_have(
    vault: Vault, send: Ask
) -> None:
    typed = {"value": KEY, "password": PASSWORD}
    refused = send("add_key", typed, name="A\nKEY")
    assert refused["error"]["code"] == "secret-refused"
    assert vault.state == "absent"
