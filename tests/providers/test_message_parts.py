"""Documents, tool calls and their results in the body of a request, on every wire."""

from __future__ import annotations

import json

import pytest

from parllama_nb.providers.anthropic import request as anthropic
from parllama_nb.providers.litellm.request import arguments_of
from parllama_nb.providers.message_parts import all_text, document_text, steps
from parllama_nb.providers.messages import (
    ChatRequest,
    DocumentPart,
    ImagePart,
    Message,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from parllama_nb.providers.ollama import request as ollama
from parllama_nb.providers.openai import request as openai
from parllama_nb.providers.token_estimate import estimated_tokens

PAGE = DocumentPart("The sky is blue.", "1", "notes/sky.md", "Sky")
PAGE_TEXT = "\n\n<document>\n[1] Sky, notes/sky.md\nThe sky is blue.\n</document>\n\n"
IMAGE = ImagePart("data:image/png;base64,iVBORw0KGgo=")
CALLS = Message(
    "assistant",
    (
        ThinkingPart("I have to look."),
        TextPart("Let me look."),
        ToolCallPart("c1", "weather", {"city": "Köln"}),
        ToolCallPart("c2", "clock", {}),
        ToolResultPart("c1", "Rain."),
        ToolResultPart("c2", "no such clock", failed=True),
        TextPart("It rains."),
    ),
)


def request(*messages: Message) -> ChatRequest:
    return ChatRequest("m", messages)


def openai_messages(asked: ChatRequest) -> list[dict[str, object]]:
    body = openai.body_of(asked, asks_usage=False)
    assert arguments_of(asked, "m")["messages"] == body["messages"]
    messages: list[dict[str, object]] = body["messages"]
    return messages


def test_the_steps_of_a_message_end_with_their_results() -> None:
    assert [
        (each.text, len(each.calls), len(each.results)) for each in steps(CALLS)
    ] == [
        ("Let me look.", 2, 2),
        ("It rains.", 0, 0),
    ]


def test_a_message_of_thoughts_alone_is_one_empty_step() -> None:
    (step,) = steps(Message("assistant", (ThinkingPart("Hm."),)))
    assert (step.text, step.calls, step.results) == ("", (), ())


def test_openai_and_litellm_have_calls_and_their_results_as_messages() -> None:
    first, *results, last = openai_messages(request(CALLS))
    calls = first.pop("tool_calls")
    assert first == {"role": "assistant", "content": "Let me look."}
    assert isinstance(calls, list)
    assert [(call["id"], call["type"]) for call in calls] == [
        ("c1", "function"),
        ("c2", "function"),
    ]
    assert calls[0]["function"]["name"] == "weather"
    assert json.loads(calls[0]["function"]["arguments"]) == {"city": "Köln"}
    assert results == [
        {"role": "tool", "tool_call_id": "c1", "content": "Rain."},
        {"role": "tool", "tool_call_id": "c2", "content": "Error: no such clock"},
    ]
    assert last == {"role": "assistant", "content": "It rains."}


def test_a_call_without_text_has_no_content_on_openais_wire() -> None:
    message = Message("assistant", (ToolCallPart("c1", "clock", {}),))
    (written,) = openai_messages(request(message))
    assert written["content"] is None
    assert written["tool_calls"]


def test_anthropic_has_calls_and_their_results_as_blocks() -> None:
    body = anthropic.body_of(request(CALLS), anthropic.Abilities())
    assert body["messages"] == [
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me look."},
                {
                    "type": "tool_use",
                    "id": "c1",
                    "name": "weather",
                    "input": {"city": "Köln"},
                },
                {"type": "tool_use", "id": "c2", "name": "clock", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "c1", "content": "Rain."},
                {
                    "type": "tool_result",
                    "tool_use_id": "c2",
                    "content": "no such clock",
                    "is_error": True,
                },
            ],
        },
        {"role": "assistant", "content": "It rains."},
    ]


def test_ollama_has_calls_and_their_results_by_the_name_of_the_tool() -> None:
    assert ollama.body_of(request(CALLS))["messages"] == [
        {
            "role": "assistant",
            "content": "Let me look.",
            "tool_calls": [
                {"function": {"name": "weather", "arguments": {"city": "Köln"}}},
                {"function": {"name": "clock", "arguments": {}}},
            ],
        },
        {"role": "tool", "content": "Rain.", "tool_name": "weather"},
        {"role": "tool", "content": "Error: no such clock", "tool_name": "clock"},
        {"role": "assistant", "content": "It rains."},
    ]


