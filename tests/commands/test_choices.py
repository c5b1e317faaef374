"""The commands settings, providers and models, run as the magics run them."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parllama_nb as pl
from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Report
from parllama_nb.commands.completion import complete
from parllama_nb.commands.grammar import parse_line
from parllama_nb.commands.models import ModelTable
from parllama_nb.commands.providers import age
from parllama_nb.errors import (
    ProviderDisabledError,
    ServerError,
    UnknownProviderError,
    UsageError,
)
from parllama_nb.providers.spec import ModelInfo
from parllama_nb.testing import FakeProvider

from ..own_app import own_app, result_of, scripted
from ..servers.openai_sse import OpenAIDouble

NOWHERE = "http://127.0.0.1:9/v1"
TRY = "`%parllama providers test openai` tries again."
KEY = "sk-sentinel-choices-0123456789"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    """An app on a machine where no local server runs."""
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    monkeypatch.setenv("LLAMACPP_BASE_URL", NOWHERE)
    monkeypatch.setenv("LITELLM_BASE_URL", NOWHERE)
    with own_app() as app:
        yield app


@pytest.fixture
def double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


def typed(app: Parllama, line: str) -> Any:
    """Returns the result of a line, typed after `%parllama`."""
    command, params = parse_line(COMMANDS, line)
    return result_of(app, command.name, **params.model_dump(exclude_unset=True))


def rows(report: Any) -> dict[str, list[str]]:
    """Returns the rows of a report's table, by their first cell."""
    assert isinstance(report, Report)
    shown = html.unescape(report.text)
    lines = [line for line in shown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
    assert {len(row) for row in cells} <= {len(lines[0].split("|")) - 2}
    return {row[0]: row[1:] for row in cells}


# settings


def test_settings_are_listed_with_their_defaults(app: Parllama) -> None:
    typed(app, "settings timeouts.stall 90")
    found = rows(typed(app, "settings"))
    assert found["timeouts.stall"][:2] == ["**90**", "60"]
    assert found["timeouts.connect"][:2] == ["10", "10"]
    assert "model" in found
    assert not any(key.startswith("providers.") for key in found)


def test_a_setting_is_shown_changed_and_reset(app: Parllama) -> None:
    assert [*rows(typed(app, "settings model"))] == ["model"]
    scripted(app)
    assert rows(typed(app, "settings model FAKE/x"))["model"][0] == "**fake/x**"
    assert app.default_model == "fake/x"
    assert rows(typed(app, "settings --reset model"))["model"][0] == "\N{EN DASH}"
    assert app.default_model is None


def test_a_setting_may_have_a_value_of_many_words(app: Parllama) -> None:
    typed(app, "settings chat.system Be brief, and don't say {why}.")
    assert app.settings.current.chat.system == "Be brief, and don't say {why}."
    typed(app, 'settings chat.system "-t  is  no option"')
    assert app.settings.current.chat.system == "-t  is  no option"
    typed(app, "settings chat.temperature 0")
    assert app.settings.current.chat.temperature == 0


def test_a_group_of_settings_is_shown_by_its_name(app: Parllama) -> None:
    assert {*rows(typed(app, "settings timeouts"))} == {
        f"timeouts.{name}" for name in ("connect", "first_token", "stall", "models")
    }
    of_one = rows(typed(app, "settings providers.groq"))
    assert "providers.groq.base_url" in of_one
    assert all(key.startswith("providers.groq.") for key in of_one)
    everyone = rows(typed(app, "settings providers"))
    assert len(everyone) == len(of_one) * len(app.providers.names())


def test_reset_all_resets_every_setting(app: Parllama) -> None:
    typed(app, "settings chat.temperature 1")
    typed(app, "settings providers.groq.enabled off")
    with pytest.raises(UsageError, match="needs one setting"):
        typed(app, "settings --reset")
    assert len(app.settings.changes()) == 2
    typed(app, "settings --reset all")
    assert app.settings.changes() == {}


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("settings modle x/y", "model"),
        ("settings chat.temperature warm", None),
        ("settings --reset modle", "model"),
        ("settings openai.api_key x", "environment"),
        ("settings chat x", "chat."),
    ],
)
def test_an_invalid_setting_is_refused_and_changes_nothing(
    app: Parllama, line: str, hint: str | None
) -> None:
    with pytest.raises(UsageError) as caught:
        typed(app, line)
    assert hint is None or hint in (caught.value.hint or "")
    assert app.settings.changes() == {}


