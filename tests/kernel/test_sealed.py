"""An encrypted conversation in real kernels: nothing of it is on disk."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from .conftest import StartPage
from .page import Page
from .test_chat import open_chat, settled, shown
from .test_vault import PASSWORD, create

pytestmark = pytest.mark.kernel

SENTINEL = "sentinel of a private talk 2f7a"


def traces(home: Path) -> list[str]:
    raw = SENTINEL.encode()
    found = [raw, raw.hex().encode(), SENTINEL.encode("utf-16-le")]
    found += [base64.b64encode(b"." * n + raw)[4:-8] for n in range(3)]
    return sorted(
        path.name
        for path in home.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in found)
    )


def run(page: Page, code: str, typed: list[str] | None = None) -> str:
    done = page.run(code, typed=typed)
    assert done.status == "ok", done.text
    return done.text


def test_a_conversation_is_encrypted_while_a_chat_shows_it(
    start_page: StartPage, home: Path
) -> None:
    page = start_page("own")
    create(page)
    run(page, "%parllama use openai/echo")
    view = open_chat(page, "%parllama chat --session diary")
    view.ask("hello")
    view.ask("send", {"text": SENTINEL})
    page.until(lambda: settled(view) == 1)
    assert traces(home)
    assert "is encrypted" in run(page, "%parllama sessions encrypt diary")
    assert traces(home) == []
    view.ask("send", {"text": f"More of {SENTINEL}"})
    page.until(lambda: settled(view) == 2)
    run(page, f"%parllama ask --session diary Once more: {SENTINEL}")
    assert len(shown(view)["turns"]) == 3
    assert traces(home) == []
    run(page, "%parllama vault lock")
    refused = page.run("%parllama ask --session diary Hi.")
    assert "vault unlock" in refused.text
    assert "encrypted" in run(page, "%parllama last")
    assert "vault unlock" in str(view.ask("send", {"text": "Hi."})["error"])
    run(page, "%parllama vault unlock", [PASSWORD])
    assert SENTINEL in run(page, "%parllama last")


def test_what_a_killed_kernel_leaves_of_an_encrypted_answer_is_sealed(
    start_page: StartPage, home: Path
) -> None:
    page = start_page("own")
    create(page)
    run(page, "%parllama use openai/synthetic:5000:100")
    view = open_chat(page)
    view.ask("hello")
    view.ask("send", {"text": SENTINEL})
    page.until(lambda: sum(e["event"] == "delta" for e in view.events) > 1)
    run(page, "%parllama sessions encrypt s")
    come = sum(e["event"] == "delta" for e in view.events)
    page.until(lambda: sum(e["event"] == "delta" for e in view.events) > come + 5)
    page.kill()
    assert traces(home) == []
    again = start_page("own")
    refused = again.run("%parllama chat --session s")
    assert "vault unlock" in refused.text
    run(again, "%parllama vault unlock", [PASSWORD])
    view = open_chat(again)
    (turn,) = view.ask("hello")["result"]["turns"]
    assert (turn["question"], turn["state"]) == (SENTINEL, "unfinished")
    assert len(turn["text"]) > 20
