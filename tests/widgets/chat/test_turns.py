"""The turns of a chat: other models, going on, walking, finding, deleting with undo."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import StreamInterruptedError
from parllama_nb.providers.messages import ChatRequest, Finish, Usage
from parllama_nb.testing import Pause
from parllama_nb.widgets.chat.view import ChatView

from ...own_app import scripted
from ...vaults.weak import PASSWORD, weak_policy
from ...virtual_time import VirtualLoop
from ..recording import Page
from .test_view import Room, Shown


@pytest.fixture
def room(app: Parllama, page: Page, loop: VirtualLoop) -> Room:
    return Room(app, page, loop)


def chat_of(room: Room, *texts: str) -> tuple[ChatView, Shown]:
    """A chat in which these questions were asked, and its page."""
    view = room.view()
    shown = room.shown(view)
    for text in texts:
        room.say(view, text)
    return view, room.catch_up(view, shown)


def do(room: Room, view: ChatView, method: str, **params: Any) -> dict[str, Any]:
    """The result of a request, once nothing is answered any more."""
    result = room.result(view, method, **params)
    room.wait(view)
    room.pass_time(1)
    return result


def test_another_model_is_asked_and_its_answer_is_an_alternative(room: Room) -> None:
    other = scripted(room.app, ["From another."], name="other")
    view, shown = chat_of(room, "a", "b")
    first, second = shown.turns
    do(room, view, "retry", turn=first, model="Other/scripted")
    (turn,) = room.catch_up(view, shown).turns.values()
    assert (turn["text"], turn["model"]) == ("From another.", "other/scripted")
    assert turn["alternatives"] == [first, turn["id"]]
    assert [each.text for each in other.requests[-1].messages] == ["a"]
    # The session's own model is what it was.
    room.say(view, "c")
    assert room.catch_up(view, shown).said[-1] == ("c", "[c]", "done")
    do(room, view, "show", turn=first)
    assert list(room.catch_up(view, shown).turns) == [first, second]


def test_a_model_that_is_none_is_refused_with_a_word(room: Room) -> None:
    view, shown = chat_of(room, "a")
    refused = room.ask(view, "retry", turn=next(iter(shown.turns)), model="nothing")
    assert "provider/model" in refused["error"]["message"]


def test_an_alternative_that_is_not_shown_is_read_as_it_would_be(room: Room) -> None:
    view, shown = chat_of(room, "a")
    (first,) = shown.turns
    room.fake.script = ["Again."]
    do(room, view, "retry", turn=first)
    turn = room.result(view, "turn", turn=first)
    assert (turn["question"], turn["text"], turn["state"]) == ("a", "[a]", "done")
    assert len(turn["alternatives"]) == 2
    gone = room.ask(view, "turn", turn=99)["error"]
    assert gone["message"] == "That turn is no longer in the conversation."


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (Finish("length", Usage(10, 5)), "done"),
        (StreamInterruptedError("Lost."), "failed"),
    ],
)
def test_an_answer_that_is_cut_says_that_it_can_go_on(
    room: Room, end: object, state: str
) -> None:
    room.fake.script = ["Half ", end]
    view, shown = chat_of(room, "q")
    ((_, turn),) = shown.turns.items()
    assert (turn["text"], turn["state"]) == ("Half ", state)
    assert room.shown(view).turns[turn["id"]]["cut"]
    settled = [each for each in room.events(view) if each["event"] == "settled"]
    assert settled[-1]["data"]["cut"]
    room.fake.script = ["and half.", Finish("stop", Usage(10, 5))]
    do(room, view, "continue", turn=turn["id"])
    assert room.catch_up(view, shown).said == [("q", "Half and half.", "done")]
    assert not room.shown(view).turns[turn["id"]]["cut"]


def test_while_an_answer_goes_on_a_page_loaded_again_shows_old_and_new(
    room: Room,
) -> None:
    room.fake.script = ["Half ", Finish("length", Usage(10, 5))]
    view, shown = chat_of(room, "q")
    (turn,) = shown.turns
    gate, end = asyncio.Event(), asyncio.Event()
    room.fake.script = [Pause(gate), "and ", Pause(end), "half."]
    room.result(view, "continue", turn=turn)
    assert room.catch_up(view, shown).said == [("q", "Half ", "waiting")]
    assert room.shown(view).said == [("q", "Half ", "waiting")]
    gate.set()
    room.pass_time(1)
    late = room.shown(view)
    assert late.said == [("q", "Half and ", "streaming")]
    end.set()
    room.wait(view)
    for page in (shown, late):
        assert room.catch_up(view, page).said == [("q", "Half and half.", "done")]


def test_what_could_not_go_on_loses_nothing(room: Room) -> None:
    room.fake.script = ["Half ", Finish("length", Usage(10, 5))]
    view, shown = chat_of(room, "q")
    (turn,) = shown.turns
    room.fake.script = [StreamInterruptedError("Lost.")]
    do(room, view, "continue", turn=turn)
    assert room.catch_up(view, shown).said == [("q", "Half ", "done")]
    assert shown.turns[turn]["error"]["message"] == "Lost."
    assert shown.turns[turn]["cut"]
    room.fake.script = ["more", StreamInterruptedError("Lost again.")]
    do(room, view, "continue", turn=turn)
    assert room.catch_up(view, shown).said == [("q", "Half more", "failed")]


def test_an_earlier_answer_goes_on_in_a_branch_and_what_follows_stays(
    room: Room,
) -> None:
    view, shown = chat_of(room, "a", "b")
    first, second = shown.turns
    room.fake.script = [" and more"]
    do(room, view, "continue", turn=first)
    assert room.catch_up(view, shown).said == [("a", "[a] and more", "done")]
    assert next(iter(shown.turns.values()))["alternatives"][0] == first
    do(room, view, "show", turn=first)
    assert room.catch_up(view, shown).said == [
        ("a", "[a]", "done"),
        ("b", "[b]", "done"),
    ]
    assert list(shown.turns) == [first, second]


def test_an_earlier_answer_that_could_not_go_on_leaves_no_branch(room: Room) -> None:
    view, shown = chat_of(room, "a", "b")
    first, _ = shown.turns
    room.fake.script = [StreamInterruptedError("Lost.")]
    do(room, view, "continue", turn=first)
    said = [("a", "[a]", "done"), ("b", "[b]", "done")]
    assert room.catch_up(view, shown).said == said
    assert room.shown(view).said == said
    assert shown.turns[first]["error"]["message"] == "Lost."
    assert room.shown(view).turns[first]["alternatives"] == []


def test_an_answer_goes_on_with_the_model_that_gave_it(room: Room) -> None:
    other = scripted(room.app, ["Half ", Finish("length", Usage(1, 1))], name="other")
    view, shown = chat_of(room, "q")
    do(room, view, "retry", turn=next(iter(shown.turns)), model="other/scripted")
    (turn,) = room.catch_up(view, shown).turns
    other.script = ["and half."]
    do(room, view, "continue", turn=turn)
    assert room.catch_up(view, shown).turns[turn]["text"] == "Half and half."
    assert shown.turns[turn]["model"] == "other/scripted"


def test_without_an_answer_nothing_goes_on(room: Room) -> None:
    room.fake.script = [StreamInterruptedError("Lost.")]
    view, shown = chat_of(room, "q")
    (turn,) = shown.turns
    assert not room.shown(view).turns[turn]["cut"]
    refused = room.ask(view, "continue", turn=turn)["error"]
    assert refused["message"] == "There is no answer that could go on."


def test_a_changed_answer_is_shown_on_all_pages_as_edited(room: Room) -> None:
    view, shown = chat_of(room, "q")
    other = room.view()
    second = room.shown(other)
    (turn,) = shown.turns
    room.result(view, "amend", turn=turn, answer="**Better.**")
    for each, page in ((view, shown), (other, second)):
        assert room.catch_up(each, page).said == [("q", "**Better.**", "done")]
        assert page.turns[turn]["edited"]
    assert room.fake.requests[1:] == []


def test_a_deleted_turn_is_put_back_where_it_was(room: Room) -> None:
    view, shown = chat_of(room, "a", "b", "c")
    _, second, _ = shown.turns
    before = room.shown(view).said
    assert do(room, view, "delete", turn=second) == {"undo": True}
    questions = [question for question, _, _ in room.catch_up(view, shown).said]
    assert questions == ["a", "c"]
    do(room, view, "undelete")
    assert room.catch_up(view, shown).said == before == room.shown(view).said
    stored = room.run(room.app.chats.turns("s"))
    assert [turn.parent for turn in stored] == [None, *list(shown.turns)[:2]]
    # Once.
    refused = room.ask(view, "undelete")["error"]
    assert refused["message"] == "The turn cannot be put back now."


def test_a_deleted_last_turn_and_an_alternative_are_put_back(room: Room) -> None:
    view, shown = chat_of(room, "a")
    (first,) = shown.turns
    room.fake.script = ["Again."]
    do(room, view, "retry", turn=first)
    (second,) = room.catch_up(view, shown).turns
    do(room, view, "delete", turn=second)
    assert room.catch_up(view, shown).said == [("a", "[a]", "done")]
    assert shown.turns[first]["alternatives"] == []
    do(room, view, "undelete")
    assert room.catch_up(view, shown).said == [("a", "Again.", "done")]
    assert shown.turns[second]["alternatives"] == [first, second]


def test_what_was_asked_since_keeps_its_place_when_a_turn_is_put_back(
    room: Room,
) -> None:
    view, shown = chat_of(room, "a", "b")
    first, second = shown.turns
    do(room, view, "delete", turn=first)
    room.say(view, "c")
    do(room, view, "undelete")
    questions = [question for question, _, _ in room.catch_up(view, shown).said]
    assert questions == ["a", "b", "c"]
    last = max(shown.turns)
    do(room, view, "delete", turn=last)
    room.say(view, "d")
    do(room, view, "undelete")
    # What was asked in the place of the last turn is an alternative of it.
    questions = [question for question, _, _ in room.catch_up(view, shown).said]
    assert questions == ["a", "b", "d"]
    assert shown.turns[max(shown.turns)]["alternatives"] == [last, max(shown.turns)]
    assert second in shown.turns


def test_a_turn_of_an_encrypted_session_is_put_back_encrypted(room: Room) -> None:
    room.app.vault.policy = weak_policy()
    room.app.vault.create(PASSWORD)
    view, shown = chat_of(room, "a", "b")
    room.run(view.session.encrypt())
    first, _ = shown.turns
    do(room, view, "delete", turn=first)
    do(room, view, "undelete")
    assert room.catch_up(view, shown).said[0] == ("a", "[a]", "done")
    # Its texts would be on disk as they are.
    do(room, view, "delete", turn=first)
    room.run(view.session.decrypt())
    refused = room.ask(view, "undelete")["error"]
    assert refused["message"] == "The turn cannot be put back any more."


def test_a_text_is_found_in_all_turns_that_are_shown(room: Room) -> None:
    view, shown = chat_of(room, "Where is the FOX?", "b", "the\n  fox, the fox")
    first, _, third = shown.turns
    assert room.result(view, "find", query=" the  Fox ") == {
        "turns": [first, third],
        "hits": 6,
    }
    for query in ("", "  ", "bear"):
        assert room.result(view, "find", query=query) == {"turns": [], "hits": 0}
    # As it is seen, and as it was written.
    room.fake.script = ["a **grey** `wolf`"]
    room.say(view, "d")
    for query in ("grey wolf", "**grey**"):
        assert room.result(view, "find", query=query)["hits"] == 1
    # Not in what another branch has.
    do(room, view, "edit", turn=first, text="Where is the wolf?")
    assert room.result(view, "find", query="fox")["turns"] == []


def test_a_text_is_found_far_above_what_a_page_has(room: Room) -> None:
    session = room.session()
    view = room.view()
    for number in range(120):
        room.say_in_cell(session, f"q{number}.")
    found = room.result(view, "find", query="Q0.")
    assert found["hits"] == 2
    assert found["turns"][0] < min(room.shown(view).turns)


def test_an_answer_under_way_is_found_and_a_locked_session_is_not(
    room: Room,
) -> None:
    gate = asyncio.Event()

    def script(request: ChatRequest) -> Iterator[object]:
        yield "Half an answer"
        yield Pause(gate)

    room.fake.script = script
    room.app.vault.policy = weak_policy()
    room.app.vault.create(PASSWORD)
    view, _ = chat_of(room)
    room.run(view.session.encrypt())
    room.result(view, "send", text="q")
    room.pass_time(1)
    assert room.result(view, "find", query="half")["hits"] == 1
    gate.set()
    room.wait(view)
    assert room.result(view, "find", query="half")["hits"] == 1
    room.app.vault.lock()
    room.until(lambda: bool(view.session.locked))
    assert room.ask(view, "find", query="half")["error"]["code"] == "vault-locked"


def do_something(
    room: Room, chance: random.Random, view: ChatView, number: int
) -> None:
    turns = view.session.transcript.turns
    ids = [turn.id for turn in turns]
    others = [each for turn in turns for each in turn.alternatives]
    acts = ["send", "retry", "continue", "amend", "delete", "undelete", "show", "stop"]
    match chance.choice([*acts, "send", "show"]):
        case "send":
            room.ask(view, "send", text=f"q{number}")
        case "amend" if ids:
            room.ask(view, "amend", turn=chance.choice(ids), answer=f"a{number}")
        case "show" if others:
            room.ask(view, "show", turn=chance.choice(others))
        case "retry" | "continue" | "delete" as method if ids:
            room.ask(view, method, turn=chance.choice(ids))
        case "undelete":
            room.ask(view, "undelete")
        case _:
            room.ask(view, "stop")


@pytest.mark.parametrize("seed", range(30))
def test_two_views_show_the_same_whatever_is_done_with_turns(
    room: Room, seed: int
) -> None:
    chance = random.Random(seed)

    def script(request: ChatRequest) -> Iterator[object]:
        for number in range(chance.randrange(5)):
            yield Pause(chance.choice([0.0, 0.03, 0.1]))
            yield f"{number} "
        if chance.random() < 0.3:
            yield StreamInterruptedError("Lost.")

    room.fake.script = script
    views = [room.view(), room.view()]
    pages = [room.shown(view) for view in views]
    for number in range(16):
        do_something(room, chance, chance.choice(views), number)
        if chance.random() < 0.2:
            at = chance.randrange(2)
            pages[at] = room.shown(views[at])
        room.pass_time(chance.choice([0, 0.05, 0.5]))
    for view in views:
        room.wait(view)
    room.pass_time(5)
    for view, shown in zip(views, pages, strict=True):
        room.catch_up(view, shown)
    fresh = room.shown(views[0])
    assert pages[0].said == pages[1].said == fresh.said
    facts = [
        [(each["alternatives"], each["edited"]) for each in page.turns.values()]
        for page in (*pages, fresh)
    ]
    assert facts[0] == facts[1] == facts[2]
    stored = room.run(room.app.chats.turns("s"))
    assert [(question, text) for question, text, _ in fresh.said] == [
        (turn.prompt, turn.answer.text) for turn in stored
    ]
