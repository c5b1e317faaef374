"""Where providers are, in all the ways users write it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.providers.address import (
    OLD_NAMES,
    PARLLAMA_NAMES,
    RETIRED,
    SPECS,
    base_url,
    hints,
)
from parllama_nb.providers.keys import error_hints
from parllama_nb.providers.messages import OPTIONS
from parllama_nb.providers.spec import Spec
from parllama_nb.testing import context


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("  ", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        ("box:8080", "http://box:8080"),
        (":8080", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - written, not bound
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("http://0.0.0.0:11434", "http://127.0.0.1:11434"),
        ("192.168.1.5", "http://192.168.1.5:11434"),
        ("http://", "http://127.0.0.1:80"),
        ("::", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("http://box", "http://box:80"),
        ("https://box", "https://box:443"),
        ("http://box:11434", "http://box:11434"),
        ("http://box:11434/", "http://box:11434"),
        ("http://box:11434/v1", "http://box:11434"),
        ("http://box:11434/v1/", "http://box:11434"),
        ("https://box/ollama/", "https://box:443/ollama"),
        ("box/ollama", "http://box:11434/ollama"),
        ("'http://box:1'", "http://box:1"),
        ('"box"', "http://box:11434"),
        (" box:8080 ", "http://box:8080"),
        ("http://me:pw@box:8080", "http://me:pw@box:8080"),
    ],
)
def test_ollama_is_where_its_variable_says(written: str, url: str) -> None:
    assert base_url(SPECS["ollama"], {"OLLAMA_HOST": written}.get) == url


@pytest.mark.parametrize("written", ["box:port", "ftp://box", "box:99999"])
def test_what_is_no_address_names_the_variable(written: str) -> None:
    with pytest.raises(UsageError, match="OLLAMA_HOST"):
        base_url(SPECS["ollama"], {"OLLAMA_HOST": written}.get)


@pytest.mark.parametrize(
    ("name", "written", "url"),
    [
        ("openai", "https://gate.example/v1/", "https://gate.example/v1"),
        ("openai", "gate.example/v1", "https://gate.example/v1"),
        ("openai", "localhost:1234/v1", "http://localhost:1234/v1"),
        ("anthropic", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("llamacpp", "box:8080/v1", "http://box:8080/v1"),
        ("groq", "https://api.groq.com", "https://api.groq.com/openai/v1"),
        ("groq", "https://api.groq.com/", "https://api.groq.com/openai/v1"),
        ("groq", "https://gate.example/g", "https://gate.example/g"),
        ("anthropic", "https://gate.example/", "https://gate.example"),
        ("anthropic", "https://gate.example/v1", "https://gate.example"),
        ("anthropic", "https://gate.example/claude/v1/", "https://gate.example/claude"),
        ("gemini", "gate.example", "https://gate.example/v1beta/openai"),
        ("gemini", "https://gate.example/g/", "https://gate.example/g"),
        ("azure", "https://me.openai.azure.com/", "https://me.openai.azure.com"),
        (
            "azure",
            "https://me.openai.azure.com/openai/deployments/m/chat/completions?api=1",
            "https://me.openai.azure.com",
        ),
        ("azure", "me.openai.azure.com/openai/v1/", "https://me.openai.azure.com"),
    ],
)
def test_an_address_is_completed(name: str, written: str, url: str) -> None:
    spec = SPECS[name]
    assert base_url(spec, {spec.url_env[0]: written}.get) == url


def test_the_first_variable_that_is_set_wins() -> None:
    environ = {"OPENAI_API_BASE": "http://two/v1", "OPENAI_BASE_URL": "http://one/v1"}
    assert base_url(SPECS["openai"], environ.get) == "http://one/v1"
    del environ["OPENAI_BASE_URL"]
    assert base_url(SPECS["openai"], environ.get) == "http://two/v1"


def test_no_address_at_all_is_told() -> None:
    spec = Spec("acme", "Acme", "openai", url_env=("ACME_URL",))
    with pytest.raises(UsageError) as caught:
        base_url(spec, lambda _: None)
    assert caught.value.hint == "Set ACME_URL."


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_every_entry_is_complete(spec: Spec) -> None:
    assert SPECS[spec.name] is spec
    assert spec.name == spec.name.lower()
    if spec.wire in ("embedded", "litellm"):
        return
    assert spec.key_env
    assert spec.url_env
    assert spec.options <= set(OPTIONS)
    assert spec.cache_hours > 0
    if spec.base_url:
        assert not spec.base_url.endswith("/")
        assert spec.local == (urlsplit(spec.base_url).hostname == "127.0.0.1")
    if not spec.local:
        assert spec.key == "required"
        assert spec.base_url.startswith("https://") or not spec.base_url
        assert spec.keys_url.startswith("https://")
        assert spec.keys_url in error_hints(spec, context(), None)["authentication"]
    else:
        assert "running" in hints(spec)["unreachable"]


def test_azure_has_no_usual_address() -> None:
    with pytest.raises(UsageError) as caught:
        base_url(SPECS["azure"], lambda _: None)
    assert "AZURE_OPENAI_ENDPOINT" in (caught.value.hint or "")


def test_other_names_lead_to_what_is_there_and_hide_nothing() -> None:
    assert set(OLD_NAMES.values()) <= set(SPECS)
    assert not set(OLD_NAMES) & set(SPECS)
    # Amazon's and what was shut down are not of this table.
    elsewhere = {"bedrock", *RETIRED}
    assert set(PARLLAMA_NAMES.values()) - elsewhere <= set(SPECS)
    assert PARLLAMA_NAMES["LiteLLM"] == "litellm_proxy"
