"""Two kernels that change the same conversation, and deletions that are undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.chats.history.reading import Turn
from parllama_nb.chats.history.removed import RemovedTurn
from parllama_nb.chats.history.rows import NewTurn
from parllama_nb.chats.history.store import ChatStore
from parllama_nb.chats.history.writing import TurnWriter
from parllama_nb.errors import ServerError, StoreError
from parllama_nb.providers.messages import ChatRequest, Message, parts_of
from parllama_nb.store.database import Store


@pytest.fixture
def kernels(tmp_path: Path) -> Iterator[tuple[ChatStore, ChatStore]]:
    stores = [Store(lambda: tmp_path / "x.db") for _ in range(2)]
    yield ChatStore(stores[0]), ChatStore(stores[1])
    for each in stores:
        each.close()


@pytest.fixture
def chats(kernels: tuple[ChatStore, ChatStore]) -> ChatStore:
    return kernels[0]


@pytest.fixture
def other(kernels: tuple[ChatStore, ChatStore]) -> ChatStore:
    return kernels[1]


def failed(error: StoreError) -> None:
    raise AssertionError(error)


def begin(chats: ChatStore, question: str, instead_of: int | None = None) -> TurnWriter:
    messages = (Message.of("user", question),)
    turn = NewTurn(
        "fake/m",
        ChatRequest("m", messages),
        messages,
        "s",
        alternative_to=instead_of,
        again=instead_of is not None,
    )
    return chats.begin(turn, failed)


def answer(text: str) -> Answer:
    error = None if text else ServerError("It broke.")
    reason = "stop" if text else "error"
    return Answer(parts_of(text), "fake/m", reason, Timing(0, 0.1, 1.0), error=error)


async def ask(chats: ChatStore, question: str, instead_of: int | None = None) -> int:
    record = begin(chats, question, instead_of)
    await record.settle(answer(f"Yes: {question}"))
    return record.id


async def shown(chats: ChatStore) -> list[str]:
    return [turn.prompt for turn in await chats.turns("s")]


async def take_out(chats: ChatStore, turn: int) -> RemovedTurn:
    removed = await chats.take_out("s", turn)
    assert removed is not None
    return removed


async def test_an_answer_whose_turn_another_kernel_deletes_ends_without_a_place(
    chats: ChatStore, other: ChatStore
) -> None:
    await ask(chats, "a")
    record = begin(chats, "b")
    record.append("text", "Half")
    await record.begun()
    removed = await take_out(other, record.id)
    settled = await record.settle(answer("Whole"))
    assert (settled.text, settled.turn) == ("Whole", None)
    assert await shown(chats) == ["a"]
    # It comes back as it was deleted, and what is asked then follows it.
    assert await other.put_back(removed)
    await ask(chats, "c")
    assert await shown(other) == ["a", "b", "c"]


async def test_an_answer_of_a_conversation_that_is_deleted_for_good_ends(
    chats: ChatStore, other: ChatStore
) -> None:
    record = begin(chats, "a")
    await record.begun()
    await other.library.delete("s", now=True)
    assert (await record.settle(answer("Yes"))).text == "Yes"
    assert await chats.sessions() == []


async def test_a_failed_alternative_to_a_turn_that_is_deleted_hides_nothing(
    chats: ChatStore, other: ChatStore
) -> None:
    await ask(chats, "a")
    last = await ask(chats, "b")
    record = begin(chats, "b", instead_of=last)
    await record.begun()
    await take_out(other, last)
    await record.settle(answer(""))
    assert await shown(chats) == ["a"]
    await ask(chats, "c")
    assert await shown(other) == ["a", "c"]


async def test_a_failed_alternative_leaves_what_another_kernel_shows_meanwhile(
    chats: ChatStore, other: ChatStore
) -> None:
    first = await ask(chats, "a")
    second = await ask(other, "another a", instead_of=first)
    record = begin(chats, "another a", instead_of=second)
    await record.begun()
    assert await other.show("s", first)
    await record.settle(answer(""))
    assert await shown(chats) == ["a"]


async def test_a_turn_whose_beginning_the_disk_did_not_take_says_that_it_is_not_kept(
    chats: ChatStore, tmp_path: Path
) -> None:
    await ask(chats, "a")
    # Each statement works, and then the disk is full.
    await chats._call(
        lambda c: c.executescript(
            """
            CREATE TABLE full (turn INTEGER REFERENCES turn (id)
                DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER fill AFTER INSERT ON turn
                BEGIN INSERT INTO full VALUES (-1); END;
            """
        )
    )
    failures: list[StoreError] = []
    messages = (Message.of("user", "b"),)
    turn = NewTurn("fake/m", ChatRequest("m", messages), messages, "s")
    record = chats.begin(turn, failures.append)
    await record.begun()
    assert record.id == 0
    settled = await record.settle(answer("Yes"))
    assert len(failures) == 1
    assert settled.notes
    assert settled.notes[0].startswith("not kept on disk: ")
    # With room again, it is written as it settles.
    record = chats.begin(turn, failures.append)
    await record.begun()
    await chats._call(lambda c: c.execute("DROP TRIGGER fill"))
    assert (await record.settle(answer("Yes"))).turn == 2
    assert await shown(chats) == ["a", "b"]


async def test_the_id_of_a_deleted_turn_is_not_given_again(
    chats: ChatStore, other: ChatStore
) -> None:
    await ask(chats, "a")
    last = await ask(chats, "b")
    removed = await take_out(chats, last)
    # A page of the first kernel may still show the deleted one, and change it.
    assert await ask(other, "c") > last
    assert await chats.put_back(removed)
    assert sorted(await prompts(chats)) == ["a", "b", "c"]


async def prompts(chats: ChatStore) -> dict[str, Turn]:
    """Return all turns of the conversation by their questions."""
    ids = await chats._call(
        lambda c: [row[0] for row in c.execute("SELECT id FROM turn ORDER BY id")]
    )
    turns = [await chats.turn("s", each) for each in ids]
    return {turn.prompt: turn for turn in turns if turn is not None}


@pytest.mark.parametrize(
    "order",
    ["bc", "cb", "cd", "dc", "bcd", "bdc", "cbd", "cdb", "dbc", "dcb", "abcd", "dcba"],
)
@pytest.mark.parametrize("backwards", [False, True])
async def test_deleted_turns_come_back_to_their_places_in_any_order(
    chats: ChatStore, order: str, backwards: bool
) -> None:
    turns = {each: await ask(chats, each) for each in "abcde"}
    removed = {each: await take_out(chats, turns[each]) for each in order}
    for each in reversed(order) if backwards else order:
        assert await chats.put_back(removed[each])
    assert await shown(chats) == [*"abcde"]


@pytest.mark.parametrize("order", ["cde", "edc", "dec", "de", "ed"])
@pytest.mark.parametrize("backwards", [False, True])
async def test_deleted_turns_at_the_end_are_shown_again_when_they_come_back(
    chats: ChatStore, order: str, backwards: bool
) -> None:
    turns = {each: await ask(chats, each) for each in "abcde"}
    removed = {each: await take_out(chats, turns[each]) for each in order}
    for each in reversed(order) if backwards else order:
        assert await chats.put_back(removed[each])
    assert await shown(chats) == [*"abcde"]


async def test_a_turn_that_comes_back_moves_no_turn_of_another_place(
    chats: ChatStore,
) -> None:
    for each in "abc":
        await ask(chats, each)
    before = await prompts(chats)
    second = await take_out(chats, before["b"].id)
    await take_out(chats, before["c"].id)
    await ask(chats, "d")
    await ask(chats, "e")
    assert await chats.put_back(second)
    turns = await prompts(chats)
    assert turns["d"].parent == turns["a"].id
    assert turns["e"].parent == turns["d"].id
    assert turns["b"].parent == turns["a"].id
    assert await shown(chats) == ["a", "d", "e"]
