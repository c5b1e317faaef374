"""A question that misses the vault, in a real kernel: its output leads there."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from ..widgets.sealing import seal
from .conftest import StartPage
from .page import Page, Run, View
from .test_chat import open_chat, settled, shown
from .test_vault import PASSWORD, SECRET, create, everything_said

pytestmark = pytest.mark.kernel

VIEW = "application/vnd.jupyter.widget-view+json"
SENTINEL = "sentinel of a private talk 2f7a"


@pytest.fixture
def page(start_page: StartPage) -> Page:
    """A kernel whose key is in the locked vault alone."""
    page = start_page("own")
    create(page)
    kept = page.run("%parllama vault set OPENAI_API_KEY", typed=[SECRET])
    assert kept.status == "ok", kept.text
    page.run("import os; del os.environ['OPENAI_API_KEY']")
    page.run("%parllama vault lock")
    return page


def unlock(view: View) -> None:
    key = view.ask("sealing_key")["result"]
    sealed = seal(key, "unlock", {"password": PASSWORD})
    found = view.ask("unlock", {"sealed": sealed, "name": "OPENAI_API_KEY"})
    assert found["result"] == {"state": "unlocked", "found": True}


def failed(page: Page, code: str, cell_id: str = "one") -> tuple[Run, View]:
    """A cell that fails where somebody sits, and the view that stays in it."""
    known = set(page.views)
    run = page.run(code, cell_id=cell_id, typed=[])
    assert run.status == "error"
    data = run.outputs[0]["data"]
    model = data[VIEW]["model_id"]
    assert model not in known
    return run, page.views[model]


def shows(run: Run, text: str) -> bool:
    return text in run.outputs[0]["data"].get("text/markdown", "")


@pytest.mark.parametrize("option", ["-c", ""])
def test_a_cell_without_its_key_is_asked_again_in_its_own_output(
    page: Page, option: str
) -> None:
    run, view = failed(page, f"%%parllama openai/echo {option} -o answer\nHi there.")
    first, error = run.outputs
    # What is saved is the text of the error, and the cell has raised it as ever.
    assert (
        "AuthenticationError: OpenAI: there is no key." in first["data"]["text/plain"]
    )
    assert error["ename"] == "AuthenticationError"
    snapshot = view.ask("hello")["result"]
    assert snapshot["state"] == "failed"
    assert snapshot["error"]["missing_key"] == "OPENAI_API_KEY"
    assert snapshot["again"]
    unlock(view)
    assert "error" not in view.ask("again")
    page.until(lambda: shows(run, "Hi there."))
    assert VIEW not in run.outputs[0]["data"]
    assert any(event["event"] == "delta" for event in view.events)
    assert "Hi there." in page.value("answer.text")
    again = view.ask("again")
    assert again["error"]["hint"] == "Run the cell again."
    if option:
        page.run("%parllama use openai/echo")
        chat = open_chat(page, "%parllama chat")
        turns = chat.ask("hello")["result"]["turns"]
        assert [(turn["question"], turn["state"]) for turn in turns] == [
            ("Hi there.", "done")
        ]
    said = everything_said(page)
    assert SECRET not in said
    assert PASSWORD not in said


def test_it_may_fail_again_and_be_mended_then(page: Page) -> None:
    run, view = failed(page, "%%parllama openai/echo\nHi there.")
    view.ask("hello")
    before = len(view.events)
    view.ask("again")
    page.until(
        lambda: any(
            each["event"] == "snapshot" and each["data"]["again"]
            for each in view.events[before:]
        )
    )
    page.run("%parllama vault unlock", typed=[PASSWORD])
    assert any(event["event"] == "lock" for event in view.events)
    assert VIEW in run.outputs[0]["data"]
    view.ask("again")
    page.until(lambda: shows(run, "Hi there."))


def test_run_all_stops_at_a_cell_that_can_be_mended(page: Page) -> None:
    run = page.start("%%parllama openai/echo\nHi.", typed=[])
    later = page.start("print('later')")
    page.wait(later)
    assert run.status == "error"
    assert later.status == "aborted"


def assert_as_ever(run: Run) -> None:
    """The cell shows what it has shown before there were buttons."""
    output, error = run.outputs
    assert set(output["data"]) == {"text/markdown", "text/plain"}
    assert "openai/echo · no answer" in output["data"]["text/markdown"]
    assert output["data"]["text/plain"] == ""
    assert error["ename"] == "AuthenticationError"
    assert "there is no key" in error["evalue"]


def test_where_no_page_shows_it_the_output_is_as_ever(page: Page) -> None:
    page.hasten_arrival()
    run = page.run("%%parllama openai/echo\nHi.", typed=[])
    page.until(lambda: VIEW not in run.outputs[0]["data"])
    assert_as_ever(run)


def test_where_nobody_sits_the_output_is_as_ever(page: Page) -> None:
    run = page.run("%%parllama openai/echo\nHi.")
    assert_as_ever(run)


def test_a_cell_in_a_locked_conversation_is_asked_again_once_it_is_unlocked(
    page: Page,
) -> None:
    page.run("%parllama vault unlock", typed=[PASSWORD])
    page.run("%%parllama openai/echo --session diary\nFirst.")
    page.run("%parllama sessions encrypt diary")
    page.run("%parllama vault lock")
    run, view = failed(page, "%%parllama openai/echo --session diary\nHi there.")
    snapshot = view.ask("hello")["result"]
    assert snapshot["error"]["code"] == "vault-locked"
    assert snapshot["again"]
    unlock(view)
    view.ask("again")
    page.until(lambda: shows(run, "Hi there."))


def traces(messages: list[dict[str, Any]]) -> bool:
    """Whether the sentinel is in what a page was sent, in clear or in base64."""
    raw = SENTINEL.encode()
    forms = [
        SENTINEL,
        *(base64.b64encode(b"." * n + raw)[4:-8].decode() for n in (0, 1, 2)),
    ]
    said = repr(messages)
    return any(form in said for form in forms)


def test_a_chat_that_is_open_when_the_vault_locks_is_sent_nothing_more_of_it(
    page: Page, home: Path
) -> None:
    del home
    page.run("%parllama vault unlock", typed=[PASSWORD])
    page.run("%parllama use openai/echo")
    view = open_chat(page, "%parllama chat --session diary")
    view.ask("hello")
    view.ask("encrypt")
    view.ask("send", {"text": SENTINEL})
    page.until(lambda: settled(view) == 1)
    assert traces(page.messages)
    sent = len(page.messages)
    page.run("%parllama vault lock")
    page.until(
        lambda: any(
            each["event"] == "snapshot" and each["data"]["session"]["locked"]
            for each in view.events
        )
    )
    assert shown(view)["turns"] == []
    view.ask("inputs")
    assert "error" in view.ask("preview", {"text": "Hi."})
    assert not traces(page.messages[sent:])
    unlock(view)
    page.until(
        lambda: any(
            each["event"] == "snapshot" and each["data"]["turns"]
            for each in view.events[-3:]
        )
    )
    (turn,) = shown(view)["turns"]
    assert turn["question"] == SENTINEL
