"""The request of a question, from every entrance and by one precedence."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parllama_nb as pl
from parllama_nb import scorers
from parllama_nb.application import Parllama
from parllama_nb.chats.history.reading import Turn
from parllama_nb.chats.question import Question
from parllama_nb.chats.request import build
from parllama_nb.commands import Notebook
from parllama_nb.errors import UsageError
from parllama_nb.output_schema import OutputSchema
from parllama_nb.prompting.library.rendering import PromptVersion, Rendered
from parllama_nb.providers.messages import (
    OPTIONS,
    ChatRequest,
    DocumentPart,
    ImagePart,
    Message,
    TextPart,
)
from parllama_nb.providers.spec import Spec
from parllama_nb.testing import FakeProvider

from ..own_app import own_app, result_of, scripted

MODEL = "fake/scripted"
SPEC = Spec("fake", "Fake", "fake", key="none")
OTHER = "fake/other"
NOTEBOOK = Notebook("nb")
SETTINGS = {"chat.system": "S", "chat.temperature": 0.1, "chat.max_tokens": 10}
SESSION = {"system": "C", "temperature": 0.2}
OWN = {"system": "O", "temperature": 0.3}


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    with own_app() as app:
        for module in ("api.asking", "api.conversations", "frames.functions"):
            monkeypatch.setattr(f"parllama_nb.{module}.get_app", lambda: app)
        yield app


@pytest.fixture
def fake(app: Parllama) -> FakeProvider:
    provider = scripted(app, ["7"], models=("scripted", "other"))
    app.settings.update({"model": MODEL})
    return provider


def chat_view(app: Parllama, **own: Any) -> None:
    """Ask as the chat view's composer does."""
    job = app.runtime.run(_send(app, Question("Q", **_in_question(own))))
    job.result()


async def _send(app: Parllama, question: Question) -> Any:
    session = await app.sessions.open("s")
    return session.send(question)


def retry(app: Parllama, **own: Any) -> None:
    """Ask as the chat view's Retry does: the turn's question again."""
    app.runtime.run(_send(app, Question("Q"))).result()
    turn = app.runtime.run(app.chats.turns("s"))[-1]
    question = Question(None, replaces=turn.id, **_in_question(own))
    app.runtime.run(_send(app, question)).result()


def rewrite(app: Parllama, **own: Any) -> None:
    """Ask as the chat view's Edit does: another question in the turn's place."""
    app.runtime.run(_send(app, Question("First"))).result()
    turn = app.runtime.run(app.chats.turns("s"))[-1]
    question = Question("Q", replaces=turn.id, **_in_question(own))
    app.runtime.run(_send(app, question)).result()


def _in_question(own: dict[str, Any]) -> dict[str, Any]:
    own = dict(own)
    system = own.pop("system", None)
    return {"system": system, "options": own}


@dataclass(frozen=True)
class Entrance:
    """A way to ask `Q`; `session` says whether the options of session `s` hold."""

    ask: Callable[..., object]
    session: bool = False


def command(**values: Any) -> Callable[..., object]:
    return lambda app, **own: result_of(
        app, "ask", NOTEBOOK, prompt="Q", **values, **own
    )


ENTRANCES = {
    "cell": Entrance(command()),
    "cell --session": Entrance(command(session="s"), session=True),
    "columns": Entrance(command(model=(MODEL, OTHER))),
    "columns --session": Entrance(
        command(model=(MODEL, OTHER), session="s"), session=True
    ),
    "chat view": Entrance(chat_view, session=True),
    "chat view, retry": Entrance(retry, session=True),
    "chat view, edit": Entrance(rewrite, session=True),
    "pl.chat": Entrance(lambda _, **own: pl.chat("Q", **own)),
    "pl.achat": Entrance(lambda _, **own: asyncio.run(pl.achat("Q", **own))),
    "pl.stream": Entrance(lambda _, **own: list(pl.stream("Q", **own))),
    "pl.chat(session=)": Entrance(
        lambda _, **own: pl.chat("Q", session="s", **own), session=True
    ),
    "pl.compare": Entrance(
        lambda _, system=None, **own: pl.compare("Q", system=system, params=own)
    ),
    "pl.map": Entrance(
        lambda _, **own: pl.map(pd.DataFrame({"a": ["Q"]}), "{{a}}", **own)
    ),
}


def sent(request: ChatRequest) -> tuple[str, float | None, int | None]:
    """Return system prompt, temperature and token limit of a request for `Q`."""
    *systems, question = request.messages
    assert question == Message.of("user", "Q")
    return "".join(each.text for each in systems), *_figures(request)


