"""Conversations of tests: any at all, and one that has everything."""

from __future__ import annotations

import string
from typing import Any

from hypothesis import strategies as st

from parllama_nb.chats.answer import Timing
from parllama_nb.chats.history.saved import (
    SavedConversation,
    SavedError,
    SavedTurn,
)
from parllama_nb.prompting.library.rendering import PromptVersion
from parllama_nb.providers.messages import (
    DocumentPart,
    ImagePart,
    Message,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    Usage,
)

__all__ = ["PICTURE", "conversations", "everything", "told"]

PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

_PIECES = [
    *("# x = 1", "## user", "## assistant", "---", "--- ", "...", "```", "````python"),
    *("~~~", "name: other", "<!-- ", " -->", "-->", "<details>", "</details>", "- a"),
    *("<!-- 00000000 end -->", "\n", "\n\n", "\r\n", "\r", " ", "  ", "\t", "> q"),
    *("\N{NEXT LINE}", "\N{LINE SEPARATOR}", "\ufeff", "\0", "\x1b[0m", "\\", '"', "'"),
    *("### Thinking:", "### Response:", "![x](y)", "null", "~", "{{x}}", "é", "🙂"),
]

_texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.lists(st.sampled_from(_PIECES), max_size=12).map("".join),
)
_words = st.text(string.ascii_letters, min_size=1, max_size=6)
_counts = st.none() | st.integers(0, 10**9)
_times = st.floats(0, 4e9, allow_nan=False)
_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | _texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3)
    ),
    max_leaves=5,
)
_parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(TextPart, _texts),
    st.builds(ThinkingPart, _texts),
    st.builds(ImagePart, st.just(PICTURE) | _texts),
    st.builds(DocumentPart, _texts, _texts, _texts, _texts),
    st.builds(ToolCallPart, _texts, _texts, st.dictionaries(_texts, _json, max_size=3)),
    st.builds(ToolResultPart, _texts, _texts, st.booleans()),
)
_contents = st.lists(_parts, max_size=4).map(tuple)
_questions = st.lists(
    st.builds(Message, st.sampled_from(["system", "user", "assistant"]), _contents),
    max_size=3,
).map(tuple)
_errors = st.builds(SavedError, _texts, st.none() | _words, st.none() | _texts)
_options = st.dictionaries(_words | st.just("system"), _json, max_size=3)


@st.composite
def _turn(draw: st.DrawFn, number: int) -> SavedTurn:
    return SavedTurn(
        number=number,
        question=draw(_questions),
        answer=Message("assistant", draw(_contents)),
        parent=draw(st.sampled_from([None, *range(1, number)])),
        state=draw(st.sampled_from(["settled", "streaming"])),
        model=draw(_texts),
        options=draw(_options),
        finish_reason=draw(st.none() | _words),
        usage=draw(st.builds(Usage, _counts, _counts, _counts, _counts, _counts)),
        timing=draw(st.none() | st.builds(Timing, _times, st.none() | _times, _times)),
        cost=draw(st.none() | _times),
        error=draw(st.none() | _errors),
        notes=draw(st.lists(_texts, max_size=2).map(tuple)),
        library_prompt=draw(
            st.none() | st.builds(PromptVersion, _texts, st.integers(0, 99))
        ),
        created=draw(_times),
        edited=draw(st.none() | _times),
    )


@st.composite
def conversations(draw: st.DrawFn) -> SavedConversation:
    """Any conversation, with branches, and any text at any place."""
    count = draw(st.integers(0, 4))
    return SavedConversation(
        name=draw(_texts),
        turns=tuple(draw(_turn(number)) for number in range(1, count + 1)),
        tip=draw(st.sampled_from([None, *range(1, count + 1)])),
        model=draw(st.none() | _texts),
        options=draw(_options),
        folder=draw(_texts),
        tags=draw(st.lists(_texts, max_size=3).map(tuple)),
        pinned=draw(st.booleans()),
        created=draw(_times),
        cost=draw(st.none() | _times),
        input_tokens=draw(st.integers(0, 10**12)),
        output_tokens=draw(st.integers(0, 10**12)),
    )


def told(question: str, answer: str, number: int = 1, **facts: Any) -> SavedTurn:
    """A turn of two texts, which follows the one before it."""
    return SavedTurn(
        number,
        (Message.of("user", question),),
        Message.of("assistant", answer),
        **{
            "parent": number - 1 or None,
            "model": "fake/scripted",
            "finish_reason": "stop",
            "created": 1_700_000_000.0 + number,
            **facts,
        },
    )


def everything() -> SavedConversation:
    """A conversation with all that one can have, in two branches."""
    asked = Message(
        "user",
        (
            TextPart("What is this?"),
            ImagePart(PICTURE),
            DocumentPart("Its text", "1", "~/plans/plan.pdf", "plan.pdf"),
        ),
    )
    answered = Message(
        "assistant",
        (
            ThinkingPart("Hm, *so*."),
            ToolCallPart("1", "look", {"at": [1, None]}),
            ToolResultPart("1", "A dot"),
            TextPart("# A heading\n\n```python\n# a comment\nx = 1  \n```\n"),
        ),
    )
    first = SavedTurn(
        1,
        (Message.of("system", "Be brief."), asked),
        answered,
        model="openai/gpt-5-mini",
        options={"temperature": 0.5},
        finish_reason="stop",
        usage=Usage(10, 20, 3, None, 5),
        timing=Timing(1_700_000_001.0, 0.25, 2.5),
        cost=0.0125,
        notes=("a note",),
        library_prompt=PromptVersion("explain", 3),
        created=1_700_000_001.0,
        edited=1_700_000_009.0,
    )
    broken = SavedError("The connection broke.", "cut", "Ask again.")
    hidden = told("Another?", "Left behind", 2, error=broken, finish_reason="error")
    shown = told("## user\n\nNext?", "", 3, parent=1)
    return SavedConversation(
        name='Diary: a "test" # 1',
        turns=(first, hidden, shown),
        tip=3,
        model="openai/gpt-5-mini",
        options={"system": "Be\n---\nkind.", "temperature": 0.7},
        folder="work/ideas",
        tags=("python", "a, b"),
        pinned=True,
        created=1_700_000_000.5,
        cost=0.0125,
        input_tokens=10,
        output_tokens=20,
    )
