"""Settings as values: keys, bounds, refusals, and that each one has an effect."""

from __future__ import annotations

import asyncio
import math
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.attachments.sources import NamedFile
from parllama_nb.chats.question import Question
from parllama_nb.errors import (
    BudgetError,
    ParllamaError,
    ProviderDisabledError,
    UsageError,
)
from parllama_nb.providers.spec import ProviderOptions, Timeouts
from parllama_nb.settings.keys import (
    default,
    field_of,
    keys,
    lookup,
    read,
    validated,
)
from parllama_nb.settings.model import ProviderSettings, Settings

from ..eventually import eventually
from ..kernel.page import Page
from ..ledger.priced import KEY as PRICED_KEY
from ..ledger.priced import priced
from ..own_app import own_app, result_of, scripted
from ..servers.ollama import OllamaDouble
from ..servers.openai_sse import OpenAIDouble
from ..vaults.weak import weak_policy

KEY = "sk-proj-sentinel0123456789abcdef"


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        yield app


@pytest.fixture
def double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


# keys and values


def test_every_key_leads_to_a_described_value_that_is_its_own_default() -> None:
    for key in keys(["openai"]):
        info = field_of(key)
        assert info.title, key
        assert info.description, key
        assert info.description.endswith("."), key
        value = default(key)
        assert lookup(Settings(), key) == value
        if value is not None:
            assert validated(key, value) == value


def test_the_schema_describes_every_group_and_bound() -> None:
    schema = Settings.model_json_schema()
    groups = schema["$defs"]
    assert {each["title"] for each in groups.values()} == {
        "Budget",
        "Chat",
        "Memory",
        "Timeouts",
        "Local models",
        "Attachments",
        "Vault",
        "Provider",
    }
    seconds = groups["TimeoutSettings"]["properties"]["connect"]
    assert seconds["minimum"] == 0.1
    assert seconds["default"] == 10.0
    assert seconds["title"] == "Connection"


def test_the_timeouts_are_those_of_the_providers() -> None:
    usual, timeouts = Settings().timeouts, Timeouts()
    for name in ("connect", "first_token", "stall"):
        assert getattr(usual, name) == getattr(timeouts, name)


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("model", " openai/gpt-5 ", "openai/gpt-5"),
        ("model", "openrouter/a/b:free", "openrouter/a/b:free"),
        ("chat.temperature", "0.5", 0.5),
        ("chat.max_tokens", "100", 100),
        ("chat.system", "Be {{brief}}.\n<b>", "Be {{brief}}.\n<b>"),
        ("providers.x.enabled", "no", False),
        ("providers.x.enabled", "on", True),
        ("providers.x.base_url", "'http://box:1/v1/'", "http://box:1/v1"),
        ("providers.x.base_url", "box:8080", "box:8080"),
        ("providers.x.base_url", "[::1]:8080", "[::1]:8080"),
        ("providers.a.b.cache_hours", "0", 0.0),
    ],
)
def test_a_typed_setting_becomes_a_value_of_its_type(
    key: str, typed: str, value: object
) -> None:
    assert validated(key, typed) == value