@pytest.mark.parametrize(
    ("part", "head"),
    [
        (PAGE, "[1] Sky, notes/sky.md"),
        (DocumentPart("x", "2", source="a.txt"), "[2] a.txt"),
        (DocumentPart("x", "3"), "[3]"),
    ],
)
def test_a_document_is_headed_by_its_id_and_its_source(
    part: DocumentPart, head: str
) -> None:
    assert document_text(part).split("\n")[3] == head


def test_every_wire_has_a_document_as_the_same_text() -> None:
    asked = request(Message("user", (PAGE, TextPart("Why?"))))
    text = f"{PAGE_TEXT}Why?"
    plain = [{"role": "user", "content": text}]
    assert openai_messages(asked) == plain
    assert anthropic.body_of(asked, anthropic.Abilities())["messages"] == plain
    assert ollama.body_of(asked)["messages"] == plain


def test_a_document_beside_an_image_is_a_part_of_its_own() -> None:
    asked = request(Message("user", (PAGE, IMAGE, TextPart("Why?"))))
    (written,) = openai_messages(asked)
    content = written["content"]
    assert isinstance(content, list)
    assert [part["type"] for part in content] == ["text", "image_url", "text"]
    assert content[0]["text"] == PAGE_TEXT
    (written,) = anthropic.body_of(asked, anthropic.Abilities())["messages"]
    assert [part["type"] for part in written["content"]] == ["text", "image", "text"]
    (written,) = ollama.body_of(asked)["messages"]
    assert written["content"] == f"{PAGE_TEXT}Why?"
    assert len(written["images"]) == 1


def test_a_document_of_a_system_prompt_is_sent_to_anthropic() -> None:
    asked = request(
        Message("system", (TextPart("Cite."), PAGE)), Message.of("user", "?")
    )
    body = anthropic.body_of(asked, anthropic.Abilities())
    assert body["system"] == f"Cite.{PAGE_TEXT}"


def test_all_that_a_model_reads_is_counted_for_ollama() -> None:
    empty = estimated_tokens(request(Message("user", ())))
    for message in (CALLS, Message("user", (PAGE,))):
        assert estimated_tokens(request(message)) > empty + 10
    for text in ("Let me look.", "weather", "city", "Rain.", "Error: no", "It rains."):
        assert text in all_text(CALLS)
    assert "I have to look." not in all_text(CALLS)


PDF = DocumentPart(
    "The text.", "2", title="a.pdf", data="data:application/pdf;base64,JVBERi0="
)


def test_anthropic_gets_a_pdf_file_as_it_is() -> None:
    message = Message("user", (PDF, TextPart("What is it?")))
    body = anthropic.body_of(request(message), anthropic.Abilities())
    (written,) = body["messages"]
    assert written["content"] == [
        {
            "type": "document",
            "source": {
                "type": "base64",
                "media_type": "application/pdf",
                "data": "JVBERi0=",
            },
            "title": "[2] a.pdf",
        },
        {"type": "text", "text": "What is it?"},
    ]


@pytest.mark.parametrize(
    ("provider", "host", "native"),
    [
        ("openai", "api.openai.com", True),
        ("openrouter", "openrouter.ai", True),
        # OPENAI_BASE_URL may name any server.
        ("openai", "gateway.example", False),
        ("azure", "x.openai.azure.com", False),
        ("gemini", "generativelanguage.googleapis.com", False),
        ("llamacpp", "127.0.0.1", False),
        ("groq", "api.groq.com", False),
        ("mistral", "api.mistral.ai", False),
    ],
)
def test_on_openais_wire_a_pdf_file_is_sent_as_it_is_where_that_is_documented(
    provider: str, host: str, native: bool
) -> None:
    message = Message("user", (PDF, TextPart("What is it?")))
    dialect = openai.dialect_of(provider, host)
    body = openai.body_of(request(message), dialect, asks_usage=False)
    document, question = body["messages"][0]["content"]
    assert question == {"type": "text", "text": "What is it?"}
    if native:
        file = {"filename": "[2] a.pdf", "file_data": PDF.data}
        assert document == {"type": "file", "file": file}
    else:
        assert document["type"] == "text"
        assert "[2] a.pdf\nThe text." in document["text"]


def test_litellm_gets_a_pdf_file_as_it_is() -> None:
    written = arguments_of(request(Message("user", (PDF,))), "anthropic/claude")
    (document,) = written["messages"][0]["content"]
    assert document["type"] == "file"


def test_ollama_gets_the_text_of_a_pdf_file() -> None:
    message = Message("user", (PDF, TextPart("What is it?")))
    (written,) = ollama.body_of(request(message))["messages"]
    assert "[2] a.pdf\nThe text." in written["content"]
    assert "JVBERi0=" not in str(written)
