"""Events: who hears what, and that no listener can harm another."""

from __future__ import annotations

import gc
import logging
import weakref

import pytest

from parllama_nb.events import (
    ALL,
    MODELS,
    SETTINGS,
    AnswerDelta,
    AnswerDone,
    Event,
    Events,
    ModelsListed,
    Notice,
    SettingsChanged,
)


def test_a_listener_hears_its_job_alone_and_in_order() -> None:
    events = Events()
    heard: list[Event] = []
    events.listen("1", heard.append)
    sent: list[Event] = [
        AnswerDelta("1", "text", "a"),
        Notice("1", "b"),
        AnswerDone("1"),
    ]
    for event in sent:
        events.emit(event)
        events.emit(AnswerDelta("2", "text", "x"))
    assert heard == sent


def test_who_listens_to_all_hears_every_job() -> None:
    events = Events()
    heard: list[Event] = []
    events.listen(ALL, heard.append)
    events.emit(AnswerDone("1"))
    events.emit(AnswerDone("2"))
    assert heard == [AnswerDone("1"), AnswerDone("2")]


def test_what_is_no_jobs_is_heard_at_its_own_source_alone() -> None:
    events = Events()
    heard: dict[str, list[Event]] = {ALL: [], SETTINGS: [], MODELS: []}
    for source, into in heard.items():
        events.listen(source, into.append)
    changed, listed = SettingsChanged(("model",)), ModelsListed("acme")
    events.emit(changed)
    events.emit(listed)
    assert heard == {ALL: [], SETTINGS: [changed], MODELS: [listed]}


def test_two_listeners_of_a_job_both_hear_it_once() -> None:
    events = Events()
    one: list[Event] = []
    other: list[Event] = []
    events.listen("1", one.append)
    events.listen("1", other.append)
    events.emit(AnswerDone("1"))
    assert one == other == [AnswerDone("1")]


def test_what_was_removed_hears_no_more_and_can_be_removed_again() -> None:
    events = Events()
    heard: list[Event] = []
    kept: list[Event] = []
    remove = events.listen("1", heard.append)
    events.listen("1", kept.append)
    remove()
    remove()
    events.emit(AnswerDone("1"))
    assert heard == []
    assert kept == [AnswerDone("1")]


def test_a_listener_may_remove_itself_while_it_hears() -> None:
    events = Events()
    heard: list[Event] = []
    kept: list[Event] = []

    def once(event: Event) -> None:
        heard.append(event)
        remove()

    remove = events.listen("1", once)
    events.listen("1", kept.append)
    events.emit(AnswerDone("1"))
    events.emit(AnswerDone("1"))
    assert len(heard) == 1
    assert len(kept) == 2


@pytest.mark.parametrize("first", [True, False])
def test_a_listener_that_fails_keeps_nobody_from_hearing(
    caplog: pytest.LogCaptureFixture, first: bool
) -> None:
    events = Events()
    heard: list[Event] = []

    def bad(event: Event) -> None:
        message = "listener's own fault"
        raise RuntimeError(message)

    for listener in (bad, heard.append) if first else (heard.append, bad):
        events.listen("1", listener)
    events.listen(ALL, heard.append)
    with caplog.at_level(logging.ERROR):
        events.emit(AnswerDone("1"))
    assert heard == [AnswerDone("1")] * 2
    assert "a listener to AnswerDone failed" in caplog.text


def test_jobs_that_nobody_listens_to_any_more_are_forgotten() -> None:
    events = Events()
    for number in range(100):
        events.listen(str(number), lambda event: None)()
    assert events._signals == {}


def test_a_listener_is_kept_for_as_long_as_it_listens() -> None:
    heard: list[Event] = []

    class Ear:
        def hear(self, event: Event) -> None:
            heard.append(event)

    events, ear = Events(), Ear()
    gone = weakref.ref(ear)
    remove = events.listen("1", ear.hear)
    del ear
    gc.collect()
    events.emit(AnswerDone("1"))
    assert heard == [AnswerDone("1")]
    remove()
    del remove
    gc.collect()
    assert gone() is None


def test_an_event_that_a_listener_causes_is_heard_too() -> None:
    events = Events()
    heard: list[Event] = []

    def answer(event: Event) -> None:
        if isinstance(event, Notice):
            events.emit(AnswerDone("1"))

    events.listen("1", answer)
    events.listen("1", heard.append)
    events.emit(Notice("1", "a"))
    assert set(map(type, heard)) == {Notice, AnswerDone}
