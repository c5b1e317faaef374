"""A request in the OpenAI wire format, with the options of each maker.

All makers have the messages in common. The names of options, and how to have a model
think or answer in JSON, differ; each `Dialect` says where that is documented.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import BadRequestError
from ..http.endpoint import is_within
from ..message_parts import document_title, is_file, result_text, steps, text_of
from ..messages import (
    ChatRequest,
    DocumentPart,
    ImagePart,
    Message,
    Reasoning,
    TextPart,
    ToolCallPart,
)

__all__ = ["PLAIN", "Dialect", "body_of", "dialect_of", "messages_of", "option_names"]

Thinking = Callable[[Reasoning | None, int | None], dict[str, Any]]


def _effort(reasoning: Reasoning | None, budget: int | None) -> dict[str, Any]:
    """As OpenAI: https://developers.openai.com/api/docs/guides/reasoning."""
    del budget
    if reasoning is None:
        return {}
    return {"reasoning_effort": "none" if reasoning == "off" else reasoning}


def _openrouter(reasoning: Reasoning | None, budget: int | None) -> dict[str, Any]:
    """See https://openrouter.ai/docs/use-cases/reasoning-tokens: one of the two."""
    if budget is not None and reasoning != "off":
        return {"reasoning": {"max_tokens": budget}}
    if reasoning is None:
        return {}
    return {"reasoning": {"effort": "none" if reasoning == "off" else reasoning}}


def _deepseek(reasoning: Reasoning | None, budget: int | None) -> dict[str, Any]:
    """See https://api-docs.deepseek.com/guides/thinking_mode."""
    del budget
    if reasoning is None:
        return {}
    if reasoning == "off":
        return {"thinking": {"type": "disabled"}}
    return {"thinking": {"type": "enabled"}, "reasoning_effort": reasoning}


def _gemini(reasoning: Reasoning | None, budget: int | None) -> dict[str, Any]:
    """See https://ai.google.dev/gemini-api/docs/openai: one of the two.

    The library sends `extra_body` as it is, and Google's own field has that name.
    """
    if budget is None or reasoning == "off":
        return _effort(reasoning, None)
    config = {"thinking_budget": budget, "include_thoughts": True}
    return {"extra_body": {"google": {"thinking_config": config}}}


def _llamacpp(reasoning: Reasoning | None, budget: int | None) -> dict[str, Any]:
    """As the chat templates of models that think expect it; the others ignore it.

    `chat_template_kwargs` is of llama.cpp's server: tools/server/README.md there.
    """
    del budget
    if reasoning is None:
        return {}
    if reasoning == "off":
        return {"chat_template_kwargs": {"enable_thinking": False}}
    options = {"enable_thinking": True, "reasoning_effort": reasoning}
    return {"chat_template_kwargs": options}


