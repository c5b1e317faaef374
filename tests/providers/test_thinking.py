"""Thoughts are told from the answer, whatever marks and fields they come in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from parllama_nb.providers.base import collected
from parllama_nb.providers.messages import (
    Finish,
    StreamEvent,
    TextDelta,
    TextWasThinking,
    ThinkingDelta,
)
from parllama_nb.providers.ollama.stream import ChatReader
from parllama_nb.providers.openai.stream import AnswerReader
from parllama_nb.providers.thinking import ThinkingSplitter

SIZES = (1, 2, 3, 5, 7, 1000)

FINAL = "<|channel|>final<|message|>"
ANALYSIS = "<|channel|>analysis<|message|>"
ASSISTANT = "<|start|>assistant"

# Each is the thought "I add." and the answer "Four.".
THOUGHTS = [
    "<think>I add.</think>Four.",
    "  \n<think>\nI add.\n</think>\n\nFour.",
    "<thought>\nI add.</thought>\nFour.",
    "<thinking>I add. </thinking> Four.",
    "<reasoning>I add.</reasoning>Four.",
    "[THINK]I add.[/THINK]Four.",
    "◁think▷I add.◁/think▷Four.",
    "<seed:think>I add.</seed:think>Four.",
    "<|channel>thought\nI add.\n<channel|>Four.",
    "<unused94>thought\nI add.<unused95>Four.",
    "<|inner_prefix|>I add.<|inner_suffix|>Four.",
    # the answer has marks of its own
    "<|START_THINKING|>I add.<|END_THINKING|><|START_RESPONSE|>Four.<|END_RESPONSE|>",
    """<|begin_of_thought|>\n\nI add.\n<|end_of_thought|>

    <|begin_of_solution|>\n\nFour.\n\n<|end_of_solution|>""",
    "<think>I add.</think>\n<|begin_of_box|>Four.<|end_of_box|>",
    "I add.<|END_THINKING|><|START_RESPONSE|>Four.",
    # the prompt had the first mark
    "I add.\n</think>\n\nFour.",
    "I add.</think>Four.",
    "I add. </think>\nFour.",
    "I add.[/THINK]Four.",
    "I add.◁/think▷Four.",
    f"I add.<|end|>{ASSISTANT}{FINAL}Four.",
    # harmony, with and without its parts
    f"{ANALYSIS}I add.<|end|>{ASSISTANT}{FINAL}Four.",
    f"{ASSISTANT}{ANALYSIS}I add.\n<|end|>\n{ASSISTANT}{FINAL}\nFour.<|return|>",
    f"{ANALYSIS}I add.{ASSISTANT}{FINAL}Four.<|end|>",
    f"{ANALYSIS}I add.<|end|>{FINAL}Four.",
    f"{ANALYSIS}I add.<|end|>Four.",
    f"analysis<|message|>I add.<|end|>{ASSISTANT}{FINAL}Four.",
    f"<|message|>I add.<|end|>{ASSISTANT}{FINAL}Four.",
    "analysisI add.assistantfinalFour.",
]

# Each is text of the answer, and nothing else.
PLAIN = [
    # A text about the mark.
    "Write `</think>`. " * 8 + "So:\n</think>\nAnd go on.",
    "no marks",
    "  indented",
    " ",
    "<",
    "<thou",
    "a < b, a <| b and [T",
    "<thin air>",
    "<thoughts>",
    "[THINKING about it] Four.",
    "analysis of it",
    "<|channel|> is a token",
    "Four.<|end|>",
    "It is <|begin_of_box|>four<|end_of_box|>.",
    "the tag <think> is text here</think>",
    "The tag </think> ends thoughts.",
    "The tag is `</think>`, after which",
    "As in `x\n y</think>z`.",
    'So "</think>" is a tag, and (</think>) too.',
    "As in\n\n```text\n</think>\n```\n\nthat is it.",
    "As in\n\n    </think>\n\nthat is it.",
    "It ends with </think>",
]


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def texts(events: Iterable[StreamEvent]) -> tuple[str, str]:
    """The thinking and the text that some events add up to."""
    thinking = text = ""
    for event in events:
        match event:
            case TextDelta(text=more):
                assert more
                text += more
            case ThinkingDelta(text=more):
                assert more
                thinking += more
            case TextWasThinking():
                thinking, text = thinking + text.rstrip(), ""
    return thinking, text


def of_splitter(parts: list[str]) -> list[StreamEvent]:
    splitter = ThinkingSplitter()
    events = [event for part in parts for event in splitter.feed(part)]
    return events + splitter.end()


def of_openai(deltas: list[Any]) -> list[StreamEvent]:
    reader, events = AnswerReader(), list[StreamEvent]()
    for each in deltas:
        delta = {"content": each} if isinstance(each, str) else each
        reader.read({"choices": [{"delta": delta}]}, events)
    return events + reader.answer.end()


def of_ollama(deltas: list[Any]) -> list[StreamEvent]:
    reader, events = ChatReader(), list[StreamEvent]()
    for each in deltas:
        delta = {"content": each} if isinstance(each, str) else each
        reader.read({"message": delta}, events)
    return events + reader.answer.end()


WIRES = pytest.mark.parametrize("read", [of_splitter, of_openai, of_ollama])
FIELD_WIRES = pytest.mark.parametrize("read", [of_openai, of_ollama])
Read = Callable[[list[Any]], list[StreamEvent]]


@WIRES
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", THOUGHTS)
def test_thoughts_are_told_from_the_answer_in_any_marks(
    read: Read, text: str, size: int
) -> None:
    assert texts(read(pieces(text, size))) == ("I add.", "Four.")


@WIRES
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", PLAIN)
def test_what_only_looks_like_a_mark_is_text(read: Read, text: str, size: int) -> None:
    assert texts(read(pieces(text, size))) == ("", text)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("<think>a < b</thin k></think>yes", "a < b</thin k>", "yes"),
        ("<think>never closed </thi", "never closed </thi", ""),
        ("<think></think>\n\nempty thought", "", "empty thought"),
        ("<think>x</think>and </think> again", "x", "and </think> again"),
        ("<think>x</think>\n\n    code = 1", "x", "    code = 1"),
        ("</think>\n\nno thought", "", "no thought"),
        ("<think>\n</think>\n\n<think>x</think>\ntwo thoughts", "x", "two thoughts"),
        ("<think>x</think><th", "x", "<th"),
        ("<think>x</think>\n", "x", ""),
        ("Hm.\n</think>\nSo </think>it is.", "Hm.", "So </think>it is."),
        ("", "", ""),
        # A call of a tool is not for the user; a preamble is.
        (
            f"{ASSISTANT} to=f<|channel|>commentary<|message|>{{}}<|call|>{FINAL}Four.",
            "{}",
            "Four.",
        ),
        (
            f"<|channel|>commentary<|message|>First.<|end|>{ASSISTANT}{FINAL}Four.",
            "",
            "First.\n\nFour.",
        ),
        (
            f"{ANALYSIS}One.<|end|>{ASSISTANT}{ANALYSIS}Two.<|end|>{FINAL}Four.",
            "One.\n\nTwo.",
            "Four.",
        ),
        (f"{ANALYSIS}Cut o", "Cut o", ""),
        (f"{FINAL}Four.", "", "Four."),
    ],
)
def test_thoughts_that_are_empty_cut_or_many_are_told_apart(
    text: str, thinking: str, answer: str, size: int
) -> None:
    assert texts(of_splitter(pieces(text, size))) == (thinking, answer)


def test_text_is_shown_at_once_and_recast_when_its_mark_comes() -> None:
    assert of_splitter(["I add", ".\n", "</think>", "\n\n", "Four."]) == [
        TextDelta("I add"),
        TextDelta(".\n"),
        TextWasThinking(),
        TextDelta("Four."),
    ]


@FIELD_WIRES
@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_content": "I add."},
        {"reasoning": "I add."},
        {"reasoning_text": "I add."},
        {"reasoningContent": {"reasoningText": {"text": "I add.", "signature": "x"}}},
        {"thinking": "I add."},
        {"thought": "I add."},
        {"thoughts": ["I ", "add."]},
        {"reasoning": {"text": "I add."}},
        {"reasoning_content": [{"type": "text", "text": "I add."}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "I add."}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "I add."}]},
        {"thinking_blocks": [{"type": "thinking", "thinking": "I add."}]},
        {"content": [{"type": "thinking", "thinking": "I add."}]},
        {"content": [{"text": "I add.", "thought": True}]},
        {"content": [{"type": "thinking", "thinking": [{"text": "I add."}]}]},
        # several fields that carry the same
        {"reasoning_content": "I add.", "reasoning": "I add."},
        {"reasoning": "I add.", "reasoning_details": [{"text": "I add."}]},
        {"reasoning_content": "I add.", "content": "<think>I add.</think>"},
        # beside fields that carry none
        {"thinking": True, "reasoning": {"effort": "low"}, "thought": "I add."},
    ],
    ids=json.dumps,
)
def test_thoughts_are_found_once_in_any_field(
    read: Read, fields: dict[str, Any]
) -> None:
    deltas = [fields, {"reasoning_opaque": "AAAA"}, "Four."]
    assert texts(read(deltas)) == ("I add.", "Four.")


@FIELD_WIRES
def test_details_that_repeat_a_field_later_are_passed_over(read: Read) -> None:
    details = [{"type": "reasoning.text", "text": "I add.", "signature": "x"}]
    deltas = [{"reasoning": "I add."}, {"reasoning_details": details}, "Four."]
    assert texts(read(deltas)) == ("I add.", "Four.")


@FIELD_WIRES
@pytest.mark.parametrize("size", SIZES)
def test_marks_around_an_answer_without_thoughts_are_no_part_of_it(
    read: Read, size: int
) -> None:
    text = "<|START_RESPONSE|>\n Four. <|END_ \n<|END_RESPONSE|>"
    assert texts(read(pieces(text, size))) == ("", " Four. <|END_")
    text = "<|begin_of_box|>Four.<|end_of_box|>\nSo it is."
    assert texts(read(pieces(text, size))) == ("", "Four.\nSo it is.")


@FIELD_WIRES
@pytest.mark.parametrize("size", SIZES)
def test_thoughts_that_are_in_the_text_too_are_taken_once(
    read: Read, size: int
) -> None:
    thoughts = [{"reasoning_content": each} for each in pieces("I add.\n", size)]
    text = pieces("<think>I add.\n</think>Four.", size)
    assert texts(read([*thoughts, *text])) == ("I add.\n", "Four.")


@FIELD_WIRES
def test_a_lone_mark_is_text_if_thoughts_have_a_field(read: Read) -> None:
    deltas = [{"reasoning": "I add."}, "So\n</think>\nit is."]
    assert texts(read(deltas)) == ("I add.", "So\n</think>\nit is.")
    assert texts(read([deltas[0], "\n</think>\n\nFour."])) == ("I add.", "Four.")


def test_parts_of_a_content_are_read_in_order() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "yes"},
        {"type": "tool", "x": 1},
        None,
        ", four",
    ]
    assert texts(of_openai([{"content": parts}])) == ("hm", "yes, four")


async def test_a_whole_answer_is_recast_too() -> None:
    async def stream() -> Any:
        for event in of_splitter(["I add.\n</think>\nFour."]):
            yield event
        yield Finish("stop")

    answer = await collected(stream())
    assert (answer.thinking, answer.text) == ("I add.", "Four.")
