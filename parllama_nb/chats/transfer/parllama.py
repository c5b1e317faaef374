"""Conversations of PAR LLAMA: its messages as turns, and its file `chats/ID.json`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ...providers.messages import (
    DocumentPart,
    ImagePart,
    Message,
    Part,
    TextPart,
    parts_of,
)
from ..history.saved import SavedConversation, SavedTurn
from .parsed import Parsed

__all__ = ["model_of", "number_of", "read_parllama_chat", "time_of", "turns_of"]

_PROVIDERS = {"google": "gemini", "github": "openai"}
_STRIPPED = re.compile(r"[^a-z0-9]")
_OPTIONS = ("temperature", "top_p", "top_k", "seed")
_WHOLE = frozenset({"top_k", "seed"})


def read_parllama_chat(content: object) -> Parsed | None:
    """Return the conversation of a file in its folder `chats`; None if it is another.

    Files of all its versions are read: before 0.3.8 there was no `llm_config`.
    """
    if not isinstance(content, Mapping) or not isinstance(
        content.get("messages"), list
    ):
        return None
    config = content.get("llm_config")
    if not isinstance(config, Mapping):
        if not isinstance(content.get("llm_model_name"), str):
            return None
        old = content.get("options")
        options = old if isinstance(old, Mapping) else {}
        config = {"model_name": content["llm_model_name"], **options}
    created = time_of(content.get("last_updated"))
    model = model_of(config.get("provider") or "Ollama", config.get("model_name"))
    messages = [
        (str(each.get("role")), tuple(_parts(each)))
        for each in content["messages"]
        if isinstance(each, Mapping)
    ]
    system, turns = turns_of(messages, model, created)
    usage = content.get("total_usage")
    tokens = usage if isinstance(usage, Mapping) else {}
    name = content.get("name") or content.get("session_name")
    conversation = SavedConversation(
        name=name if isinstance(name, str) else "",
        turns=turns,
        tip=len(turns) or None,
        model=model,
        options={**({"system": system} if system else {}), **_options(config)},
        created=created,
        cost=number_of(content.get("total_cost")) or None,
        input_tokens=int(number_of(tokens.get("input_tokens")) or 0),
        output_tokens=int(number_of(tokens.get("output_tokens")) or 0),
    )
    return Parsed(conversation)


def _parts(message: Mapping[str, Any]) -> Iterator[Part]:
    for number, each in enumerate(_listed(message.get("documents")), 1):
        if isinstance(each, Mapping):
            name = _text(each.get("name"))
            source = _text(each.get("source_url")) or name
            yield DocumentPart(_text(each.get("text")), str(number), source, name)
    yield from (
        ImagePart(each)
        for each in _listed(message.get("images"))
        if isinstance(each, str)
    )
    yield from parts_of(_text(message.get("content")), _text(message.get("thinking")))


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _options(config: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name in _OPTIONS:
        number = number_of(config.get(name))
        if number is not None:
            options[name] = int(number) if name in _WHOLE else number
    return options


def turns_of(
    messages: Sequence[tuple[str, tuple[Part, ...]]],
    model: str | None,
    created: float,
) -> tuple[str, tuple[SavedTurn, ...]]:
    """Return the system prompt and the turns of messages, each a role and its parts."""
    system = ""
    turns: list[SavedTurn] = []
    question: list[Message] = []

    def add(parts: tuple[Part, ...]) -> None:
        number = len(turns) + 1
        turns.append(
            SavedTurn(
                number,
                tuple(question),
                Message("assistant", parts),
                parent=number - 1 or None,
                model=model or "",
                finish_reason="stop" if parts else "error",
                created=created,
            )
        )
        question.clear()

    for role, parts in messages:
        text = "".join(part.text for part in parts if isinstance(part, TextPart))
        if role == "assistant":
            add(parts)
        elif role == "user":
            if any(each.role == "user" for each in question):
                add(())
            question.append(Message("user", parts))
        elif role == "system" and not (turns or question or system):
            system = text
        elif text.strip():
            question.append(Message.of("system", text))
    if question:
        add(())
    return system, tuple(turns)


def model_of(provider: object, model: object) -> str | None:
    """Return a model of one of its providers by the name that it has here."""
    if not isinstance(provider, str) or not isinstance(model, str) or not model:
        return None
    plain = _STRIPPED.sub("", provider.lower())
    return f"{_PROVIDERS.get(plain, plain)}/{model}"


def time_of(date: object) -> float:
    """Return a date in seconds since the epoch; 0.0 if it is none."""
    try:
        when = datetime.fromisoformat(str(date))
        return max(0.0, when.replace(tzinfo=when.tzinfo or UTC).timestamp())
    except (ValueError, OverflowError):
        return 0.0


def number_of(value: object) -> float | None:
    """Return a number, or the text of one; None if it is none that can be meant."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if 0 <= number < 1e15 else None  # noqa: PLR2004 - none has more
