"""A key that is missed while the vault is locked: every entrance names the vault."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands.provider_state import state_of
from parllama_nb.errors import AuthenticationError
from parllama_nb.vaults.errors import VaultLockedError
from parllama_nb.widgets.providers.view import ProviderOptions
from tests.servers.openai_sse import OpenAIDouble

from ..own_app import own_app, result_of
from ..vaults.weak import PASSWORD, weak_policy

KEY = "sk-in-the-locked-vault"
UNLOCK = "unlock the vault: %parllama vault unlock"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    """An app whose only key is in a vault that is locked."""
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.vault.create(PASSWORD)
        app.vault.set("OPENAI_API_KEY", KEY)
        app.vault.lock()
        with pytest.raises(VaultLockedError):
            app.vault.get("OPENAI_API_KEY")
        yield app


def test_the_error_of_a_request_names_the_locked_vault(app: Parllama) -> None:
    answer = result_of(app, "ask", prompt="Hi.", model="openai/gpt-5-mini")
    assert isinstance(answer.error, AuthenticationError)
    assert UNLOCK in str(answer.error)


def test_the_error_of_litellm_names_the_locked_vault(app: Parllama) -> None:
    answer = result_of(app, "ask", prompt="Hi.", model="litellm/together_ai/m")
    assert isinstance(answer.error, AuthenticationError)
    assert UNLOCK in str(answer.error)


def test_a_server_that_denies_access_without_a_key_names_the_locked_vault(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OpenAIDouble(key=KEY) as double:
        monkeypatch.setenv("LITELLM_PROXY_API_BASE", double.url)
        answer = result_of(app, "ask", prompt="Hi.", model="litellm_proxy/echo")
    assert isinstance(answer.error, AuthenticationError)
    assert UNLOCK in str(answer.error)


def test_the_test_of_a_provider_names_the_locked_vault(app: Parllama) -> None:
    report = result_of(app, "providers", action="test", words=("openai",))
    assert UNLOCK in report.text


def test_the_table_of_models_names_the_locked_vault(app: Parllama) -> None:
    table = result_of(app, "models", words=("openai",))
    assert table.notes == (f"Not asked (no key): openai. Perhaps {UNLOCK}.",)


def test_the_doctor_names_the_locked_vault(app: Parllama) -> None:
    (line,) = (
        line
        for line in result_of(app, "doctor").text.splitlines()
        if line.startswith("| – | OpenAI |")  # noqa: RUF001 - a dash
    )
    assert UNLOCK in line


def test_the_view_of_providers_names_the_locked_vault(app: Parllama) -> None:
    view = ProviderOptions(app)
    found = {each.name: each for each in view.snapshot().providers}
    view.close()
    assert [lack.remedy for lack in found["openai"].lacks] == [
        f"Set OPENAI_API_KEY, or {UNLOCK}."
    ]


def test_the_state_of_bedrock_names_the_locked_vault(app: Parllama) -> None:
    (lack,) = state_of(app, "bedrock").lacks
    assert lack.remedy.endswith(f", or AWS_PROFILE, or {UNLOCK}.")


def test_a_missing_key_is_one_command_away_if_the_vault_is_open(app: Parllama) -> None:
    app.vault.unlock(PASSWORD)
    answer = result_of(app, "ask", prompt="Hi.", model="groq/m")
    assert str(answer.error).startswith(
        "Groq: there is no key. Set GROQ_API_KEY, or keep it in the vault: "
        "%parllama vault set GROQ_API_KEY. Keys: https://"
    )


def test_a_missing_key_is_two_commands_away_if_there_is_no_vault() -> None:
    with own_app() as app:
        # Whoever only looks for a vault makes none.
        assert app.vault.state == "absent"
        answer = result_of(app, "ask", prompt="Hi.", model="litellm/together_ai/m")
    assert (
        "or keep it in a vault: %parllama vault create, then %parllama vault set "
        in str(answer.error)
    )


def test_no_entrance_names_the_vault_once_it_is_unlocked(app: Parllama) -> None:
    app.vault.unlock(PASSWORD)
    assert state_of(app, "openai").lacks == ()
    assert state_of(app, "openai").key.source == "vault"
    (missing,) = state_of(app, "groq").lacks
    assert missing.remedy == "Set GROQ_API_KEY."
