"""The verbs of Ollama's API, and what is said of a server that refuses one."""

from __future__ import annotations

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import (
    AuthenticationError,
    ConnectionFailedError,
    ModelNotFoundError,
    UsageError,
)
from tests.servers.ollama import OllamaDouble


def test_a_route_that_is_missing_is_named_with_the_version_that_has_it(
    app: Parllama, server: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.lacks.add("/api/ps")
    monkeypatch.setattr(server, "version", (0, 1, 30))
    with pytest.raises(UsageError) as caught:
        app.runtime.run(app.local_models.running())
    assert caught.value.message == (
        "Ollama: version 0.1.30 has no /api/ps; Ollama has it since 0.1.38."
    )
    assert "Update Ollama" in str(caught.value.hint)


def test_a_model_that_no_registry_has_is_not_found(app: Parllama) -> None:
    with pytest.raises(ModelNotFoundError, match="the registry has no model nosuch"):
        app.local_models.pull("nosuch").result()


def test_a_push_that_is_refused_says_where_to_register(app: Parllama) -> None:
    app.runtime.run(app.local_models.copy("echo", "mine"))
    with pytest.raises(AuthenticationError) as caught:
        app.local_models.push("mine").result()
    assert caught.value.message == "Ollama: it may not push mine."
    assert "https://ollama.com/settings/keys" in str(caught.value.hint)


def test_a_server_that_does_not_run_is_said_at_once(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(ConnectionFailedError):
        app.local_models.pull("tiny").result()


def test_a_name_and_a_password_go_with_every_verb(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OllamaDouble(login="me:pw-0123456789") as guarded:
        address = f"http://me:pw-0123456789@{guarded.host}"
        monkeypatch.setenv("OLLAMA_HOST", address)
        app.local_models.pull("tiny").result()
        app.runtime.run(app.local_models.copy("tiny", "other"))
        app.runtime.run(app.local_models.details("other"))
        app.local_models.load("echo").result()
        app.runtime.run(app.local_models.unload("echo"))
        assert app.runtime.run(app.local_models.delete(["other"])) == {}
        assert {r.headers.get("authorization", "")[:5] for r in guarded.requests} == {
            "Basic"
        }
        monkeypatch.setenv("OLLAMA_HOST", guarded.host)
        with pytest.raises(AuthenticationError) as caught:
            app.local_models.pull("tiny").result()
        assert "pw-0123456789" not in str(caught.value)
