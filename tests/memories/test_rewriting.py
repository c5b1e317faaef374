"""What a model is asked, and which of its answers can be a memory."""

from __future__ import annotations

from typing import get_args

import pytest

from parllama_nb.memories.rewriting import Verb, cleaned, fault_of, messages_for

BEFORE = "- Lives in Lyon\n- Has a cat named Mia\n- Likes short answers"
DOG = "I have a dog called Rex"


def test_a_model_is_sent_rules_examples_and_the_request_last() -> None:
    for verb in get_args(Verb):
        messages = messages_for(BEFORE, verb, DOG)
        roles = [message.role for message in messages]
        assert roles == ["system", *["user", "assistant"] * 3, "user"]
        assert messages[-1].text == f"Notes:\n{BEFORE}\n\n{verb.title()}: {DOG}"
    assert "(empty)" in messages_for("", "remember", DOG)[-1].text


def test_the_examples_are_answers_that_would_be_taken() -> None:
    messages = messages_for("", "remember", "x")[1:-1]
    for asked, answered in zip(messages[::2], messages[1::2], strict=True):
        notes, _, request = asked.text.partition("\n\n")
        verb, _, wanted = request.partition(": ")
        before = notes.removeprefix("Notes:\n").replace("(empty)", "")
        after = cleaned(answered.text)
        assert fault_of(after, before, verb.lower(), wanted) == ""  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (" \n- A\n- B\n\n", "- A\n- B"),
        ("```\n- A\n```", "- A"),
        ("```markdown\n- A\n- B\n```\n", "- A\n- B"),
        ("Here is the updated memory:\n\n- A", "- A"),
        ("Sure! Here are the new notes:\n- A", "- A"),
        ("Updated notes:\n```\n- A\n```", "- A"),
        ("(empty)", ""),
        ("Empty.", ""),
        ("", ""),
        ("Notes about work: none so far", "Notes about work: none so far"),
    ],
)
def test_what_stands_around_a_memory_is_removed(answer: str, text: str) -> None:
    assert cleaned(answer) == text


@pytest.mark.parametrize(
    ("verb", "wanted", "after"),
    [
        ("remember", DOG, f"{BEFORE}\n- Has a dog called Rex"),
        ("remember", DOG, BEFORE.replace("Mia", "Mia, and a dog named Rex")),
        ("remember", "I moved to Paris", BEFORE.replace("Lyon", "Paris")),
        ("forget", "my cat", "- Lives in Lyon\n- Likes short answers"),
        ("forget", "the name of my cat", BEFORE.replace(" named Mia", "")),
    ],
)
def test_a_good_answer_has_no_fault(verb: Verb, wanted: str, after: str) -> None:
    assert fault_of(after, BEFORE, verb, wanted) == ""


@pytest.mark.parametrize(
    ("verb", "after", "fault"),
    [
        ("remember", "", "answered nothing"),
        ("forget", "", "answered nothing"),
        ("remember", "I'm sorry, but I cannot remember that.", "excuses"),
        ("forget", "Sorry, there is no dog.", "excuses"),
        ("remember", "As an AI language model, I have no memory.", "excuses"),
        ("remember", f"Look:\n```\n{BEFORE}\n- Dog Rex\n```\nDone!", "code"),
        ("remember", f"{BEFORE}\n- Dog Rex\n" + "- and so on\n" * 99, "far longer"),
        ("remember", BEFORE, "changed nothing"),
        ("forget", BEFORE, "changed nothing"),
        ("remember", "- Has a dog called Rex", "lost much"),
        ("remember", f"{BEFORE}\n- Likes tea", "left out"),
        ("remember", BEFORE.replace("Lyon", "France"), "left out"),
        (
            "remember",
            f"{BEFORE}\n- Dog Rex eats fish daily beside Norwegian nurses",
            "made things up",
        ),
        ("forget", "- Lives in Lyon", "lost much"),
        ("forget", f"{BEFORE}\n- Rex was removed kindly", "not in the memory"),
    ],
)
def test_an_answer_that_is_no_memory_is_refused(
    verb: Verb, after: str, fault: str
) -> None:
    assert fault in fault_of(after, BEFORE, verb, DOG)
