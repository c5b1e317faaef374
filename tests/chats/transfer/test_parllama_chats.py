"""Files of PAR LLAMA's folder `chats` are read, those of its early versions too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parllama_nb.chats.history.saved import SavedConversation
from parllama_nb.chats.transfer.formats import read_text
from parllama_nb.providers.messages import DocumentPart, ImagePart, TextPart

from .conversations import PICTURE


def read(content: object) -> SavedConversation:
    parsed = read_text("x.json", json.dumps(content))
    assert parsed is not None
    return parsed.conversation


def chat(*messages: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """What its version 0.10.1 keeps."""
    return {
        "id": "0" * 32,
        "_salt": None,
        "__key__": None,
        "name": "My chat",
        "name_generated": True,
        "last_updated": "2025-01-02T03:04:05+00:00",
        "llm_config": {
            "class_name": "LlmConfig",
            "provider": "OpenAI",
            "model_name": "gpt-5-mini",
            "temperature": 0.5,
            "num_ctx": 2048,
            "seed": None,
            "top_k": 40,
        },
        "total_cost": 0.25,
        "total_usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
        "messages": list(messages),
        **facts,
    }


def message(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "role": role,
        "content": content,
        "thinking": "",
        "images": None,
        "tool_calls": None,
        "documents": None,
        **more,
    }


def test_a_chat_of_parllama_keeps_all_that_it_has() -> None:
    document = {"name": "a.pdf", "mime_type": "application/pdf", "text": "Its text"}
    saved = read(
        chat(
            message("system", "Be nice"),
            message("user", "Hi", images=[PICTURE], documents=[document]),
            message("assistant", "Ho", thinking="Hm"),
            message("user", "Hello?"),
        )
    )
    assert saved.name == "My chat"
    assert saved.model == "openai/gpt-5-mini"
    assert saved.options == {"system": "Be nice", "temperature": 0.5, "top_k": 40}
    assert (saved.cost, saved.input_tokens, saved.output_tokens) == (0.25, 3, 4)
    assert saved.created == 1735787045.0
    first, last = saved.turns
    assert first.question[0].parts == (
        DocumentPart("Its text", "1", "a.pdf", "a.pdf"),
        ImagePart(PICTURE),
        TextPart("Hi"),
    )
    assert (first.answer.thinking, first.answer.text) == ("Hm", "Ho")
    assert (last.parent, last.question[0].text, last.answer.parts) == (1, "Hello?", ())
    assert saved.tip == 2


def test_a_chat_of_an_early_parllama_is_read() -> None:
    saved = read(
        {
            "session_id": "x",
            "session_name": "Old",
            "llm_model_name": "llama3:8b",
            "options": {"temperature": 0.2},
            "last_updated": "2024-06-01T00:00:00",
            "messages": [
                {"message_id": "1", "role": "user", "content": "Hi"},
                {"message_id": "2", "role": "assistant", "content": "Ho"},
            ],
        }
    )
    assert (saved.name, saved.model) == ("Old", "ollama/llama3:8b")
    assert saved.options == {"temperature": 0.2}
    assert [turn.answer.text for turn in saved.turns] == ["Ho"]


@pytest.mark.parametrize(
    "content",
    [
        {"messages": "none"},
        # A prompt of its library.
        {"name": "p", "submit_on_load": True, "messages": [message("user", "x")]},
        {"llm_config": {}, "name": "x"},
    ],
)
def test_other_files_of_parllama_are_no_conversations(content: object) -> None:
    assert read_text("x.json", json.dumps(content)) is None


def test_a_chat_of_parllama_with_odd_values_is_read_without_them() -> None:
    saved = read(
        chat(
            7,  # type: ignore[arg-type]
            message("user", "Hi", images="none", documents=[3], thinking=None),
            message("tool", "x"),
            message("assistant", 5),  # type: ignore[arg-type]
            name=None,
            total_usage=None,
            total_cost="much",
            last_updated="once",
        )
    )
    (turn,) = saved.turns
    assert [each.text for each in turn.question] == ["Hi", "x"]
    assert turn.answer.text == ""
    assert (saved.name, saved.cost, saved.created) == ("", None, 0.0)
