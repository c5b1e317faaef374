"""The view of the settings: a form for each, that takes effect and tells of others."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.events import SETTINGS
from parllama_nb.secret import Secret
from parllama_nb.settings.file import SettingsFile
from parllama_nb.settings.keys import default, keys
from parllama_nb.settings.model import Settings
from parllama_nb.widgets.settings.form import form
from parllama_nb.widgets.settings.view import SettingsView

from ...virtual_time import VirtualLoop
from ..recording import Page
from ..room import answer, pass_time

KEY = "sk-sentinel-4be1f0c2d9a7"


@pytest.fixture
def view(page: Page, app: Parllama) -> SettingsView:
    return SettingsView(app)


def values(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {
        setting["key"]: setting.get("value")
        for group in snapshot["groups"]
        for setting in group["settings"]
    }


def test_every_setting_is_in_the_form_as_it_is(
    page: Page, app: Parllama, view: SettingsView, loop: VirtualLoop
) -> None:
    app.settings.update({"timeouts.stall": 33.0, "providers.openai.enabled": False})
    shown = values(answer(page, view, loop, "hello")["result"])
    assert {*shown} == {*keys()}
    changed = {key: value for key, value in shown.items() if value != default(key)}
    assert changed == {"timeouts.stall": 33.0}


def test_every_setting_has_a_title_and_says_what_it_does(
    page: Page, view: SettingsView, loop: VirtualLoop
) -> None:
    groups = answer(page, view, loop, "hello")["result"]["groups"]
    for setting in (each for group in groups for each in group["settings"]):
        assert setting["title"] != setting["key"]
        assert setting["description"]
    kinds = {
        setting["key"]: setting["kind"]
        for group in groups
        for setting in group["settings"]
    }
    assert kinds["chat.system"] == "area"
    assert kinds["chat.temperature"] == "number"
    assert kinds["chat.max_tokens"] == "integer"
    assert kinds["model"] == "model"


def test_the_default_model_is_chosen_from_those_that_there_are(
    page: Page, view: SettingsView, loop: VirtualLoop
) -> None:
    groups = answer(page, view, loop, "models", refresh=False)["result"]["groups"]
    providers = {group["provider"] for group in groups}
    assert "embedded" in providers
    # Without a key it has none to choose from.
    assert "openai" not in providers


def test_the_form_knows_choices_bounds_and_what_may_be_empty() -> None:
    schema = {
        "properties": {
            "theme": {"title": "Theme", "enum": ["light", "dark"], "type": "string"},
            "size": {"$ref": "#/$defs/Size"},
        },
        "$defs": {
            "Size": {
                "title": "Size",
                "type": "object",
                "properties": {
                    "width": {
                        "anyOf": [
                            {"type": "integer", "minimum": 1, "maximum": 9},
                            {"type": "null"},
                        ],
                        "title": "Width",
                    }
                },
            }
        },
    }
    general, size = form(schema, {}, {"theme": "dark"}.get, {"theme": "light"}.get)
    (theme,), (width,) = general.settings, size.settings
    assert (theme.kind, theme.choices, theme.optional) == (
        "choice",
        ["light", "dark"],
        False,
    )
    assert (theme.value, theme.default) == ("dark", "light")
    assert (width.key, width.kind, width.optional) == ("size.width", "integer", True)
    assert (width.minimum, width.maximum) == (1, 9)


def test_each_provider_has_a_group_without_what_is_left_out() -> None:
    name = "providers.openai.cache_hours"
    groups = form(
        Settings.model_json_schema(),
        {"openai": "OpenAI", "x.y": "X"},
        {name: 2.0}.get,
        default,
        without={"providers.x.y.base_url"},
    )
    titles = [group.title for group in groups]
    own = ["General", "Chat", "Memory", "Budget"]
    own += ["Timeouts", "Local models", "Attachments", "Vault"]
    assert titles == [*own, "OpenAI", "X"]
    openai, x = groups[-2:]
    (changed,) = [each for each in openai.settings if each.value is not None]
    assert (changed.key, changed.value, changed.default) == (name, 2.0, None)
    found = {each.key for group in groups for each in group.settings}
    assert found == {*keys(["openai", "x.y"])} - {"providers.x.y.base_url"}
    assert x.name == "providers.x.y"


def test_a_change_takes_effect_before_it_is_answered_and_every_view_hears_of_it(
    page: Page, app: Parllama, view: SettingsView, loop: VirtualLoop
) -> None:
    other = SettingsView(app)
    for each in (view, other):
        answer(page, each, loop, "hello")
    result = answer(page, view, loop, "set", key="chat.temperature", value=0.5)
    assert result["result"] == {"value": 0.5}
    assert app.settings.current.chat.temperature == 0.5
    told = [event["data"] for event in page.events if event["event"] == "settings"]
    assert told == [{"values": {"chat.temperature": 0.5}}] * 2
    answer(page, other, loop, "set", key="chat.temperature", value=None)
    assert app.settings.current.chat.temperature is None
    last = [event["data"] for event in page.events][-1]
    assert last == {"values": {"chat.temperature": None}}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("chat.temperature", 9),
        ("chat.temperature", "warm"),
        ("chat.max_tokens", 1.5),
        ("model", "no-slash"),
        ("no.such.setting", 1),
        ("providers.openai.base_url", "https://me:word@host/v1"),
        ("chat.system", "x" * 100_000),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    page: Page,
    app: Parllama,
    view: SettingsView,
    loop: VirtualLoop,
    key: str,
    value: object,
) -> None:
    error = answer(page, view, loop, "set", key=key, value=value)["error"]
    assert error["message"]
    assert len(error["message"]) < 300
    assert app.settings.changes() == {}


def test_a_key_is_refused_and_is_in_no_answer_and_no_file(
    page: Page, app: Parllama, view: SettingsView, loop: VirtualLoop, home: Path
) -> None:
    app.redact.add(Secret("FAR_API_KEY", "known-secret-93cc"))
    for value in (KEY, "known-secret-93cc"):
        for key in ("chat.system", "model", "providers.openai.base_url"):
            assert "error" in answer(page, view, loop, "set", key=key, value=value)
    assert "error" in answer(page, view, loop, "set", key="openai.api_key", value=KEY)
    for secret in (KEY, "known-secret-93cc"):
        assert secret not in json.dumps(page.messages)
        for path in home.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes()


def test_reset_gives_defaults_back(
    page: Page, app: Parllama, view: SettingsView, loop: VirtualLoop
) -> None:
    app.settings.update({"timeouts.stall": 33.0, "chat.temperature": 0.0})
    answer(page, view, loop, "reset", keys=["timeouts.stall", "chat.temperature"])
    assert app.settings.changes() == {}


def test_what_another_kernel_changes_is_shown(
    page: Page, app: Parllama, view: SettingsView, loop: VirtualLoop
) -> None:
    path = app.settings.state.path
    assert path is not None
    answer(page, view, loop, "hello")
    SettingsFile(lambda: path).update({"timeouts.stall": 44.0})

    async def told() -> dict[str, Any]:
        heard = asyncio.Event()
        app.events.listen(SETTINGS, lambda _: heard.set())
        await heard.wait()
        return page.events[-1]["data"]

    data = loop.run_until_complete(told())
    assert data == {"values": {"timeouts.stall": 44.0}}


def test_a_damaged_file_is_said_to_be_damaged(
    page: Page, app: Parllama, view: SettingsView, loop: VirtualLoop
) -> None:
    app.settings.update({"timeouts.stall": 44.0})
    path = app.settings.state.path
    assert path is not None
    path.write_text('{"timeouts": ')
    snapshot = answer(page, view, loop, "hello")["result"]
    assert snapshot["problem"]["message"]
    assert values(snapshot)["timeouts.stall"] == default("timeouts.stall")


def test_a_closed_view_hears_and_watches_nothing_more(
    page: Page, app: Parllama, view: SettingsView, loop: VirtualLoop
) -> None:
    answer(page, view, loop, "hello")
    view.close()
    view.close()
    pass_time(loop)
    assert SETTINGS not in app.events._signals
    assert view._watching is not None
    assert view._watching.cancelled()
