"""The view of the providers: all there is to each, changed, tested, told to all."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import AuthenticationError
from parllama_nb.events import MODELS, SETTINGS
from parllama_nb.providers.spec import ModelInfo
from parllama_nb.secret import Secret
from parllama_nb.settings.file import SettingsFile
from parllama_nb.testing import FakeProvider
from parllama_nb.widgets.providers.view import ProviderOptions

from ...own_app import scripted
from ...virtual_time import VirtualLoop
from ..recording import Page
from ..room import answer

KEY = "sk-sentinel-4be1f0c2d9a7"
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
def view(page: Page, app: Parllama) -> ProviderOptions:
    """The view where no local provider is asked: their servers need real time."""
    for name in app.providers.names():
        if app.providers.spec(name).local:
            app.settings.update({f"providers.{name}.enabled": False})
    return ProviderOptions(app)


class Refuses(FakeProvider):
    async def models(self) -> list[ModelInfo]:
        message = f"Acme: the key {KEY} is wrong."
        raise AuthenticationError(message, hint="Check ACME_KEY.")


def hello(page: Page, view: ProviderOptions, loop: VirtualLoop) -> dict[str, Any]:
    """The providers of a snapshot by their names."""
    result = answer(page, view, loop, "hello")["result"]
    return {each["name"]: each for each in result["providers"]}


def told(page: Page) -> list[dict[str, Any]]:
    """The providers that the view was told of, in order."""
    data = [each["data"] for each in page.events if each["event"] == "providers"]
    return [provider for each in data for provider in each["changed"]]


def until(loop: VirtualLoop, page: Page, count: int) -> list[dict[str, Any]]:
    """The same, once there are so many."""

    async def wait() -> None:
        while len(told(page)) < count:
            page.changed.clear()
            await page.changed.wait()

    loop.run_until_complete(wait())
    return told(page)


def values(provider: dict[str, Any]) -> dict[str, Any]:
    return {
        each["key"].rpartition(".")[2]: each.get("value")
        for each in provider["settings"]
    }


def test_all_providers_are_there_with_all_that_can_be_set(
    page: Page,
    app: Parllama,
    view: ProviderOptions,
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_BASE", "https://me:hunter2@box.example/v1")
    app.settings.update({"providers.openai.stall_timeout": 99.0})
    found = hello(page, view, loop)
    assert [*found] == app.providers.names()
    openai = found["openai"]
    assert (openai["address"], openai["source"]) == (
        "https://box.example/v1",
        "OPENAI_API_BASE",
    )
    assert openai["key"] == "OPENAI_API_KEY, from the environment"
    assert openai["lacks"] == []
    assert values(openai) == {
        "base_url": None,
        "cache_hours": None,
        "connect_timeout": None,
        "first_token_timeout": None,
        "stall_timeout": 99.0,
    }
    # A list of who is here is never taken for new, and litellm is in many places.
    assert "cache_hours" not in values(found["ollama"])
    assert "base_url" not in values(found["litellm"])
    assert found["ollama"]["enabled"] is False
    assert KEY not in json.dumps(page.messages)
    assert "hunter2" not in json.dumps(page.messages)


def test_a_field_says_its_default(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    app.settings.update({"timeouts.stall": 33.0})
    about = {
        each["key"]: each["description"]
        for provider in hello(page, view, loop).values()
        for each in provider["settings"]
    }
    assert about["providers.groq.base_url"] == (
        "Address of its server. "
        "Default: GROQ_BASE_URL, else https://api.groq.com/openai/v1."
    )
    assert about["providers.groq.cache_hours"].endswith(". Default: 24.")
    assert about["providers.groq.stall_timeout"].endswith(". Default: 33.")
    assert all(". Default: " in each for each in about.values())


def test_what_a_provider_lacks_is_said_with_what_mends_it(
    page: Page, view: ProviderOptions, loop: VirtualLoop
) -> None:
    found = hello(page, view, loop)
    key, address = found["azure"]["lacks"]
    assert (key["what"], key["remedy"]) == (
        "no key",
        "Set AZURE_OPENAI_API_KEY or AZURE_API_KEY.",
    )
    assert key["url"] == "https://ai.azure.com"
    assert address["command"].startswith("%parllama providers set azure base_url=")
    assert found["azure"]["key"] == "Missing."
    assert found["azure"]["missing_key"] == "AZURE_OPENAI_API_KEY"
    assert found["llamacpp"]["key"] == "Not needed."
    assert found["llamacpp"]["missing_key"] == ""


def test_a_change_is_made_before_it_is_answered_and_every_view_hears_of_it(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    other = ProviderOptions(app)
    for each in (view, other):
        answer(page, each, loop, "hello")
    key = "providers.groq.enabled"
    result = answer(page, view, loop, "set", key=key, value=False)
    assert result["result"] == {"value": False}
    assert not app.applied.options("groq").enabled
    changed = told(page)
    assert [(each["name"], each["enabled"]) for each in changed] == [
        ("groq", False)
    ] * 2
    answer(page, other, loop, "set", key=key, value=None)
    assert app.applied.options("groq").enabled
    assert "providers.groq.enabled" not in app.settings.changes()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("providers.openai.base_url", "ftp://x"),
        ("providers.openai.base_url", "https://me:word@host/v1"),
        ("providers.openai.stall_timeout", -1),
        ("providers.openai.cache_hours", "soon"),
        ("providers.nobody.enabled", False),
        ("providers.openai.api_key", KEY),
        ("providers.openai.base_url", KEY),
        ("providers.litellm.base_url", "http://x"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    page: Page,
    app: Parllama,
    view: ProviderOptions,
    loop: VirtualLoop,
    home: Path,
    key: str,
    value: object,
) -> None:
    before = app.settings.changes()
    error = answer(page, view, loop, "set", key=key, value=value)["error"]
    assert error["message"]
    assert app.settings.changes() == before
    assert KEY not in json.dumps(page.messages)
    for path in home.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()


def test_a_test_lists_anew_and_says_how_long_it_took(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    scripted(app, name="acme", models=("one", "two"))
    assert "listed" not in hello(page, view, loop)["acme"]
    result = answer(page, view, loop, "test", providers=["acme"])["result"]
    assert result["seconds"] >= 0
    (acme,) = told(page)
    assert (acme["name"], acme["models"]) == ("acme", 2)
    assert acme["listed"] > 1_700_000_000
    assert "failure" not in acme


def test_a_test_that_fails_says_why_and_what_helps_and_keeps_the_list(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    scripted(app, name="acme", models=("one", "two"))
    loop.run_until_complete(app.model_lists.get(["acme"]))
    loop.run_until_complete(app.providers.aclose())
    scripted(app, name="acme", kind=Refuses)
    app.redact.add(Secret("ACME_KEY", KEY))
    assert hello(page, view, loop)["acme"]["models"] == 2
    answer(page, view, loop, "test", providers=["acme"])
    acme = told(page)[-1]
    assert acme["models"] == 2
    assert acme["failure"] == {
        "code": "authentication",
        "message": "Acme: the key <Secret ACME_KEY> is wrong.",
        "hint": "Check ACME_KEY.",
    }
    assert KEY not in json.dumps(page.messages)


def test_who_is_off_or_unknown_is_not_tested(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    app.settings.update({"providers.groq.enabled": False})
    for name, code in (("groq", "disabled"), ("nobody", "unknown-provider")):
        error = answer(page, view, loop, "test", providers=[name])["error"]
        assert error["code"] == code
    assert answer(page, view, loop, "test", providers=7)["error"]["code"] == "usage"


def test_what_a_command_lists_is_shown(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    scripted(app, name="acme", models=("one",))
    hello(page, view, loop)
    loop.run_until_complete(app.model_lists.get(["acme"]))
    assert [(each["name"], each["models"]) for each in until(loop, page, 1)] == [
        ("acme", 1)
    ]


def test_what_an_earlier_kernel_has_listed_is_shown_without_asking(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    provider = scripted(app, name="acme", models=("one",))
    loop.run_until_complete(app.model_lists.get(["acme"]))
    app.model_lists._lists.clear()

    async def never() -> list[ModelInfo]:
        raise AssertionError

    provider.models = never  # type: ignore[method-assign]
    assert hello(page, view, loop)["acme"]["models"] == 1


def test_who_is_on_this_machine_is_asked_when_the_view_opens_and_nobody_else(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    scripted(app, name="near", models=("one",), local=True)
    scripted(app, name="far", models=("one",))
    assert "listed" not in hello(page, view, loop)["near"]
    assert [each["name"] for each in until(loop, page, 1)] == ["near"]
    answer(page, view, loop, "hello")
    assert [each["name"] for each in told(page)] == ["near"]


def test_a_variable_that_a_cell_sets_and_a_file_another_kernel_writes_are_noticed(
    page: Page,
    app: Parllama,
    view: ProviderOptions,
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = app.settings.state.path
    assert path is not None
    assert hello(page, view, loop)["xai"]["lacks"]
    monkeypatch.setenv("XAI_API_KEY", KEY)
    (xai,) = until(loop, page, 1)
    assert (xai["name"], xai["lacks"]) == ("xai", [])
    SettingsFile(lambda: path).update({"providers.groq.base_url": NOWHERE})
    groq = until(loop, page, 2)[-1]
    assert (groq["address"], groq["source"]) == (NOWHERE, "setting")


def test_a_page_that_comes_later_does_not_keep_news_from_the_first(
    page: Page,
    app: Parllama,
    view: ProviderOptions,
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hello(page, view, loop)
    monkeypatch.setenv("XAI_API_KEY", KEY)
    assert hello(page, view, loop)["xai"]["lacks"] == []
    assert [each["name"] for each in told(page)] == ["xai"]


def test_a_damaged_file_is_said_to_be_damaged(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    path = app.settings.state.path
    assert path is not None
    path.write_text('{"providers": ')
    assert answer(page, view, loop, "hello")["result"]["problem"]["message"]


def test_a_closed_view_hears_and_watches_nothing_more(
    page: Page, app: Parllama, view: ProviderOptions, loop: VirtualLoop
) -> None:
    hello(page, view, loop)
    view.close()
    view.close()
    loop.run_until_complete(asyncio.sleep(0.1))
    assert not {SETTINGS, MODELS} & {*app.events._signals}
    assert all(task.done() for task in view._tasks)