def test_problems_of_the_settings_file_are_shown_with_the_settings(
    app: Parllama, home: Path
) -> None:
    path = home / "config" / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"chat": {"temperature": 9}}')
    assert "The file's chat.temperature is ignored" in str(typed(app, "settings"))
    path.write_text("{")
    assert "is not valid JSON" in str(typed(app, "settings"))
    assert result_of(app, "doctor").text.count("is not valid JSON") == 1


def test_a_hostile_setting_is_shown_as_plain_text(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = "<img src=http://x.example> ![x](http://x.example/?leak) a|b `c`"
    app.settings.update({"chat.system": text})
    markdown = typed(app, "settings chat.system").markdown
    assert "<img" not in markdown
    assert "![" not in markdown
    assert text in str(typed(app, "settings chat.system"))


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("settings mo", ["model"]),
        ("settings timeouts.s", ["timeouts.stall"]),
        ("settings providers.groq.b", ["providers.groq.base_url"]),
        ("settings providers.groq.enabled ", ["true", "false"]),
        ("settings chat.temperature ", []),
        ("settings --r", ["--reset"]),
        ("providers e", ["enable"]),
        ("providers enable x", ["xai"]),
        ("providers disable openai gr", ["groq"]),
        ("providers enable openai ", ["xai"]),
        ("providers set groq st", ["stall_timeout="]),
        ("providers set groq base_url=x st", ["stall_timeout="]),
        ("providers set gro", ["groq"]),
        ("models gro", ["groq"]),
        ("models groq x", []),
        ("models --", ["--refresh", "--view"]),
    ],
)
def test_settings_and_providers_are_completed(
    app: Parllama, line: str, offered: list[str]
) -> None:
    app.settings.update({"providers.xai.enabled": False})
    assert complete(COMMANDS, app, line, cell=False) == offered


# providers


def test_providers_are_listed_with_their_addresses_and_keys(
    app: Parllama, double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://me:pw-sentinel@{double.root[7:]}/v1")
    typed(app, "providers set groq base_url=gate.example/v1")
    typed(app, "providers disable mistral")
    typed(app, "models openai")
    report = typed(app, "providers")
    found = rows(report)
    assert [*found] == app.providers.names()
    state, where, key, models, listed = found["openai"]
    assert (state, key, listed) == ("on", "OPENAI_API_KEY, environment", "just now")
    assert where == f"{double.url} (OPENAI_BASE_URL)"
    assert int(models) > 10
    assert found["groq"][:3] == ["on", "https://gate.example/v1 (setting)", "missing"]
    assert found["mistral"][0] == "**off**"
    assert found["embedded"][1:3] == ["on this machine", "not needed"]
    assert "sentinel" not in report.text


def test_an_invalid_address_in_the_environment_is_shown_with_its_variable(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_BASE_URL", "ftp://me:pw-sentinel@x")
    report = typed(app, "providers")
    assert "GROQ_BASE_URL is not the address" in rows(report)["groq"][1]
    assert "sentinel" not in report.text


def test_several_providers_are_switched_off_and_on_at_once(app: Parllama) -> None:
    assert "openai, groq" in str(typed(app, "providers disable OpenAI groq"))
    assert {"openai", "groq"} & {*app.providers.enabled()} == set()
    typed(app, "providers enable groq openai")
    assert {"openai", "groq"} <= {*app.providers.enabled()}
    assert app.settings.changes() == {}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("providers disable openai nobody", UnknownProviderError),
        ("providers disable", UsageError),
        ("providers explode openai", UsageError),
        ("providers set", UsageError),
        ("providers set groq base_url", UsageError),
        ("providers set groq url=x stall_timeout=5", UsageError),
        ("providers set groq stall_timeout=5 connect_timeout=soon", UsageError),
        ("providers set embedded base_url=http://box", UsageError),
        (f"providers set openai api_key={KEY}", UsageError),
        ("providers set openai base_url=http://me:pw-sentinel@box", UsageError),
        ("providers test nobody", UnknownProviderError),
    ],
)
def test_an_invalid_providers_line_is_refused_and_changes_nothing(
    app: Parllama, line: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        typed(app, line)
    assert app.settings.changes() == {}
    assert "sentinel" not in str(caught.value)


def test_a_providers_settings_are_shown_after_set_and_reset_by_empty_values(
    app: Parllama,
) -> None:
    found = typed(app, "providers set groq base_url=box:1/x stall_timeout=5")
    assert "https://box:1/x" in str(found)
    assert rows(found)["stall_timeout"][0] == "5"
    typed(app, "providers set groq base_url= stall_timeout=")
    assert app.settings.changes() == {}
    assert rows(typed(app, "providers set groq"))["enabled"][0] == "true"


def test_providers_test_reports_the_real_reason(
    app: Parllama, double: OpenAIDouble
) -> None:
    class Failing(FakeProvider):
        async def models(self) -> list[ModelInfo]:
            message = "The server | said 503."
            raise ServerError(message, hint="Wait.")

    scripted(app, name="failing", kind=Failing)
    typed(app, f"providers set llamacpp base_url={double.url}")
    found = rows(typed(app, "providers test llamacpp ollama groq"))
    assert found["llamacpp"][0] == "ok"
    assert found["ollama"][0] == "**no**"
    assert "ollama serve" in found["ollama"][1]
    assert found["groq"][0] == "\N{EN DASH}"
    assert "GROQ_API_KEY" in found["groq"][1]
    failing = str(typed(app, "providers test failing"))
    assert "The server | said 503. Wait." in failing


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (200_000, "2 days ago"),
        (-100, "in the future, by the clock of this machine"),
    ],
)
def test_an_age_is_shown_in_words(seconds: float, words: str) -> None:
    now = time.time()
    assert age(now - seconds, now) == words
    assert age(None) == "never"


