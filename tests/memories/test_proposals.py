"""Changes that a model proposes: taken, rejected, stopped, made without one."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import (
    ChangedElsewhereError,
    ConnectionFailedError,
    StoppedError,
    UsageError,
)
from parllama_nb.jobs import Job
from parllama_nb.memories.proposals import Proposal
from parllama_nb.providers.retry import RetryPolicy
from parllama_nb.testing import Pause

from ..own_app import own_app, scripted
from ..providers.embedded.model import cache_of_tests, demo_model

BEFORE = "- Lives in Lyon\n- Has a cat named Mia"


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        app.model = "fake/scripted"
        app.engine.retry = RetryPolicy(backoff=0.01)
        app.runtime.run(app.memory.save(BEFORE))
        yield app


def begin(app: Parllama, verb: Any, text: str, **how: bool) -> Job[Proposal]:
    async def begun() -> Job[Proposal]:
        return app.memory_proposals.begin(verb, text, **how)

    return app.runtime.run(begun())


def text_of(app: Parllama) -> str:
    return app.runtime.run(app.memory.read()).text


def accept(app: Parllama) -> str:
    return app.runtime.run(app.memory_proposals.accept()).text


def test_a_model_proposes_and_the_user_accepts(app: Parllama) -> None:
    fake = scripted(app, [f"{BEFORE}\n", "- Has a dog called Rex"])
    job = begin(app, "remember", "my dog is called Rex")
    proposal = job.result()
    assert job.state == "done"
    assert (proposal.model, proposal.note) == ("fake/scripted", "")
    assert [line.mark for line in proposal.lines] == [" ", " ", "+"]
    assert text_of(app) == BEFORE
    assert accept(app) == proposal.after == text_of(app)
    assert app.memory_proposals.proposal is None
    (request,) = fake.requests
    assert request.temperature == 0
    assert request.messages[-1].text.endswith("Remember: my dog is called Rex")


def test_nothing_of_it_is_in_the_history(app: Parllama) -> None:
    scripted(app, [f"{BEFORE}\n- Has a dog called Rex"])
    begin(app, "remember", "my dog is called Rex").result()
    assert app.runtime.run(app.chats.newest(5)) == []
    assert app.runtime.run(app.chats.questions(5)) == []


def test_the_settings_of_questions_do_not_shape_it(app: Parllama) -> None:
    fake = scripted(app, [BEFORE], models=("scripted", "other"))
    app.settings.update(
        {"chat.system": "Talk like a pirate", "chat.max_tokens": 5}
        | {"memory.model": "fake/other"}
    )
    begin(app, "remember", "tea").result()
    (request,) = fake.requests
    assert request.model == "other"
    assert "pirate" not in request.messages[0].text
    assert request.max_tokens is not None
    assert request.max_tokens > 1000


def test_a_rejected_proposal_changes_nothing(app: Parllama) -> None:
    begin(app, "forget", "cat", plain=True).result()
    assert app.memory_proposals.reject().after == "- Lives in Lyon"
    assert text_of(app) == BEFORE
    for way in (app.memory_proposals.reject, lambda: accept(app)):
        with pytest.raises(UsageError, match="No change of the memory is proposed"):
            way()


def test_a_proposal_is_not_taken_after_the_memory_has_changed(app: Parllama) -> None:
    begin(app, "forget", "cat", plain=True).result()
    with own_app() as other:
        other.runtime.run(other.memory.save(f"{BEFORE}\n- New"))
    with pytest.raises(ChangedElsewhereError):
        accept(app)
    assert text_of(app) == f"{BEFORE}\n- New"
    assert app.memory_proposals.proposal is not None


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (["I'm sorry, I cannot do that."], "excuses"),
        ([""], "nothing"),
        ([BEFORE], "changed nothing"),
        (["- tea\n"] * 9_999, "no end"),
        ([ConnectionFailedError("Fake is down.")], "Fake is down."),
    ],
    ids=["excuse", "empty", "same", "endless", "unreachable"],
)
def test_without_a_good_answer_the_plain_way_is_proposed(
    app: Parllama, script: list[Any], why: str
) -> None:
    scripted(app, script)
    job = begin(app, "remember", "Drinks tea")
    proposal = job.result()
    assert why in proposal.note
    assert proposal.model == ""
    assert proposal.after == f"{BEFORE}\n- Drinks tea"
    assert job.state == "done"


def test_an_endless_answer_is_stopped_early(app: Parllama) -> None:
    fake = scripted(app, lambda _: itertools.cycle(["tea ", Pause(0.0)]))
    begin(app, "remember", "Drinks tea").result()
    assert fake.open == 0
    assert fake.closed_early == 1


def test_without_a_model_lines_are_changed(app: Parllama) -> None:
    app.model = None
    proposal = begin(app, "forget", "my cat").result()
    assert "No model is chosen." in proposal.note
    assert proposal.after == "- Lives in Lyon"


def test_what_no_line_has_fails_with_both_reasons(app: Parllama) -> None:
    scripted(app, ["Sorry, no."])
    job = begin(app, "forget", "my boat")
    with pytest.raises(UsageError, match=r"excuses. No line of the memory has"):
        job.result()
    assert job.state == "failed"
    assert app.memory_proposals.proposal is None


def test_all_is_forgotten_without_a_model(app: Parllama) -> None:
    fake = scripted(app)
    assert begin(app, "forget", "everything").result().after == ""
    assert fake.requests == []


def test_what_cannot_be_proposed_is_refused_at_once(app: Parllama) -> None:
    with pytest.raises(UsageError, match="nothing to remember"):
        begin(app, "remember", " \n ")
    app.runtime.run(app.memory.save(""))
    with pytest.raises(UsageError, match="nothing to forget"):
        begin(app, "forget", "tea").result()


def test_a_stopped_model_leaves_the_memory_and_lets_others_ask(app: Parllama) -> None:
    fake = scripted(app, ["- L", Pause(3600.0)])
    job = begin(app, "remember", "tea")
    with pytest.raises(UsageError, match="already"):
        begin(app, "remember", "coffee")
    while not fake.open:
        app.runtime.run(asyncio.sleep(0.01))
    # The memory can be read and written all the while.
    app.runtime.run(app.memory.save(f"{BEFORE}\n- Meanwhile"))
    job.cancel()
    with pytest.raises(StoppedError):
        job.result()
    assert job.state == "cancelled"
    assert fake.open == 0
    assert app.memory_proposals.proposal is None
    fake.script = [f"{BEFORE}\n- Meanwhile\n- Drinks tea"]
    assert begin(app, "remember", "tea").result().model == "fake/scripted"


def test_the_demo_model_proposes_something_that_can_be_taken(home: Path) -> None:
    demo_model()
    home.mkdir(exist_ok=True)
    (home / "cache").symlink_to(cache_of_tests())
    with own_app() as app:
        app.model = "embedded/smollm2"
        for text in ("My name is Paula", "Has a cat named Mia"):
            proposal = begin(app, "remember", text).result()
            assert text.split()[-1] in proposal.after
            accept(app)
        proposal = begin(app, "forget", "my cat named Mia").result()
        assert "Mia" not in proposal.after
