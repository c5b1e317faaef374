"""The state of each provider: what it lacks, and what the doctor says to do."""

from __future__ import annotations

import html
import importlib.util
import re
from collections.abc import Iterator

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands.provider_state import Lack, state_of
from parllama_nb.providers.address import SPECS

from ..own_app import own_app, result_of

NOWHERE = "http://127.0.0.1:9/v1"
KEY = "sk-sentinel-state-0123456789"
AWS = "Set AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID, or AWS_PROFILE."


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    """An app on a machine where no local server runs."""
    for spec in SPECS.values():
        if spec.local and spec.url_env:
            monkeypatch.setenv(spec.url_env[0], NOWHERE)
    with own_app() as app:
        yield app


def doctor(app: Parllama, name: str) -> tuple[str, str, str]:
    """Returns the doctor's check of a provider: its state, finding and remedy."""
    lines = html.unescape(result_of(app, "doctor").text).splitlines()
    title = SPECS[name].title
    (line,) = (line for line in lines if line.split("|")[2:3] == [f" {title} "])
    state, _, found, remedy = (cell.strip() for cell in line.split("|")[1:-1])
    return state, found, remedy


def hide(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """Makes these packages look as if they were not installed."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name in packages else find(name, *rest),
    )


@pytest.mark.parametrize("name", SPECS)
def test_every_provider_says_what_it_lacks_and_how_to_get_it(
    app: Parllama, name: str
) -> None:
    spec = SPECS[name]
    state, found, remedy = doctor(app, name)
    # Without a key, a server or an account, only the embedded engine works here.
    if state == "ok":
        assert name in ("embedded", "litellm")
        return
    lacks = state_of(app, name).lacks
    if spec.key == "required":
        assert spec.key_env[0] in remedy
        assert spec.keys_url in remedy
        assert "no key" in [lack.what for lack in lacks]
    elif spec.local:
        assert (found, lacks) == ("not running", ())
        assert re.search(r"`[^`]+`", remedy), "no command that starts it"
    else:
        assert remedy


@pytest.mark.parametrize(
    ("name", "packages", "installed"),
    [
        ("embedded", ["xllamacpp"], '"parllama_nb[embedded]"'),
        ("litellm", ["litellm"], "-U litellm"),
        ("bedrock", ["litellm"], "-U litellm"),
        ("bedrock", ["boto3"], '"parllama_nb[bedrock]"'),
    ],
)
def test_a_package_that_is_missing_is_one_command_away(
    app: Parllama,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    packages: list[str],
    installed: str,
) -> None:
    hide(monkeypatch, *packages)
    _, found, remedy = doctor(app, name)
    assert found.split(";")[0] == "not installed"
    assert remedy == f"`%pip install {installed}`"


def test_lacks_of_a_provider_are_resolved_one_after_the_other(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, found, remedy = doctor(app, "azure")
    assert found == "no key; Azure OpenAI has no default address"
    assert remedy.startswith("Set AZURE_OPENAI_API_KEY or AZURE_API_KEY.")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    state, found, remedy = doctor(app, "azure")
    assert found == "Azure OpenAI has no default address"
    command = "%parllama providers set azure base_url=https://RESOURCE.openai.azure.com"
    assert remedy == f"`{command}`"
    result_of(
        app,
        "providers",
        action="set",
        words=tuple(command.removeprefix("%parllama providers set ").split()),
    )
    state, found, remedy = doctor(app, "azure")
    assert (state, found, remedy) == ("ok", "key in `AZURE_OPENAI_API_KEY`", "")
    assert KEY not in str(state_of(app, "azure"))


def test_a_variable_with_an_invalid_address_is_named(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "ftp://me:hunter2@x")
    _, found, remedy = doctor(app, "openai")
    assert found == "OPENAI_BASE_URL is not the address of a server"
    assert "base_url=https://api.openai.com/v1" in remedy
    assert "hunter2" not in f"{state_of(app, 'openai')}{found}{remedy}"


def test_bedrock_accepts_a_profile_and_needs_no_address(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = SPECS["bedrock"].keys_url
    assert state_of(app, "bedrock").lacks == (Lack("no key", AWS, url=url),)
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert state_of(app, "bedrock").lacks == ()
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://vpc.example")
    found = state_of(app, "bedrock")
    assert found.address == "https://vpc.example"
    assert found.source == "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"


def test_an_address_is_shown_without_its_password(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://me:hunter2@box.example/v1")
    found = state_of(app, "openai")
    assert (found.address, found.source) == (
        "https://box.example/v1",
        "OPENAI_BASE_URL",
    )
    assert (found.key.name, found.key.source) == ("OPENAI_API_KEY", "environment")
    app.settings.update({"providers.openai.base_url": "https://other.example/v1"})
    assert state_of(app, "openai").source == "setting"


def test_a_disabled_provider_is_shown_as_off_whatever_it_lacks(app: Parllama) -> None:
    app.settings.update({"providers.groq.enabled": False})
    _, found, remedy = doctor(app, "groq")
    assert (found, remedy) == ("switched off", "`%parllama providers enable groq`")
