"""chat: opens the right conversation; a terminal shows what to type instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import Notebook, Opening

from ..own_app import own_app, result_of, scripted


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.model = "fake/scripted"
        scripted(app)
        yield app


def test_chat_opens_the_notebooks_own_conversation(app: Parllama) -> None:
    notebook = Notebook("work/notes.ipynb")
    result_of(app, "ask", notebook, prompt="In a cell.", session="work/notes.ipynb")
    opening = result_of(app, "chat", notebook)
    assert isinstance(opening, Opening)
    assert (opening.view, opening.subject.name) == ("chat", "work/notes.ipynb")
    assert [turn.prompt for turn in opening.subject.transcript.turns] == ["In a cell."]


def test_chat_opens_another_conversation_by_its_name(app: Parllama) -> None:
    assert result_of(app, "chat", session="ideas").subject.name == "ideas"


def test_chat_in_a_terminal_says_what_to_type_instead(app: Parllama) -> None:
    assert "%parllama ask --session NAME TEXT" in str(result_of(app, "chat"))