def _figures(request: ChatRequest) -> tuple[float | None, int | None]:
    return request.temperature, request.max_tokens


@pytest.mark.parametrize("name", ENTRANCES)
@pytest.mark.parametrize(
    ("settings", "session", "own"),
    [
        pytest.param(False, False, False, id="nothing set"),
        pytest.param(True, False, False, id="settings"),
        pytest.param(True, True, False, id="settings, session"),
        pytest.param(True, True, True, id="settings, session, own"),
        pytest.param(False, False, True, id="own"),
    ],
)
def test_every_entrance_takes_options_from_question_then_session_then_settings(
    app: Parllama,
    fake: FakeProvider,
    name: str,
    settings: bool,
    session: bool,
    own: bool,
) -> None:
    entrance = ENTRANCES[name]
    expected: dict[str, Any] = {}
    if settings:
        app.settings.update(SETTINGS)
        expected |= {key.removeprefix("chat."): v for key, v in SETTINGS.items()}
    if session:
        app.runtime.run(app.chats.configure("s", None, SESSION))
        expected |= SESSION if entrance.session else {}
    if own:
        expected |= OWN
    entrance.ask(app, **(OWN if own else {}))
    assert sent(fake.requests[-1]) == (
        expected.get("system", ""),
        expected.get("temperature"),
        expected.get("max_tokens"),
    )


@pytest.mark.parametrize("name", ENTRANCES)
def test_an_empty_system_prompt_of_a_question_sends_none(
    app: Parllama, fake: FakeProvider, name: str
) -> None:
    app.settings.update(SETTINGS)
    ENTRANCES[name].ask(app, system="")
    assert sent(fake.requests[-1])[0] == ""


@pytest.mark.parametrize("name", [n for n in ENTRANCES if "columns" not in n])
def test_the_default_model_answers_if_none_is_named(
    app: Parllama, fake: FakeProvider, name: str
) -> None:
    app.settings.update({"model": OTHER})
    ENTRANCES[name].ask(app)
    assert fake.requests[-1].model == "other"
    app.model = MODEL
    ENTRANCES[name].ask(app)
    assert fake.requests[-1].model == "scripted"


def test_a_judge_is_sent_what_it_says_and_nothing_else(
    app: Parllama, fake: FakeProvider
) -> None:
    app.settings.update(SETTINGS)
    judge = scorers.judge(OTHER, "It is kind.")
    pl.compare("Q", scorers=[judge])
    question, judged = fake.requests
    assert sent(question) == ("S", 0.1, 10)
    assert judged.model == "other"
    assert [message.role for message in judged.messages] == ["user"]
    assert _figures(judged) == (0.0, 64)


# build itself


def turn(number: int, *question: Message, cell_id: str | None = None) -> Turn:
    return Turn(
        id=number,
        state="settled",
        model=MODEL,
        question=question or (Message.of("user", f"q{number}"),),
        answer=Message.of("assistant", f"a{number}"),
        finish_reason="stop",
        cell_id=cell_id,
    )


TURNS = [turn(1), turn(2, cell_id="c"), turn(3)]


def texts(messages: tuple[Message, ...]) -> list[str]:
    return [message.text for message in messages]


def test_the_turns_before_the_replaced_one_are_sent() -> None:
    question = Question("Q", cell_id="c")
    built = build(
        question,
        "m",
        spec=SPEC,
        defaults={},
        turns=TURNS,
        replaced=question.replaced(TURNS),
    )
    assert texts(built.request.messages) == ["q1", "a1", "Q"]
    assert texts(built.new) == ["Q"]


def test_a_question_that_does_not_follow_sends_no_turns() -> None:
    built = build(
        Question("Q", follows=False), "m", spec=SPEC, defaults={}, turns=TURNS
    )
    assert texts(built.request.messages) == ["Q"]


def test_messages_given_with_a_question_come_after_the_system_prompt() -> None:
    before = (Message.of("user", "x"), Message.of("assistant", "y"))
    built = build(Question("Q", system="S", before=before), "m", spec=SPEC, defaults={})
    assert texts(built.request.messages) == ["S", "x", "y", "Q"]
    assert texts(built.new) == ["S", "Q"]


REMEMBERED = "What the user wants you to remember in this conversation:\n\nM"