# models


INFOS = [
    ModelInfo("acme", "gpt-5-mini", 400_000, capabilities=frozenset({"vision", "a"})),
    ModelInfo("acme", "a/b:free", size=5, modified="2026-01-02T03:04:05+00:00"),
    ModelInfo("acme", "<b>&x</b>", input_price=0.25, output_price=2.0),
]


def acme(app: Parllama, listed: list[ModelInfo] | None = None, **more: Any) -> None:
    class Acme(FakeProvider):
        async def models(self) -> list[ModelInfo]:
            return INFOS if listed is None else listed

    scripted(app, name="acme", kind=Acme, **more)


def test_the_command_models_returns_a_data_frame(app: Parllama) -> None:
    acme(app)
    table = typed(app, "models acme")
    assert isinstance(table, ModelTable)
    frame = table.frame
    assert [*frame.columns] == [
        "provider",
        "model",
        "context_window",
        "input_price",
        "output_price",
        "capabilities",
        "size",
        "quantization",
        "state",
        "modified",
        "note",
    ]
    assert [*frame["model"]] == ["gpt-5-mini", "a/b:free", "<b>&x</b>"]
    assert frame["context_window"].sum() == 400_000
    assert frame["capabilities"][0] == "a, vision"
    assert frame["modified"][1] == pd.Timestamp("2026-01-02T03:04:05Z")
    assert frame["output_price"][2] == 2.0
    assert frame["note"].isna().all()
    assert frame.attrs == {"notes": {}}
    html = table._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "gpt-5-mini" in repr(table)


def test_an_empty_list_of_models_has_the_same_columns_and_types(app: Parllama) -> None:
    acme(app)
    full = typed(app, "models acme").frame
    acme(app, [])
    app.providers._made.clear()
    empty = typed(app, "models acme --refresh").frame
    assert len(empty) == 0
    assert [*empty.dtypes] == [*full.dtypes]


@pytest.mark.parametrize(
    "date", ["9999-99-99", "0000-01-01", "9999-12-31", "2026-02-30", "1-1-1"]
)
def test_an_invalid_date_of_a_model_is_missing(app: Parllama, date: str) -> None:
    acme(app, [ModelInfo("acme", "x", modified=date)])
    assert typed(app, "models acme").frame["modified"].isna().all()


def test_words_select_the_models_whose_names_match(app: Parllama) -> None:
    acme(app)
    assert [*typed(app, "models mini gpt5").frame["model"]] == ["gpt-5-mini"]
    assert [*typed(app, "models acme free").frame["model"]] == ["a/b:free"]
    found = typed(app, "models acme fre2")
    assert len(found.frame) == 0
    assert "No model's name matches 'fre2'" in repr(found)
    assert "Did you mean groq?" in repr(typed(app, "models grok"))


def test_providers_without_a_list_are_named_below_the_table(app: Parllama) -> None:
    text = repr(typed(app, "models"))
    assert "Not asked (no key): openai, anthropic, gemini" in text
    assert "Not running: ollama, llamacpp, litellm" in text.replace("_proxy", "")


