"""Events: which listener gets which event, and that none can harm another."""

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


def test_a_listener_gets_the_events_of_its_job_only_and_in_order() -> None:
    events = Events()
    received: list[Event] = []
    events.listen("1", received.append)
    sent: list[Event] = [
        AnswerDelta("1", "text", "a"),
        Notice("1", "b"),
        AnswerDone("1"),
    ]
    for event in sent:
        events.emit(event)
        events.emit(AnswerDelta("2", "text", "x"))
    assert received == sent


def test_a_listener_to_all_gets_the_events_of_every_job() -> None:
    events = Events()
    received: list[Event] = []
    events.listen(ALL, received.append)
    events.emit(AnswerDone("1"))
    events.emit(AnswerDone("2"))
    assert received == [AnswerDone("1"), AnswerDone("2")]


def test_events_of_other_sources_are_emitted_at_their_source_only() -> None:
    events = Events()
    received: dict[str, list[Event]] = {ALL: [], SETTINGS: [], MODELS: []}
    for source, into in received.items():
        events.listen(source, into.append)
    changed, listed = SettingsChanged(("model",)), ModelsListed("acme")
    events.emit(changed)
    events.emit(listed)
    assert received == {ALL: [], SETTINGS: [changed], MODELS: [listed]}


def test_two_listeners_of_a_job_both_get_each_event_once() -> None:
    events = Events()
    one: list[Event] = []
    other: list[Event] = []
    events.listen("1", one.append)
    events.listen("1", other.append)
    events.emit(AnswerDone("1"))
    assert one == other == [AnswerDone("1")]


def test_a_removed_listener_gets_no_events_and_may_be_removed_again() -> None:
    events = Events()
    received: list[Event] = []
    others: list[Event] = []
    remove = events.listen("1", received.append)
    events.listen("1", others.append)
    remove()
    remove()
    events.emit(AnswerDone("1"))
    assert received == []
    assert others == [AnswerDone("1")]


def test_a_listener_may_remove_itself_while_it_is_called() -> None:
    events = Events()
    received: list[Event] = []
    others: list[Event] = []

    def once(event: Event) -> None:
        received.append(event)
        remove()

    remove = events.listen("1", once)
    events.listen("1", others.append)
    events.emit(AnswerDone("1"))
    events.emit(AnswerDone("1"))
    assert len(received) == 1
    assert len(others) == 2


@pytest.mark.parametrize("first", [True, False])
def test_a_listener_that_fails_does_not_affect_the_others(
    caplog: pytest.LogCaptureFixture, first: bool
) -> None:
    events = Events()
    received: list[Event] = []

    def bad(event: Event) -> None:
        message = "listener's own fault"
        raise RuntimeError(message)

    for listener in (bad, received.append) if first else (received.append, bad):
        events.listen("1", listener)
    events.listen(ALL, received.append)
    with caplog.at_level(logging.ERROR):
        events.emit(AnswerDone("1"))
    assert received == [AnswerDone("1")] * 2
    assert "a listener to AnswerDone failed" in caplog.text


def test_a_source_without_listeners_is_forgotten() -> None:
    events = Events()
    for number in range(100):
        events.listen(str(number), lambda event: None)()
    assert events._signals == {}


def test_a_listener_is_kept_alive_until_it_is_removed() -> None:
    received: list[Event] = []

    class Ear:
        def hear(self, event: Event) -> None:
            received.append(event)

    events, ear = Events(), Ear()
    gone = weakref.ref(ear)
    remove = events.listen("1", ear.hear)
    del ear
    gc.collect()
    events.emit(AnswerDone("1"))
    assert received == [AnswerDone("1")]
    remove()
    del remove
    gc.collect()
    assert gone() is None


def test_an_event_that_a_listener_emits_is_delivered() -> None:
    events = Events()
    received: list[Event] = []

    def answer(event: Event) -> None:
        if isinstance(event, Notice):
            events.emit(AnswerDone("1"))

    events.listen("1", answer)
    events.listen("1", received.append)
    events.emit(Notice("1", "a"))
    assert set(map(type, received)) == {Notice, AnswerDone}