def _litellm(reasoning: Reasoning | None, budget: int | None) -> dict[str, Any]:
    """See https://docs.litellm.ai/docs/reasoning_content."""
    if budget is None or reasoning == "off":
        return _effort(reasoning, None)
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a server takes options.

    `names` are its names of options, where they differ; `schemas` says whether it
    supports schemas, or JSON only; `files` whether it takes PDF files as they are.
    """

    label: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    thinking: Thinking = _effort
    schemas: bool = True
    files: bool = False


PLAIN = Dialect()
_AZURE = Dialect("OpenAI", {"max_tokens": "max_completion_tokens"})
_OPENAI = replace(_AZURE, files=True)
_DEEPSEEK = Dialect("DeepSeek", thinking=_deepseek, schemas=False)
_GEMINI = Dialect("Gemini", thinking=_gemini)
_MISTRAL = Dialect("Mistral", {"seed": "random_seed"})
_OPENROUTER = Dialect("OpenRouter", thinking=_openrouter, files=True)

_OF_HOSTS: dict[str, Dialect] = {
    "openai.com": _OPENAI,
    "deepseek.com": _DEEPSEEK,
    "googleapis.com": _GEMINI,
    "mistral.ai": _MISTRAL,
    "openrouter.ai": _OPENROUTER,
}

# Not OpenAI: OPENAI_BASE_URL may point to any server.
_OF_PROVIDERS: dict[str, Dialect] = {
    "azure": _AZURE,
    "deepseek": _DEEPSEEK,
    "embedded": Dialect("llama.cpp", thinking=_llamacpp),
    "gemini": _GEMINI,
    "litellm_proxy": Dialect("LiteLLM", thinking=_litellm),
    "llamacpp": Dialect("llama.cpp", thinking=_llamacpp),
    "mistral": _MISTRAL,
    "openrouter": _OPENROUTER,
}


def dialect_of(provider: str, host: str) -> Dialect:
    """Return the dialect of the maker at a host, else of a provider, else `PLAIN`."""
    for domain, dialect in _OF_HOSTS.items():
        if is_within(host, domain):
            return dialect
    return _OF_PROVIDERS.get(provider, PLAIN)


def body_of(
    request: ChatRequest, dialect: Dialect = PLAIN, *, asks_usage: bool
) -> dict[str, Any]:
    """Return the body of a chat completion; an option that is not set is left out.

    Raises:
        BadRequestError: a schema for a server that only supports JSON.

    """
    body: dict[str, Any] = {
        "model": request.model,
        "messages": messages_of(request, files=dialect.files),
        **_options(request.options(), dialect),
    }
    if asks_usage:
        body["stream_options"] = {"include_usage": True}
    return body | dict(request.extra)


def option_names(request: ChatRequest, dialect: Dialect) -> dict[str, str]:
    """Map the name in the body of each option that `body_of` writes to ours."""
    names: dict[str, str] = {}
    for name, value in request.options().items():
        try:
            written = _options({name: value}, dialect)
        except BadRequestError:
            continue
        names |= {key: names.get(key, name) for key in written}
    return names


def _options(options: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    reasoning, budget = (
        options.pop("reasoning", None),
        options.pop("reasoning_budget", None),
    )
    schema = options.pop("response_schema", None)
    written = {
        dialect.names.get(name, name): list(value) if name == "stop" else value
        for name, value in options.items()
    }
    written |= dialect.thinking(reasoning, budget)
    if schema is not None:
        written["response_format"] = _format(schema, dialect)
    return written


def _format(schema: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    if not schema:
        return {"type": "json_object"}
    if not dialect.schemas:
        message = f"{dialect.label} supports JSON, but no schema for it."
        hint = "Use --json alone, and describe the fields in the prompt."
        raise BadRequestError(message, hint=hint)
    name = re.sub(r"[^A-Za-z0-9_-]", "_", str(schema.get("title") or "answer"))[:64]
    written = {"name": name, "schema": dict(schema), "strict": _is_strict(schema)}
    return {"type": "json_schema", "json_schema": written}


def _is_strict(schema: object) -> bool:
    """Whether OpenAI's servers can enforce a schema.

    Each of its objects has to require all its properties and to allow no others:
    https://developers.openai.com/api/docs/guides/structured-outputs.
    """
    if isinstance(schema, list):
        return all(map(_is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        names = set(schema.get("properties") or {})
        whole = schema.get("additionalProperties") is False
        if not whole or names != set(schema.get("required") or []):
            return False
    return all(map(_is_strict, schema.values()))


def messages_of(request: ChatRequest, *, files: bool = False) -> list[dict[str, Any]]:
    """Return the messages. Thoughts are not sent back: providers refuse them.

    With `files`, a document is sent as it is, if the request has it so.
    """
    return [
        each for message in request.messages for each in _written(message, files=files)
    ]


def _written(message: Message, *, files: bool) -> Iterator[dict[str, Any]]:
    """Write a message; one with results of tools becomes several."""
    if message.role == "user" and any(map(is_file, message.parts)):
        yield {"role": "user", "content": list(_content(message, files=files))}
        return
    for step in steps(message):
        written: dict[str, Any] = {"role": message.role, "content": step.text}
        if step.calls:
            written["content"] = step.text or None
            written["tool_calls"] = [_call(call) for call in step.calls]
        yield written
        for result in step.results:
            text = result_text(result)
            yield {"role": "tool", "tool_call_id": result.id, "content": text}


def _content(message: Message, *, files: bool) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ImagePart):
            yield {"type": "image_url", "image_url": {"url": part.url}}
        elif isinstance(part, DocumentPart) and part.data and files:
            # https://developers.openai.com/api/docs/guides/file-inputs
            title = document_title(part)
            # The kind of a file is also told by its name.
            name = title if title.lower().endswith(".pdf") else f"{title}.pdf"
            yield {"type": "file", "file": {"filename": name, "file_data": part.data}}
        elif isinstance(part, TextPart | DocumentPart):
            yield {"type": "text", "text": text_of(part)}


def _call(call: ToolCallPart) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(dict(call.arguments))}
    return {"id": call.id, "type": "function", "function": function}