@pytest.mark.parametrize(
    ("system", "sent"),
    [("S", f"{REMEMBERED}\n\nYour instructions:\n\nS"), ("", REMEMBERED)],
)
def test_the_memory_of_a_conversation_is_sent_before_the_system_prompt(
    system: str, sent: str
) -> None:
    options = {"memory": "M", "temperature": 0.5}
    question = Question("Q", system=system)
    built = build(
        question, "m", spec=SPEC, defaults={}, session_options=options, turns=TURNS[:1]
    )
    assert texts(built.request.messages) == [sent, "q1", "a1", "Q"]
    assert [m.role for m in built.request.messages[:2]] == ["system", "user"]
    # A turn that is asked again, or exported, does not hold it.
    assert texts(built.new) == [*filter(None, [system]), "Q"]
    assert built.request.options() == {"temperature": 0.5}


def test_an_empty_memory_sends_nothing() -> None:
    built = build(
        Question("Q"), "m", spec=SPEC, defaults={}, session_options={"memory": ""}
    )
    assert texts(built.request.messages) == ["Q"]


def test_a_memory_with_half_a_character_can_be_sent() -> None:
    built = build(
        Question("Q"), "m", spec=SPEC, defaults={}, session_options={"memory": "\ud800"}
    )
    assert "\ud800" not in built.request.messages[0].text


def test_only_conversations_get_the_memory(app: Parllama, fake: FakeProvider) -> None:
    app.runtime.run(app.memory.save("M"))
    for name, entrance in ENTRANCES.items():
        entrance.ask(app)
        first = fake.requests[-1].messages[0]
        # Columns do not begin a conversation.
        taken = entrance.session and name != "columns --session"
        assert (first.text == REMEMBERED) is taken or "columns" in name, name


def test_a_turn_asked_again_keeps_its_system_prompt_unless_another_is_given() -> None:
    old = turn(1, Message.of("system", "Old"), Message.of("user", "q"))
    again = Question(None, replaces=1)
    built = build(
        again, "m", spec=SPEC, defaults={"system": "S"}, turns=[old], replaced=old
    )
    assert texts(built.request.messages) == ["Old", "q"]
    again = Question(None, replaces=1, system="New")
    built = build(again, "m", spec=SPEC, defaults={}, turns=[old], replaced=old)
    assert texts(built.request.messages) == ["New", "q"]


def test_a_rewritten_question_keeps_its_attachments() -> None:
    image = ImagePart("data:image/png;base64,AAAA")
    old = turn(1, Message("user", (image, TextPart("What is it?"))))
    built = build(
        Question("And now?", replaces=1), "m", spec=SPEC, defaults={}, replaced=old
    )
    assert built.new == (Message("user", (TextPart("And now?"), image)),)


def test_a_rewritten_question_leaves_what_the_old_one_mentioned() -> None:
    attached = ImagePart("data:image/png;base64,AAAA")
    page = DocumentPart("Text.", "1", title="a.pdf")
    drawn = ImagePart("data:image/png;base64,BBBB")
    frame, figure = DocumentPart("F.", "@df"), DocumentPart("G.", "@fig")
    parts = (attached, page, frame, figure, drawn, TextPart("@df @fig"))
    built = build(
        Question("Only @df", replaces=1, attached=(frame,)),
        "m",
        spec=SPEC,
        defaults={},
        replaced=turn(1, Message("user", parts)),
    )
    asked = (frame, TextPart("Only @df"), attached, page)
    assert built.new == (Message("user", asked),)


SHOTS = (
    Message.of("system", "P"),
    Message.of("user", "1 + 1"),
    Message.of("assistant", "2"),
)
OPENING = Message.of("user", "CONTENT:\n")


def filled(*messages: Message, has_input: bool = False) -> Rendered:
    return Rendered(PromptVersion("sums", 3), messages, has_input=has_input)


@pytest.mark.parametrize(
    ("question", "sent"),
    [
        (Question("Q", library_prompt=filled(*SHOTS)), ["P", "1 + 1", "2", "Q"]),
        (
            Question("Q", library_prompt=filled(*SHOTS, OPENING)),
            ["P", "1 + 1", "2", "CONTENT:\n\nQ"],
        ),
        (Question("", library_prompt=filled(OPENING)), ["C", "CONTENT:"]),
        (
            Question("Q", library_prompt=filled(*SHOTS, OPENING, has_input=True)),
            ["P", "1 + 1", "2", "CONTENT:\n"],
        ),
        (
            Question("Q", system="O", library_prompt=filled(*SHOTS)),
            ["O", "1 + 1", "2", "Q"],
        ),
        (
            Question("Q", system="", library_prompt=filled(*SHOTS)),
            ["1 + 1", "2", "Q"],
        ),
    ],
)
def test_a_library_prompt_comes_before_the_question(
    question: Question, sent: list[str]
) -> None:
    built = build(question, "m", spec=SPEC, defaults={}, session_options=SESSION)
    assert [each.text for each in built.request.messages] == sent
    assert built.new == built.request.messages
    assert built.library_prompt == PromptVersion("sums", 3)


