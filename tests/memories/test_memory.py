"""The memory in a real database: kept, undone, shared by kernels."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import ChangedElsewhereError, FieldError, UsageError
from parllama_nb.events import MEMORY
from parllama_nb.memories.memory import LONGEST, MemoryText
from parllama_nb.memories.rows import KEPT
from parllama_nb.secret import Secret

from ..own_app import own_app


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        yield app


def read(app: Parllama) -> MemoryText:
    return app.runtime.run(app.memory.read())


def save(app: Parllama, text: str, revision: int | None = None) -> MemoryText:
    return app.runtime.run(app.memory.save(text, revision=revision))


def undo(app: Parllama) -> str:
    return app.runtime.run(app.memory.undo()).text


def redo(app: Parllama) -> str:
    return app.runtime.run(app.memory.redo()).text


def test_a_memory_that_nobody_wrote_is_empty(app: Parllama) -> None:
    assert read(app) == MemoryText()
    with pytest.raises(UsageError, match="no change"):
        undo(app)
    with pytest.raises(UsageError, match="undone"):
        redo(app)


def test_a_saved_memory_is_read_back_without_space_around_it(app: Parllama) -> None:
    saved = save(app, "\r\n- Lives in Lyon  \r\n\r\n- Has a cat\n\n")
    assert saved.text == "- Lives in Lyon\n\n- Has a cat"
    assert read(app) == saved
    assert saved.revision == 1
    assert saved.changed is not None


def test_a_text_with_half_a_character_is_saved_without_it(app: Parllama) -> None:
    assert "\ud800" not in save(app, "A\ud800B").text


def test_every_change_that_is_kept_can_be_undone_and_redone(app: Parllama) -> None:
    texts = [f"version {number}" for number in range(1, KEPT + 6)]
    for text in texts:
        save(app, text)
    assert [undo(app) for _ in range(KEPT - 1)] == texts[-2 : -KEPT - 1 : -1]
    with pytest.raises(UsageError, match="no change"):
        undo(app)
    assert [redo(app) for _ in range(KEPT - 1)] == texts[1 - KEPT :]
    assert not read(app).can_redo


def test_the_first_change_is_undone_to_nothing(app: Parllama) -> None:
    save(app, "first")
    assert undo(app) == ""
    assert redo(app) == "first"


def test_what_was_undone_stays_when_something_else_is_saved(app: Parllama) -> None:
    save(app, "one")
    save(app, "two")
    undo(app)
    save(app, "three")
    assert undo(app) == "one"
    assert redo(app) == "three"


def test_a_memory_as_before_is_no_change(app: Parllama) -> None:
    heard: list[object] = []
    app.events.listen(MEMORY, heard.append)
    first = save(app, "same")
    assert save(app, "same\n").revision == first.revision
    assert len(heard) == 1


def test_a_change_made_elsewhere_is_not_overwritten(app: Parllama) -> None:
    mine = save(app, "mine")
    with own_app() as other:
        assert read(other).text == "mine"
        save(other, "theirs")
    with pytest.raises(ChangedElsewhereError):
        save(app, "newer", mine.revision)
    with pytest.raises(ChangedElsewhereError):
        app.runtime.run(app.memory.undo(revision=mine.revision))
    assert read(app).text == "theirs"
    assert undo(app) == "mine"


def test_an_undo_is_a_change_that_others_have_to_see(app: Parllama) -> None:
    save(app, "one")
    seen = save(app, "two")
    undo(app)
    redo(app)
    # The text is the same again, but who has seen it has not seen all.
    with pytest.raises(ChangedElsewhereError):
        save(app, "three", seen.revision)


def test_changes_of_two_kernels_at_once_leave_none_out(app: Parllama) -> None:
    async def add(app: Parllama, line: str) -> None:
        while True:
            now = await app.memory.read()
            try:
                await app.memory.save(f"{now.text}\n{line}", revision=now.revision)
            except ChangedElsewhereError:
                continue
            return

    async def add_all(app: Parllama, name: str) -> None:
        for number in range(8):
            await add(app, f"{name}{number}")

    with own_app() as other:
        jobs = [
            each.runtime.submit(add_all(each, n))
            for each, n in ((app, "a"), (other, "b"))
        ]
        for job in jobs:
            job.result(timeout=60)
    lines = read(app).text.split("\n")
    assert sorted(lines) == sorted(f"{name}{n}" for name in "ab" for n in range(8))


def test_a_memory_that_is_too_long_is_refused(app: Parllama) -> None:
    assert len(save(app, "x" * LONGEST).text) == LONGEST
    with pytest.raises(FieldError, match="20,001 characters") as caught:
        save(app, "x" * (LONGEST + 1))
    assert caught.value.field == "text"


@pytest.mark.parametrize(
    "text", ["My key is sentinel-secret-value-1", "sk-proj-0123456789abcdef0123"]
)
def test_a_secret_is_not_remembered(app: Parllama, text: str) -> None:
    app.redact.add(Secret("K", "sentinel-secret-value-1"))
    with pytest.raises(FieldError, match="secret"):
        save(app, text)
    assert read(app).text == ""


def test_the_switch_is_a_setting_that_all_kernels_follow(app: Parllama) -> None:
    save(app, "Call me Kim")
    with own_app() as other:
        other.settings.update({"memory.enabled": False})
    assert app.runtime.run(app.memory.for_conversation()) == ""
    app.settings.update({"memory.enabled": True})
    assert app.runtime.run(app.memory.for_conversation()) == "Call me Kim"


def test_the_memory_is_there_for_the_next_kernel() -> None:
    with own_app() as app:
        save(app, "kept")
    with own_app() as app:
        assert asyncio.run(app.memory.read()).text == "kept"
