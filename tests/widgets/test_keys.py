"""A key that is typed into a view: it is in the vault, and in nothing that is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import AuthenticationError
from parllama_nb.providers.keys import missing_key
from parllama_nb.vaults.vault import Vault
from parllama_nb.widgets._base import AnyView, failure
from parllama_nb.widgets._keys import with_missing_key
from parllama_nb.widgets._protocol import Failure
from parllama_nb.widgets.providers.view import ProviderOptions

from ..vaults.weak import OTHER, PASSWORD, weak_policy
from ..virtual_time import VirtualLoop
from .recording import Page
from .room import answer

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


@pytest.mark.parametrize(
    ("prepare", "needed", "typed"),
    [
        (lambda _: None, "new", {"value": KEY, "password": PASSWORD}),
        (locked, "current", {"value": f" {KEY}\n", "password": PASSWORD}),
        (filled, "current", {"value": "", "password": PASSWORD}),
        (lambda vault: vault.create(PASSWORD), "none", {"value": KEY}),
    ],
    ids=["no-vault", "locked", "locked-with-the-key", "unlocked"],
)
def test_a_key_is_in_the_vault_whatever_the_vault_was(
    page: Page,
    app: Parllama,
    vault: Vault,
    ask: Ask,
    prepare: Callable[[Vault], None],
    needed: str,
    typed: dict[str, str],
) -> None:
    prepare(vault)
    ask("hello")
    assert ask("vault")["result"] == {"password": needed}
    assert ask("add_key", name=NAME, **typed)["result"] == {}
    assert vault.get(NAME).reveal() == KEY
    assert ask("vault")["result"] == {"password": "none"}
    told = [
        each["data"]["changed"] for each in page.events if each["event"] == "providers"
    ]
    (groq,) = [each for each in told[-1] if each["name"] == "groq"]
    assert groq["key"] == f"{NAME}, from the vault"
    assert groq["missing_key"] == ""
    sent = json.dumps(page.messages)
    assert KEY not in sent
    assert PASSWORD not in sent
    assert app.redact(KEY) != KEY


@pytest.mark.parametrize(
    ("prepare", "typed", "code"),
    [
        (lambda _: None, {"value": "", "password": PASSWORD}, "usage"),
        (lambda _: None, {"value": KEY, "password": "abc"}, "weak-password"),
        (locked, {"value": KEY, "password": OTHER}, "wrong-password"),
        (locked, {"value": KEY}, "weak-password"),
        (locked, {"value": "", "password": PASSWORD}, "usage"),
    ],
)
def test_what_is_refused_says_why_and_nothing_of_what_was_typed(
    page: Page,
    vault: Vault,
    ask: Ask,
    caplog: pytest.LogCaptureFixture,
    prepare: Callable[[Vault], None],
    typed: dict[str, str],
    code: str,
) -> None:
    prepare(vault)
    error = ask("add_key", name=NAME, **typed)["error"]
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