@pytest.mark.parametrize(
    ("key", "typed", "reason"),
    [
        ("model", "gpt-5", "provider/model"),
        ("model", "openai/", "provider/model"),
        ("model", "openai/a b", "provider/model"),
        ("model", 7, "string"),
        ("chat.temperature", "hot", "number"),
        ("chat.temperature", "2.1", "less than or equal to 2"),
        ("chat.temperature", "nan", "finite"),
        ("chat.max_tokens", "0", "greater"),
        ("chat.max_tokens", "1.5", "integer"),
        ("chat.system", "x" * 20_001, "20000"),
        ("timeouts.connect", "inf", "finite|less"),
        ("timeouts.connect", "-1", "greater"),
        ("timeouts.models", "1e300", "less"),
        ("vault.log_entries", "99", "at least 100, or 0"),
        ("vault.log_entries", "-1", "greater"),
        ("providers.x.enabled", "perhaps", "boolean"),
        ("providers.x.cache_hours", "-1", "greater"),
        ("providers.x.base_url", "ftp://box", "http://"),
        ("providers.x.base_url", "http://", "not an address"),
        ("providers.x.base_url", "http://a b", "not an address"),
        ("providers.x.base_url", "http:\\\\box", "not an address"),
        ("providers.x.base_url", "<script>", "not an address"),
        ("providers.x.base_url", "http://box#x", "cannot hold"),
        ("providers.x.base_url", ["http://box"], "string"),
    ],
)
def test_an_invalid_setting_is_refused_with_the_reason(
    key: str, typed: object, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        validated(key, typed)
    assert caught.value.message.startswith(f"{key}: ")
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("key", "offered"),
    [
        ("modle", "model"),
        ("temperature", "chat.temperature"),
        ("timeouts.conect", "timeouts.connect"),
        ("chat", "chat.temperature"),
        ("providers", "providers.NAME.enabled"),
        ("providers.x", "providers.NAME.enabled"),
        ("providers.x.url", "providers.x.base_url"),
        ("providers.x.stal_timeout", "providers.x.stall_timeout"),
        ("chat.max_token", "chat.max_tokens"),
        ("providers.x.first_token_timeot", "providers.x.first_token_timeout"),
        ("", "model"),
        ("__class__", "model"),
        ("chat.model_fields", "chat."),
        ("chat.temperature.real", "chat.temperature"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest_names(
    key: str, offered: str
) -> None:
    for call in (field_of, default, lambda key: validated(key, "1")):
        with pytest.raises(UsageError) as caught:
            call(key)
        assert offered in (caught.value.hint or "")


# secrets


@pytest.mark.parametrize(
    "key",
    [
        "api_key",
        "openai.api_key",
        "providers.openai.api_key",
        "providers.openai.apikey",
        "providers.openai.key",
        "providers.openai.token",
        "chat.password",
        "OPENAI_API_KEY",
        "secret",
    ],
)
def test_a_setting_named_like_a_secret_is_refused_with_where_keys_belong(
    key: str,
) -> None:
    with pytest.raises(UsageError, match="cannot hold keys") as caught:
        validated(key, KEY)
    assert "environment" in (caught.value.hint or "")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", f"openai/{KEY}"),
        ("chat.system", f"The key is {KEY}."),
        ("chat.system", "ghp_" + "a1" * 18),
        ("chat.system", "AIza" + "Sy" * 20),
        ("providers.x.base_url", "https://me:pw-sentinel@box"),
        ("providers.x.base_url", "me:pw-sentinel@box"),
        ("providers.x.base_url", "https://me%3Apw-sentinel%40box"),
        ("providers.x.base_url", "https://box/?api_key=pw-sentinel"),
        ("providers.x.base_url", f"https://box/{KEY}/v1"),
    ],
)
def test_a_setting_that_holds_a_secret_is_refused_and_not_repeated(
    key: str, value: str
) -> None:
    with pytest.raises(UsageError) as caught:
        validated(key, value)
    assert "sentinel" not in str(caught.value)
    assert "sentinel" not in repr(caught.value.__dict__)


def test_a_setting_that_holds_a_known_key_is_refused(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "plain-words-as-a-sentinel")
    assert app.keychain.find("GROQ_API_KEY")
    with pytest.raises(UsageError, match="contains a known secret") as caught:
        app.settings.update({"chat.system": "Say plain-words-as-a-sentinel."})
    assert "sentinel" not in str(caught.value)


# reading a file that somebody else wrote


def test_invalid_settings_of_a_file_are_left_out_and_named() -> None:
    settings, wrong = read(
        {
            "model": 7,
            "chat": {"temperature": 9, "max_tokens": 5},
            "timeouts": [],
            "providers": {
                "OpenAI": {"base_url": "http://me:pw-sentinel@box", "enabled": False},
                "x": 5,
                "y": {"stall_timeout": "long"},
            },
            "future": {"a": 1},
        }
    )
    assert settings.model is None
    assert settings.chat.temperature is None
    assert settings.chat.max_tokens == 5
    assert settings.provider("openai") == ProviderSettings(enabled=False)
    assert {*wrong} == {
        "model",
        "chat.temperature",
        "timeouts",
        "providers.OpenAI.base_url",
        "providers.x",
        "providers.y.stall_timeout",
    }
    assert "sentinel" not in repr(wrong)


@pytest.mark.parametrize("data", [{"providers": []}, {"chat": None}, {"chat": "x"}])
def test_a_group_of_the_wrong_type_is_left_out(
    data: dict[str, Any],
) -> None:
    settings, wrong = read(data)
    assert settings == Settings()
    assert len(wrong) == 1


# every setting has its effect


def ask(app: Parllama, model: str | None, **more: object) -> Any:
    return result_of(app, "ask", prompt="hi", model=model, **more)


def listed(app: Parllama, name: str, *, refresh: bool = False) -> Any:
    (found,) = app.runtime.run(app.model_lists.get([name], refresh=refresh))
    return found


def the_default_model_answers(app: Parllama, double: OpenAIDouble) -> None:
    scripted(app)
    app.settings.update({"model": "FAKE/scripted"})
    assert ask(app, None).model == "fake/scripted"
    scripted(app, name="mine")
    result_of(app, "use", model="mine/scripted")
    assert ask(app, None).model == "mine/scripted"


def the_system_prompt_is_sent(app: Parllama, double: OpenAIDouble) -> None:
    provider = scripted(app)
    app.settings.update({"chat.system": "Be brief."})
    ask(app, "fake/scripted")
    ask(app, "fake/scripted", system="Be long.")
    systems = [request.messages[0].text for request in provider.requests]
    assert systems == ["Be brief.", "Be long."]


def models_name_conversations(app: Parllama, double: OpenAIDouble) -> None:
    provider = scripted(app, ["A name"], models=("scripted", "namer"))
    app.settings.update({"model": "fake/scripted"})
    for name_by_model, model in ((False, None), (True, None), (True, "fake/namer")):
        app.settings.update(
            {"chat.name_by_model": name_by_model, "chat.naming_model": model}
        )
        session = app.runtime.run(app.sessions.new())
        app.jobs.start("ask", partial(session.ask, Question("Q"))).result()
        for job in app.jobs.list():
            job.result()
    assert [each.model for each in provider.requests] == [
        *["scripted"] * 4,
        "namer",
    ]


def the_memory_is_given(app: Parllama, double: OpenAIDouble) -> None:
    provider = scripted(app)
    app.settings.update({"model": "fake/scripted"})
    app.runtime.run(app.memory.save("Call me Kim"))
    for name, enabled in (("a", True), ("b", False)):
        app.settings.update({"memory.enabled": enabled})
        result_of(app, "ask", prompt="Q", session=name)
    sent = ["Kim" in request.messages[0].text for request in provider.requests]
    assert sent == [True, False]


def the_memory_is_rewritten_by(app: Parllama, double: OpenAIDouble) -> None:
    provider = scripted(app, ["- Drinks tea"], models=("scripted", "writer"))
    app.settings.update({"model": "fake/scripted"})
    for model in (None, "fake/writer"):
        app.settings.update({"memory.model": model})
        result_of(app, "remember", text="tea")
    assert [each.model for each in provider.requests] == ["scripted", "writer"]


def numbers_are_sent(key: str) -> Callable[[Parllama, OpenAIDouble], None]:
    def behave(app: Parllama, double: OpenAIDouble) -> None:
        provider = scripted(app)
        app.settings.update({f"chat.{key}": 1})
        ask(app, "fake/scripted")
        ask(app, "fake/scripted", **{key: 2})
        sent = [getattr(request, key) for request in provider.requests]
        assert sent == [1, 2]

    return behave


def limits_hold(key: str, model: str, said: str) -> Callable[..., None]:
    def behave(app: Parllama, double: OpenAIDouble) -> None:
        app.settings.update({"providers.llamacpp.base_url": double.url, key: 0.1})
        answer = ask(app, f"llamacpp/{model}")
        assert answer.error is not None
        assert answer.error.code == "timed-out"
        assert said in answer.error.message

    return behave


def connections_are_waited_for(key: str) -> Callable[..., None]:
    def behave(app: Parllama, double: OpenAIDouble) -> None:
        app.settings.update({"providers.llamacpp.base_url": double.url, key: 7})
        ask(app, "llamacpp/echo")
        client: Any = app.providers.get("llamacpp")
        assert client._clients[-1]._libraries[False].timeout.connect == 7

    return behave


def lists_are_not_waited_for(app: Parllama, double: OpenAIDouble) -> None:
    changes = {"providers.llamacpp.base_url": double.mute}
    app.settings.update({**changes, "timeouts.models": 0.1})
    assert listed(app, "llamacpp").failure == "silent for 0.1 s"


def the_vault_locks_in(key: str, unit: float) -> Callable[..., None]:
    other = {"idle_minutes": "longest_hours", "longest_hours": "idle_minutes"}[key]

    def behave(app: Parllama, double: OpenAIDouble) -> None:
        app.settings.update({f"vault.{key}": 2, f"vault.{other}": 0})
        app.vault.policy = weak_policy()
        app.vault.create("a password of some length")
        assert app.vault.lock_if_due() == pytest.approx(2 * unit, abs=5)
        # Also if it is unlocked already.
        app.settings.update({f"vault.{key}": 0.5})
        eventually(lambda: (app.vault.lock_if_due() or math.inf) <= unit / 2)
        app.settings.update({f"vault.{key}": 0})
        eventually(lambda: app.vault.lock_if_due() is None)

    return behave


def outputs_show_what_the_user_wants(app: Parllama, double: OpenAIDouble) -> None:
    work = Path(os.environ["PARLLAMA_NB_HOME"])
    work.mkdir(exist_ok=True)
    environment = {"A_KEY": KEY, "IPYTHONDIR": str(work / "ipython")}
    page = Page(sys.executable, environment, work)
    try:
        page.run("import os, parllama_nb as pl; key = pl.app().keychain.find('A_KEY')")
        assert page.value("key.reveal()") == "<Secret A_KEY>"
        app.settings.update({"vault.redact_outputs": False})
        assert page.value("key.reveal()") == KEY
    finally:
        page.close()


def a_provider_is_off(app: Parllama, double: OpenAIDouble) -> None:
    scripted(app)
    app.settings.update({"providers.fake.enabled": False})
    assert "fake" not in app.providers.enabled()
    with pytest.raises(ProviderDisabledError):
        ask(app, "fake/scripted")
    app.settings.reset("providers.fake.enabled")
    assert ask(app, "fake/scripted").text


def an_address_is_used(app: Parllama, double: OpenAIDouble) -> None:
    os.environ["LLAMACPP_BASE_URL"] = "127.0.0.1:9"
    try:
        app.settings.update({"providers.llamacpp.base_url": double.url})
        assert ask(app, "llamacpp/echo").text == "hi"
    finally:
        del os.environ["LLAMACPP_BASE_URL"]


def lists_are_kept_as_long(app: Parllama, double: OpenAIDouble) -> None:
    os.environ["OPENAI_API_KEY"] = KEY
    try:
        app.settings.update({"providers.openai.base_url": double.url})
        for _ in range(2):
            assert listed(app, "openai").models
        assert len(double.requests) == 1
        app.settings.update({"providers.openai.cache_hours": 0})
        assert listed(app, "openai").models
        assert len(double.requests) == 2
    finally:
        del os.environ["OPENAI_API_KEY"]


def pulls_wait_for_each_other(app: Parllama, double: OpenAIDouble) -> None:
    with OllamaDouble() as server:
        server.step = 0.05
        app.settings.update({"providers.ollama.base_url": server.url})
        app.settings.update({"local_models.parallel_pulls": 1})
        first, second = map(app.local_models.pull, ("sized-100-400", "tiny"))
        eventually(lambda: second.progress is not None)
        assert second.progress.phase.startswith("Waiting")
        app.settings.update({"local_models.parallel_pulls": 2})
        second.result()
        assert first.state == "running"
        first.cancel()


def cloud_models_are_refused(app: Parllama, double: OpenAIDouble) -> None:
    with OllamaDouble() as server:
        app.settings.update({"providers.ollama.base_url": server.url})
        assert (
            app.runtime.run(app.local_models.copy("qwen3-coder:480b-cloud", "near"))
            is None
        )
        app.settings.update({"local_models.cloud_models": False})
        for model in ("ollama/qwen3-coder:480b-cloud", "ollama/near"):
            answer = result_of(app, "ask", prompt="Hello.", model=[model])
            assert isinstance(answer.error, ProviderDisabledError), answer
            name = model.removeprefix("ollama/")
            embedding = app.providers.get("ollama").embed(name, ["Hello."])
            with pytest.raises(ProviderDisabledError):
                app.runtime.run(embedding)
        assert server.asked("/api/chat") == server.asked("/api/embed") == []
        assert result_of(app, "ask", prompt="Hello.", model=["ollama/echo"]).text


def a_passed_budget_is_said(app: Parllama, double: OpenAIDouble) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", PRICED_KEY)
        ask = priced(app, double)
        app.settings.update({"budget.warn": 2})
        assert "this month" not in ask().footer
        assert ask().footer.endswith("$2.00 of $2.00 this month")


def a_used_up_budget_stops(app: Parllama, double: OpenAIDouble) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", PRICED_KEY)
        ask = priced(app, double)
        app.settings.update({"budget.stop": 2})
        assert [ask().error for _ in range(2)] == [None, None]
        assert isinstance(ask().error, BudgetError)


def the_log_is_kept_as_long(app: Parllama, double: OpenAIDouble) -> None:
    app.vault.policy = weak_policy()
    app.vault.create("a password of some length")
    for number in range(120):
        app.vault.set(f"N{number}", "x")
    for kept, entries in ((0, 123), (100, 100)):
        app.settings.update({"vault.log_entries": kept})
        app.vault.lock()
        app.vault.unlock("a password of some length")
        assert len(app.vault.log()) == entries
    assert app.vault.verify() == ""


def attachments_are_limited(name: str) -> Callable[[Parllama, OpenAIDouble], None]:
    def effect(app: Parllama, double: OpenAIDouble) -> None:
        # Each half of what the whole of a message may have.
        given = [NamedFile(f"{n}.txt", b"text " * 160_000) for n in range(2)]
        if name == "image_mb":
            given = [NamedFile("a.png", b"\x89PNG\r\n\x1a\n" + bytes(1_600_000))]
        if name == "file_mb":
            given = [NamedFile("a.txt", b"text " * 320_000)]
        reader = app.attachments
        assert app.runtime.run(reader.read_all(given))
        app.settings.update({f"attachments.{name}": 1})
        with pytest.raises(UsageError, match=r"the limit .*is 1\.0 MB"):
            app.runtime.run(reader.read_all(given))

    return effect


BEHAVIOURS: dict[str, Callable[[Parllama, OpenAIDouble], None]] = {
    "model": the_default_model_answers,
    "chat.system": the_system_prompt_is_sent,
    "chat.temperature": numbers_are_sent("temperature"),
    "chat.max_tokens": numbers_are_sent("max_tokens"),
    "chat.name_by_model": models_name_conversations,
    "chat.naming_model": models_name_conversations,
    "memory.enabled": the_memory_is_given,
    "memory.model": the_memory_is_rewritten_by,
    "budget.warn": a_passed_budget_is_said,
    "budget.stop": a_used_up_budget_stops,
    "timeouts.connect": connections_are_waited_for("timeouts.connect"),
    "timeouts.first_token": limits_hold(
        "timeouts.first_token", "fault-stall-headers", "first token"
    ),
    "timeouts.stall": limits_hold("timeouts.stall", "fault-stall", "further token"),
    "timeouts.models": lists_are_not_waited_for,
    "local_models.parallel_pulls": pulls_wait_for_each_other,
    "local_models.cloud_models": cloud_models_are_refused,
    "attachments.file_mb": attachments_are_limited("file_mb"),
    "attachments.image_mb": attachments_are_limited("image_mb"),
    "attachments.message_mb": attachments_are_limited("message_mb"),
    "vault.idle_minutes": the_vault_locks_in("idle_minutes", 60),
    "vault.longest_hours": the_vault_locks_in("longest_hours", 3600),
    "vault.log_entries": the_log_is_kept_as_long,
    "vault.redact_outputs": outputs_show_what_the_user_wants,
    "providers.NAME.enabled": a_provider_is_off,
    "providers.NAME.base_url": an_address_is_used,
    "providers.NAME.cache_hours": lists_are_kept_as_long,
    "providers.NAME.connect_timeout": connections_are_waited_for(
        "providers.llamacpp.connect_timeout"
    ),
    "providers.NAME.first_token_timeout": limits_hold(
        "providers.llamacpp.first_token_timeout", "fault-stall-headers", "first token"
    ),
    "providers.NAME.stall_timeout": limits_hold(
        "providers.llamacpp.stall_timeout", "fault-stall", "further token"
    ),
}


def test_every_setting_is_listed_with_what_it_does() -> None:
    assert [*BEHAVIOURS] == keys(["NAME"])


@pytest.mark.parametrize("key", BEHAVIOURS)
def test_each_setting_has_its_effect(
    app: Parllama, double: OpenAIDouble, key: str
) -> None:
    BEHAVIOURS[key](app, double)


def test_a_providers_own_timeouts_win_over_those_for_all(app: Parllama) -> None:
    assert app.applied.options("openai") == ProviderOptions()
    app.settings.update({"timeouts.stall": 30, "providers.openai.stall_timeout": 20})
    assert app.applied.options("openai").timeouts.stall == 20
    assert app.applied.options("groq").timeouts.stall == 30
    app.settings.reset("providers.openai.stall_timeout")
    assert app.applied.options("openai").timeouts.stall == 30


def test_a_default_is_not_sent_to_a_provider_without_that_option(app: Parllama) -> None:
    from dataclasses import replace

    provider = scripted(app)
    provider.spec = replace(provider.spec, options=frozenset({"max_tokens"}))
    app.settings.update({"chat.temperature": 1, "chat.max_tokens": 9})
    assert ask(app, "fake/scripted").error is None
    (request,) = provider.requests
    assert (request.temperature, request.max_tokens) == (None, 9)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("model", "opnai/x", "no provider"),
        ("model", "gpt-5", "is not a model"),
        ("providers.opnai.enabled", False, "no provider"),
        ("providers.embedded.base_url", "http://box", "cannot be set"),
        ("providers.openai.base_url", "box:99999", "is not the address"),
    ],
)
def test_a_setting_is_checked_against_the_known_providers(
    app: Parllama, key: str, value: object, reason: str
) -> None:
    with pytest.raises(ParllamaError, match=reason):
        app.settings.update({"chat.temperature": 1, key: value})
    assert app.settings.changes() == {}


def test_a_provider_setting_accepts_every_name_of_the_provider(app: Parllama) -> None:
    app.settings.update({"providers.LlamaCpp.enabled": "off"})
    app.settings.update({"providers.llama.cpp.stall_timeout": 5})
    assert app.settings.changes() == {
        "providers.llamacpp.enabled": False,
        "providers.llamacpp.stall_timeout": 5.0,
    }


def test_changed_settings_are_emitted_on_the_service_loop(app: Parllama) -> None:
    from parllama_nb.events import SETTINGS, Event, SettingsChanged

    heard: list[Event] = []
    app.events.listen(SETTINGS, heard.append)
    app.settings.update({"chat.temperature": 1, "providers.groq.enabled": False})
    app.settings.update({"chat.temperature": 1.0})
    app.runtime.run(asyncio.sleep(0))
    keys_changed = ("chat.temperature", "providers.groq.enabled")
    assert heard == [SettingsChanged(keys_changed)]
