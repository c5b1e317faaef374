"""The view of local models: what a page shows is what the server has, at any moment."""

from __future__ import annotations

import json

import pytest

from parllama_nb.application import Parllama
from parllama_nb.providers.spec import ModelInfo
from parllama_nb.widgets.models.view import ModelBrowser
from parllama_nb.widgets.models.wire import model_row
from parllama_nb.widgets.panel.view import ControlPanel
from tests.eventually import eventually
from tests.servers.ollama import OllamaDouble
from tests.servers.ollama.models import Model

from ..recording import Page
from .asking import Browser


def test_a_row_says_what_the_server_says_of_its_model(browser: Browser) -> None:
    row = browser.models["ollama/sees:latest"]
    assert row["size"] == 1_321_098_480
    assert row["quantization"] == "Q4_K_M"
    assert row["family"] == "llama"
    assert row["parameters"] == "1.2B"
    assert row["context_window"] == 131_072
    assert row["capabilities"] == ["completion", "vision"]
    assert not row["loaded"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-06-01T10:00:00Z", 1_780_308_000),
        ("2026-06-01T12:00:00.123456789+02:00", 1_780_308_000.123456),
        ("2026-06-01T10:00:00", 1_780_308_000),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_time_is_read_however_a_server_writes_it(
    text: str | None, seconds: float | None
) -> None:
    row = model_row(ModelInfo("ollama", "m", modified=text))
    assert row.modified == pytest.approx(seconds)


def test_a_cloud_model_is_named_as_one_and_takes_no_room(browser: Browser) -> None:
    row = browser.models["ollama/qwen3-coder:480b-cloud"]
    assert row["remote"] == "ollama.com"
    assert "size" not in row


def test_models_of_the_embedded_engine_are_in_the_same_table(browser: Browser) -> None:
    assert browser.models["embedded/smollm2"]["provider"] == "embedded"
    assert {*browser.lists} == {"ollama", "embedded"}


def test_a_pull_is_shown_as_a_job_and_then_as_a_row(
    browser: Browser, server: OllamaDouble
) -> None:
    server.step = 0.03
    job_id = browser.result("pull", model=" llama3.2:1b ")["job_id"]
    seen = []

    def has_layers() -> bool:
        progress = browser.shown.jobs.get(job_id, {}).get("progress") or {}
        seen.extend(progress.get("layers") or [])
        return bool(seen)

    eventually(has_layers)
    assert browser.ended(job_id)["state"] == "done"
    eventually(lambda: "ollama/llama3.2:1b" in browser.models)
    # Whoever looks later sees the same.
    later = ModelBrowser(browser.app)
    assert job_id in {job.id for job in later.snapshot().jobs}
    later.close()


def test_other_jobs_are_not_shown(browser: Browser, app: Parllama) -> None:
    async def nothing(job: object) -> None:
        del job

    app.jobs.start("ask", nothing).result()
    job_id = browser.result("load", model="ollama/echo:small")["job_id"]
    browser.ended(job_id)
    assert {*browser.shown.jobs} == {job_id}


def test_a_pull_that_fails_says_why(browser: Browser) -> None:
    job_id = browser.result("pull", model="nothing-of-this-name")["job_id"]
    job = browser.ended(job_id)
    assert job["state"] == "failed"
    assert job["error"]["code"] == "model-not-found"
    assert "nothing-of-this-name" in job["error"]["message"]
    wrong = browser.ask("pull", model="two words")["error"]
    assert wrong["code"] == "usage"


def test_a_pull_is_cancelled(browser: Browser, server: OllamaDouble) -> None:
    server.step = 0.2
    job_id = browser.result("pull", model="llama3.2:1b")["job_id"]
    browser.result("cancel", job_id=job_id)
    assert browser.ended(job_id)["state"] == "cancelled"


def test_a_loaded_model_is_marked_and_listed_until_it_is_unloaded(
    browser: Browser,
) -> None:
    job_id = browser.result("load", model="ollama/echo:small")["job_id"]
    browser.ended(job_id)
    eventually(lambda: browser.models["ollama/echo:small"]["loaded"])
    answer = browser.result("running")
    (running,) = answer["models"]
    assert running["id"] == "ollama/echo:small"
    assert running["until"] > answer["now"]
    assert "problem" not in answer
    browser.result("unload", model="ollama/echo:small")
    eventually(lambda: not browser.models["ollama/echo:small"]["loaded"])
    assert browser.result("running")["models"] == []


def test_deleted_models_are_gone_and_the_others_say_why_they_are_not(
    browser: Browser,
) -> None:
    models = ["ollama/echo:small", "ollama/was-never-there", "ollama/sees:latest"]
    failed = browser.result("delete", models=models)["failed"]
    assert [each["model"] for each in failed] == ["ollama/was-never-there"]
    assert failed[0]["error"]["code"] == "model-not-found"
    eventually(lambda: "ollama/echo:small" not in browser.models)
    assert "ollama/sees:latest" not in browser.models
    assert "ollama/echo:latest" in browser.models


def test_a_copy_is_a_row_of_its_own(browser: Browser) -> None:
    browser.result("copy", source="ollama/echo:small", destination=" mine ")
    eventually(lambda: "ollama/mine:latest" in browser.models)
    copy, source = (
        browser.models[f"ollama/{n}"] for n in ("mine:latest", "echo:small")
    )
    assert copy["digest"] == source["digest"]
    error = browser.ask("copy", source="ecko", destination="x")["error"]
    assert "Did you mean echo:latest" in error["hint"]


def test_what_changes_elsewhere_is_sent_as_changes_alone(
    browser: Browser, server: OllamaDouble
) -> None:
    before = len(browser.page.events)
    server.library.add(Model("new:latest"))
    browser.result("refresh")
    eventually(lambda: "ollama/new:latest" in browser.models)
    changed = [
        row["id"]
        for event in browser.page.events[before:]
        if event["event"] == "models"
        for row in event["data"]["changed"]
    ]
    assert changed == ["ollama/new:latest"]


def test_details_hold_all_that_is_known(browser: Browser, server: OllamaDouble) -> None:
    server.library.add(
        Model("told:latest", system="Be brief.", parameters={"num_ctx": 512})
    )
    details = browser.result("details", model="ollama/told:latest")
    facts = {each["name"]: each["value"] for each in details["facts"]}
    assert facts["Quantization"] == "Q4_K_M"
    assert facts["Context window"] == "8,192 tokens"
    assert facts["Size"] == "1.3 GB (1,321,098,505 bytes)"
    assert details["system"] == "Be brief."
    assert details["parameters"] == [{"name": "num_ctx", "value": "512"}]
    assert details["modelfile"].startswith("# Modelfile")
    metadata = {each["name"]: each["value"] for each in details["metadata"]}
    assert metadata["general.parameter_count"] == "1,235,814,432"
    cloud = browser.result("details", model="ollama/qwen3-coder:480b-cloud")
    assert cloud["remote"] == "ollama.com"
    error = browser.ask("details", model="ollama/ecko")["error"]
    assert error["code"] == "model-not-found"


def test_a_chat_with_a_model_is_a_view_of_its_own(browser: Browser, page: Page) -> None:
    first = browser.result("chat", model="ollama/echo:small")
    assert first["model_id"] in page.open()
    # The same view, in a conversation with the next model.
    second = browser.result("chat", model="ollama/sees:latest")
    assert second["model_id"] == first["model_id"]
    assert second["session"] != first["session"]


def test_in_the_panel_a_chat_opens_in_its_tab(page: Page, app: Parllama) -> None:
    panel = ControlPanel(app, "nb")
    asked = page.ask(panel, "open", tab="models")
    eventually(lambda: page.responses(asked))
    hello = page.ask(panel, "hello")
    eventually(lambda: page.responses(hello))
    view = panel._views["models"].result()
    assert isinstance(view, ModelBrowser)
    assert view.snapshot().in_panel
    asked = page.ask(view, "chat", model="ollama/echo:small")
    eventually(lambda: page.responses(asked))
    assert page.response(asked)["result"]["model_id"] == ""
    told = [each["data"] for each in page.events if each["event"] == "tab"]
    assert told == [{"name": "chat"}]
    chat = panel._views["chat"].result()
    assert chat.session.model == "ollama/echo:small"
    panel.close()


def test_where_the_user_was_is_there_after_a_reload(browser: Browser) -> None:
    place = {"segment": "running", "sort": "size", "down": True, "filter": "llama"}
    browser.result("place", **place)
    assert browser.result("hello")["place"] == place


def test_words_of_the_command_are_the_first_filter(page: Page, app: Parllama) -> None:
    view = ModelBrowser(app, "llama 8b")
    assert view.snapshot().place.filter == "llama 8b"
    view.close()


def test_a_server_that_is_not_there_is_no_error_of_the_view(
    page: Page, app: Parllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    browser = Browser(page, app, ModelBrowser(app))
    browser.greet()
    assert browser.lists["ollama"]["failure"]["code"] == "unreachable"
    answer = browser.result("running")
    assert (answer["models"], answer["problem"]["code"]) == ([], "unreachable")
    assert "embedded/smollm2" in browser.models
    assert browser.ask("pull", model="tiny").get("error") is None
    browser.view.close()


def test_a_password_in_the_address_is_in_nothing_that_is_sent(
    page: Page, app: Parllama, monkeypatch: pytest.MonkeyPatch, server: OllamaDouble
) -> None:
    server.login = "me:s3cret-word"
    try:
        monkeypatch.setenv("OLLAMA_HOST", f"http://me:s3cret-word@{server.host}")
        browser = Browser(page, app, ModelBrowser(app))
        browser.greet()
        assert "ollama/echo:small" in browser.models
        browser.ask("details", model="ollama/ecko")
        browser.ended(browser.result("push", model="ollama/echo:small")["job_id"])
        browser.view.close()
    finally:
        server.login = ""
    assert "s3cret" not in json.dumps(page.messages)


def test_a_closed_view_says_nothing_more(browser: Browser, app: Parllama) -> None:
    browser.view.close()
    before = len(browser.page.events)
    app.local_models.load("echo:small").result()
    app.runtime.run(app.model_lists.get(["ollama"], refresh=True))
    assert len(browser.page.events) == before
