"""pl.conversation: questions with the earlier turns before them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import parllama_nb as pl
from parllama_nb.application import Parllama
from parllama_nb.errors import StreamInterruptedError, UsageError
from parllama_nb.testing import FakeProvider

from ..own_app import own_app, scripted

MODEL = "fake/scripted"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    with own_app() as app:
        for module in ("asking", "conversations"):
            monkeypatch.setattr(f"parllama_nb.api.{module}.get_app", lambda: app)
        yield app


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    return scripted(app, lambda request: [f"[{request.messages[-1].text}]"])


def test_a_question_is_sent_with_the_conversations_earlier_turns(
    app: Parllama, fake: FakeProvider
) -> None:
    diary = pl.conversation("diary", model=MODEL, system="Be brief.")
    assert diary.ask("one").text == "[one]"
    assert asyncio.run(diary.aask("two")).text == "[two]"
    assert "".join(diary.stream("three")) == "[three]"
    assert [message.text for message in fake.requests[-1].messages] == [
        "Be brief.",
        "one",
        "[one]",
        "two",
        "[two]",
        "three",
    ]
    assert [turn.prompt for turn in diary.turns] == ["one", "two", "three"]
    assert [turn.to_answer().text for turn in diary.turns][-1] == "[three]"
    assert repr(diary) == "<Conversation 'diary': 3 turns>"


def test_conversations_of_the_same_name_share_their_turns(
    app: Parllama, fake: FakeProvider
) -> None:
    pl.conversation("diary", model=MODEL, system="Be brief.").ask("one")
    again = pl.conversation("diary")
    assert (again.model, again.system) == (MODEL, "Be brief.")
    assert pl.ask("two", session="diary").turn == 2
    assert len(again.turns) == 2


def test_an_empty_system_prompt_removes_the_conversations_own(
    app: Parllama, fake: FakeProvider
) -> None:
    pl.conversation("diary", model=MODEL, system="Be brief.")
    diary = pl.conversation("diary", system="")
    assert diary.system == ""
    diary.ask("one")
    assert [message.text for message in fake.requests[-1].messages] == ["one"]


def test_a_conversation_without_a_name_gets_that_of_its_first_question(
    app: Parllama, fake: FakeProvider
) -> None:
    chat = pl.conversation(model=MODEL)
    chat.ask("Why is the sky blue?")
    assert chat.name == "Why is the sky blue?"
    assert len(chat.turns) == 1


def test_options_of_a_question_hold_for_that_question_only(
    app: Parllama, fake: FakeProvider
) -> None:
    diary = pl.conversation("diary", model=MODEL)
    diary.ask("one", temperature=0.5, max_tokens=7)
    diary.ask("two")
    assert [request.temperature for request in fake.requests] == [0.5, None]


def test_the_cost_of_a_conversation_counts_every_answer(
    app: Parllama, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    diary = pl.conversation("diary", model=MODEL)
    assert diary.cost is None

    async def cost(*_: Any) -> float:
        return 0.25

    monkeypatch.setattr("parllama_nb.chats.engine._cost", cost)
    diary.ask("one")
    diary.ask("two")
    assert diary.cost == 0.5


@pytest.mark.parametrize("name", ["session", "messages"])
def test_a_conversation_refuses_messages_and_session(
    app: Parllama, fake: FakeProvider, name: str
) -> None:
    diary: Any = pl.conversation("diary", model=MODEL)
    with pytest.raises(UsageError, match=f"does not take {name}="):
        diary.ask("one", **{name: "x"})
    assert fake.requests == []


def test_a_failed_answer_is_raised_and_stays_in_the_conversation(
    app: Parllama,
) -> None:
    scripted(app, ["Half", StreamInterruptedError("Cut.")])
    diary = pl.conversation("diary", model=MODEL)
    with pytest.raises(StreamInterruptedError) as caught:
        diary.ask("one")
    assert caught.value.partial == "Half"
    assert [turn.answer.text for turn in diary.turns] == ["Half"]


def test_messages_together_with_session_are_refused(
    app: Parllama, fake: FakeProvider
) -> None:
    with pytest.raises(UsageError, match="exclude each other"):
        pl.ask(model=MODEL, session="s", messages=[{"role": "user", "content": "Q"}])