def test_a_stale_list_is_shown_with_the_reason(app: Parllama) -> None:
    acme(app)
    typed(app, "models acme")

    class Down(FakeProvider):
        async def models(self) -> list[ModelInfo]:
            message = "down"
            raise ServerError(message)

    scripted(app, name="acme", kind=Down)
    app.providers._made.clear()
    frame = typed(app, "models acme --refresh").frame
    assert [*frame["note"]] == ["stale: down"] * 3
    assert frame.attrs["notes"] == {"acme": "stale: down"}
    assert app.model_lists.at_hand()[-1].models


def test_pl_models_returns_the_same_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    app = pl.app()
    acme(app)
    assert [*pl.models("acme")["model"]] == [info.name for info in INFOS]
    assert len(pl.models(provider="ACME", refresh=True)) == 3
    with pytest.raises(UnknownProviderError, match="acne") as caught:
        pl.models("acne")
    assert "acme" in (caught.value.hint or "")
    app.settings.update({"providers.acme.enabled": False})
    with pytest.raises(ProviderDisabledError):
        pl.models("acme")


def test_models_without_pandas_says_that_it_is_missing(
    app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    acme(app)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pandas is not installed"):
        typed(app, "models acme")


def test_cached_lists_are_offered_when_a_model_is_completed(
    app: Parllama, double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    assert complete(COMMANDS, app, "use openai/e", cell=False) == []
    assert double.requests == []
    typed(app, "models openai")
    assert complete(COMMANDS, app, "use OPENAI/e", cell=False) == ["openai/echo"]
    assert len(double.requests) == 1
    typed(app, "providers disable openai")
    assert complete(COMMANDS, app, "use openai/", cell=False) == []


# doctor


def test_the_doctor_shows_disabled_providers_and_failed_lists(
    app: Parllama, double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doctor() -> dict[str, list[str]]:
        lines = result_of(app, "doctor").text.splitlines()[2:]
        cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
        return {row[1]: [row[0], *row[2:]] for row in cells}

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    typed(app, "models openai")
    assert "models, listed just now" in doctor()["OpenAI"][1]
    monkeypatch.setenv("OPENAI_BASE_URL", NOWHERE)
    typed(app, "models openai --refresh")
    state, found, remedy = doctor()["OpenAI"]
    assert state == "**no**"
    assert "no connection" in found
    assert remedy == f"Check the network and the address. {TRY}"
    typed(app, "providers disable openai ollama")
    for title, name in (("OpenAI", "openai"), ("Ollama", "ollama")):
        _, found, remedy = doctor()[title]
        assert (found, remedy) == (
            "switched off",
            f"`%parllama providers enable {name}`",
        )
    assert doctor()["settings"][0] == "ok"


def test_no_key_is_in_any_output_or_file(
    app: Parllama, double: OpenAIDouble, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    double.listed = [{"id": KEY, "created": 1, "owned_by": KEY}]
    shown = [typed(app, line) for line in ("models", "providers", "settings", "doctor")]
    app.store.close()
    written = b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())
    assert KEY not in " ".join(map(str, shown))
    assert KEY not in " ".join(each.frame.to_csv() for each in shown[:1])
    assert KEY.encode() not in written
    assert json.dumps(app.settings.current.model_dump()).count("sentinel") == 0


def test_completion_in_ipython_works_after_a_colon_and_an_equals_sign(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from IPython.core.completer import provisionalcompleter
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    app = pl.app()
    acme(app, [ModelInfo("acme", "m:1b"), ModelInfo("acme", "m:8b")], local=True)
    shell = InteractiveShell()
    try:
        pl.load_ipython_extension(shell)

        def whole(line: str) -> list[str]:
            """Returns the lines that completion would make of a line."""
            with provisionalcompleter():
                found = [*shell.Completer.completions(line, len(line))]
            return sorted(f"{line[: each.start]}{each.text}" for each in found)

        assert whole("%parllama use acme/m:8") == ["%parllama use acme/m:8b"]
        # After an equals sign IPython also offers the names of variables.
        offered = whole("%parllama use acme/m:")
        assert {"%parllama use acme/m:1b", "%parllama use acme/m:8b"} <= {*offered}
        assert not any("m:acme" in each for each in offered)
        assert whole("%parllama providers set groq stall") == [
            "%parllama providers set groq stall_timeout="
        ]
    finally:
        shell.history_manager.end_session()
        shell.history_manager = None
