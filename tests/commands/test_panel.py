"""The command panel, and the effect of its settings on questions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Notebook, Opening

from ..own_app import own_app, result_of, scripted


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        yield app


def test_panel_opens_for_the_notebook_and_reads_as_text(app: Parllama) -> None:
    opening = result_of(app, "panel", Notebook("a.ipynb"))
    assert isinstance(opening, Opening)
    assert (opening.view, opening.subject) == ("panel", "a.ipynb")
    # The text says what to type instead, and every command in it exists.
    named = [
        words.split()[0].strip(",.;")
        for words in str(opening).split("%parllama ")[1:]
        if words.split()[0] in COMMANDS
    ]
    assert {"ask", "help"} <= {*named}


@pytest.mark.parametrize("session", [None, "ideas"])
def test_a_question_is_asked_with_the_settings_unless_it_says_otherwise(
    app: Parllama, session: str | None
) -> None:
    provider = scripted(app)
    app.settings.update({"chat.temperature": 0.5, "chat.system": "Be brief."})
    more = {"model": "fake/scripted", "session": session}
    result_of(app, "ask", prompt="Why?", **more)
    result_of(app, "ask", prompt="Why?", temperature=1.0, system="Be long.", **more)
    asked = [
        (
            request.temperature,
            [m.text for m in request.messages if m.role == "system"],
        )
        for request in provider.requests
    ]
    assert asked == [(0.5, ["Be brief."]), (1.0, ["Be long."])]


def test_a_conversations_own_options_win_over_the_settings(
    app: Parllama,
) -> None:
    provider = scripted(app)
    app.settings.update({"chat.temperature": 0.5, "chat.max_tokens": 77})

    async def choose() -> None:
        session = await app.sessions.open("ideas")
        await session.configure(model="fake/scripted", options={"temperature": 0.0})

    app.runtime.run(choose())
    result_of(app, "ask", prompt="Why?", session="ideas")
    (request,) = provider.requests
    assert (request.temperature, request.max_tokens) == (0.0, 77)
