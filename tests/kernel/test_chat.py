"""A chat in a real kernel: beside cells that run, and in one conversation with them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import KEY, StartPage
from .page import Page, View

pytestmark = pytest.mark.kernel


def open_chat(page: Page, line: str = "%parllama chat --session s") -> View:
    known = set(page.views)
    run = page.run(line)
    assert run.status == "ok", run.text
    (output,) = run.outputs
    model = output["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert model not in known
    return page.views[model]


def shown(view: View) -> dict[str, Any]:
    result: dict[str, Any] = view.ask("snapshot")["result"]
    return result


def said(view: View) -> list[tuple[str, str]]:
    return [(turn["question"], turn["state"]) for turn in shown(view)["turns"]]


def settled(view: View) -> int:
    return sum(event["event"] == "settled" for event in view.events)


def test_a_chat_is_opened_and_answers(own: Page) -> None:
    own.run("%parllama use openai/echo")
    view = open_chat(own, "%parllama chat --session opened")
    view.ask("hello")
    assert "error" not in view.ask("send", {"text": "Hello there."})
    own.until(lambda: settled(view) == 1)
    (turn,) = shown(view)["turns"]
    assert "Hello there." in turn["text"]
    assert "openai/echo" in turn["footer"]


def test_a_chat_answers_while_a_cell_runs(page_with_subshells: Page) -> None:
    page = page_with_subshells
    page.run("%parllama use openai/synthetic:200:200")
    view = open_chat(page, "%parllama chat --session busy")
    view.ask("hello")
    run = page.start("import time\nfor _ in range(3000): time.sleep(0.01)")
    assert "error" not in view.ask("send", {"text": "Go on."})
    page.until(lambda: settled(view) == 1)
    assert run.reply is None, "the cell was over before the answer was"
    view.ask("send", {"text": "And on."})
    assert "error" not in view.ask("stop")
    page.until(lambda: settled(view) == 2)
    assert run.reply is None
    page.interrupt()
    page.wait(run)
    assert [state for _, state in said(view)] == ["done", "stopped"]


def test_cells_and_chat_are_one_conversation(own: Page) -> None:
    own.run("%parllama use openai/echo")
    view = open_chat(own, "%parllama chat")
    view.ask("hello")
    view.ask("send", {"text": "in the chat"})
    own.until(lambda: settled(view) == 1)
    run = own.run("%%parllama -c\nin a cell")
    assert run.status == "ok", run.text
    assert "turn 2" in run.text
    assert said(view) == [("in the chat", "done"), ("in a cell", "done")]
    turns = [e["data"] for e in view.events if e["event"] == "turn"]
    assert [turn["cell"] for turn in turns] == [False, True]


def test_the_python_function_opens_it_too(own: Page) -> None:
    run = own.run("import parllama_nb as pl\npl.open_chat('by function')")
    assert run.status == "ok", run.text
    data = run.outputs[0]["data"]
    view = own.views[data["application/vnd.jupyter.widget-view+json"]["model_id"]]
    assert view.ask("hello")["result"]["session"]["name"] == "by function"


def test_what_had_come_outlives_a_killed_kernel(start_page: StartPage) -> None:
    page = start_page("own")
    page.run("%parllama use openai/synthetic:5000:100")
    view = open_chat(page)
    view.ask("hello")
    view.ask("send", {"text": "Go on."})
    page.until(lambda: sum(e["event"] == "delta" for e in view.events) > 5)
    page.kill()
    again = start_page("own")
    view = open_chat(again)
    (turn,) = view.ask("hello")["result"]["turns"]
    assert (turn["question"], turn["state"]) == ("Go on.", "unfinished")
    assert len(turn["text"]) > 20


def test_a_chat_holds_no_key(own: Page) -> None:
    own.run("%parllama use openai/fault-401-echo")
    view = open_chat(own, "%parllama chat --session keyless")
    view.ask("hello")
    view.ask("send", {"text": "Hi."})
    own.until(lambda: settled(view) == 1)
    (turn,) = shown(view)["turns"]
    assert turn["error"]["code"] == "authentication"
    assert KEY not in str(own.messages)
