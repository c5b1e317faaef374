"""Markdown that PAR LLAMA has exported is read as it was meant."""

from __future__ import annotations

import pytest

from parllama_nb.chats.history.saved import SavedConversation
from parllama_nb.chats.transfer.markdown.reading import read_markdown

_FRONT = """\
---
provider: {provider}
model: {model}
context_window: 2048
temperature: 0.5
date: 2025-01-02T03:04:05+00:00
input_tokens: 3
output_tokens: 4
total_tokens: 7
cost: 0.001500
---

# {name}
"""


def exported(
    *messages: tuple[str, str], name: str = "My chat", provider: str = "Ollama"
) -> str:
    """What its version 0.10.1 writes."""
    front = _FRONT.format(provider=provider, model="llama3.2:1b", name=name)
    return front + "".join(f"## {role}\n\n{text}\n\n" for role, text in messages)


def read(text: str) -> SavedConversation:
    parsed = read_markdown(text)
    assert parsed is not None
    return parsed.conversation


def texts(saved: SavedConversation) -> list[tuple[str, str]]:
    return [
        (turn.question[-1].text if turn.question else "", turn.answer.text)
        for turn in saved.turns
    ]


def test_a_conversation_of_parllama_keeps_its_model_prompt_and_sums() -> None:
    saved = read(exported(("system", "Be nice"), ("user", "Hi"), ("assistant", "Ho")))
    assert saved.name == "My chat"
    assert saved.model == "ollama/llama3.2:1b"
    assert saved.options == {"system": "Be nice", "temperature": 0.5}
    assert (saved.cost, saved.input_tokens, saved.output_tokens) == (0.0015, 3, 4)
    assert saved.created == 1735787045.0
    assert texts(saved) == [("Hi", "Ho")]
    assert saved.tip == 1


def test_comments_and_headings_within_an_answer_of_parllama_stay_there() -> None:
    answer = (
        "# A heading\n\n```python\n# a comment\n\n## user\n\nx = 1\n```\n\n"
        "## users\n\n## assistant\n\nThe end.\n# last"
    )
    saved = read(exported(("user", "# One\n# Two"), ("assistant", answer)))
    assert saved.name == "My chat"
    assert texts(saved) == [("# One\n# Two", answer)]


def test_thinking_of_parllama_is_no_part_of_the_answer() -> None:
    text = "### Thinking:\n\nHm.\n\n### Response:\n\nYes.\n\n### Response:\n\nNo."
    (turn,) = read(exported(("user", "Hi"), ("assistant", text))).turns
    assert turn.answer.thinking == "Hm."
    assert turn.answer.text == "Yes.\n\n### Response:\n\nNo."


def test_a_question_of_parllama_without_an_answer_is_a_turn_of_its_own() -> None:
    saved = read(exported(("user", "Hi"), ("user", "Hello?"), ("assistant", "Yes")))
    assert texts(saved) == [("Hi", ""), ("Hello?", "Yes")]
    assert saved.turns[0].finish_reason == "error"


def test_a_fence_that_never_ends_does_not_swallow_the_messages_after_it() -> None:
    messages = (("user", "Hi"), ("assistant", "~~~py\nx"), ("user", "And?"))
    assert texts(read(exported(*messages))) == [("Hi", "~~~py\nx"), ("And?", "")]


@pytest.mark.parametrize(
    ("provider", "name"), [("OpenAI", "openai"), ("Google", "gemini"), ("XAI", "xai")]
)
def test_providers_of_parllama_have_their_names_here(provider: str, name: str) -> None:
    saved = read(exported(("user", "Hi"), provider=provider))
    assert saved.model == f"{name}/llama3.2:1b"


def test_an_export_of_an_early_parllama_without_front_matter_is_read() -> None:
    saved = read("# Old\n\n## user\n\nHi\n\n## assistant\n\nHo\n\n")
    assert saved.name == "Old"
    assert texts(saved) == [("Hi", "Ho")]
    assert saved.model is None