def test_earlier_turns_come_between_the_system_prompt_and_a_library_prompt() -> None:
    question = Question("Q", library_prompt=filled(*SHOTS))
    built = build(question, "m", spec=SPEC, defaults={}, turns=[turn(1)])
    texts = [each.text for each in built.request.messages]
    assert texts[0] == "P"
    assert texts[-3:] == ["1 + 1", "2", "Q"]
    assert len(texts) == 6


def test_a_turn_of_a_library_prompt_keeps_it_when_it_is_asked_again() -> None:
    before = replace(
        turn(1),
        question=(*SHOTS, Message.of("user", "Q")),
        library_prompt=PromptVersion("sums", 3),
    )
    for text in (None, "R"):
        question = Question(text, replaces=1)
        built = build(
            question, "m", spec=SPEC, defaults={}, turns=[before], replaced=before
        )
        texts = [each.text for each in built.request.messages]
        assert texts == ["P", "1 + 1", "2", text or "Q"]
        assert built.library_prompt == PromptVersion("sums", 3)


def test_context_is_sent_with_the_question_and_kept_with_it() -> None:
    excerpt = DocumentPart("Sky.", "1", "sky.pdf, page 2")
    built = build(Question("Why?"), "m", spec=SPEC, defaults={}, context=[excerpt])
    assert built.new == (Message("user", (excerpt, TextPart("Why?"))),)
    assert built.request.messages == built.new


HALF = "a\udce9"
WHOLE = "a\ufffd"


@pytest.mark.parametrize("name", ENTRANCES)
def test_half_a_character_is_sent_as_the_sign_for_one_from_every_entrance(
    app: Parllama, fake: FakeProvider, name: str
) -> None:
    ENTRANCES[name].ask(app, system=HALF)
    assert sent(fake.requests[-1])[0] == WHOLE


def test_half_a_character_may_be_in_the_name_of_a_conversation(
    app: Parllama, fake: FakeProvider
) -> None:
    talk = pl.conversation(HALF)
    talk.ask(HALF)
    assert talk.name == WHOLE
    assert [turn.prompt for turn in talk.turns] == [WHOLE]
    unnamed = pl.conversation()
    unnamed.ask(f"{HALF} b")
    assert unnamed.name == f"{WHOLE} b"


def test_the_name_of_an_image_may_hold_half_a_character(
    app: Parllama, fake: FakeProvider, tmp_path: Path
) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    pl.chat("Q", image=str(path))
    assert isinstance(fake.requests[-1].messages[-1].parts[0], ImagePart)


def test_no_text_of_a_request_holds_half_a_character() -> None:
    built = build(
        Question(
            HALF,
            before=(Message.of("user", HALF),),
            options={"stop": (HALF,)},
            schema=OutputSchema.of({"title": HALF}),
        ),
        "m",
        spec=replace(SPEC, options=frozenset(OPTIONS)),
        defaults={"system": HALF},
        turns=[turn(1, Message.of("user", HALF))],
    )
    assert texts(built.request.messages) == [WHOLE, WHOLE, WHOLE, "a1", WHOLE]
    assert texts(built.new) == [WHOLE, WHOLE]
    assert built.request.stop == (WHOLE,)
    assert built.request.response_schema == {"title": WHOLE}


def test_a_question_for_a_turn_that_is_gone_is_refused() -> None:
    with pytest.raises(UsageError, match="no longer in the conversation"):
        Question("Q", replaces=9).replaced(TURNS)


def test_another_question_in_the_same_place_is_not_asked_by_its_library_prompt() -> (
    None
):
    before = replace(turn(1), library_prompt=PromptVersion("sums", 3))
    built = build(Question("Other"), "m", spec=SPEC, defaults={}, replaced=before)
    assert built.library_prompt is None


def test_an_option_of_a_conversation_that_its_provider_does_not_take_is_left_out() -> (
    None
):
    options = {"top_k": 40, "seed": 3, "stop": ["END"]}
    built = build(Question("Q"), "m", spec=SPEC, defaults={}, session_options=options)
    assert built.request.options() == {"seed": 3, "stop": ("END",)}
    assert built.remarks == ("without top_k, which Fake does not take",)


def test_an_option_of_a_question_is_sent_though_its_provider_may_refuse_it() -> None:
    built = build(
        Question("Q", options={"top_k": 5}),
        "m",
        spec=SPEC,
        defaults={},
        session_options={"top_k": 40},
    )
    assert built.request.top_k == 5
    assert built.remarks == ()
