"""A request in Anthropic's Messages API.

https://platform.claude.com/docs/en/api/messages. Which options are supported differs
from model to model; what the API says of a model (`Abilities`) decides, where it says
anything, and else the server does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import BadRequestError
from ..message_parts import all_text, document_title, is_file, steps, text_of
from ..messages import (
    ChatRequest,
    DocumentPart,
    ImagePart,
    Message,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

__all__ = ["MAX_TOKENS", "OPTION_NAMES", "Abilities", "body_of"]

MAX_TOKENS = 8192
"""Tokens of an answer where the model's own limit is not known; every model of the API
can answer that much. The API requires a limit."""

SMALLEST_BUDGET = 1024
"""Tokens; the API refuses a smaller budget."""

_SHARES = {"low": 0.125, "medium": 0.25, "high": 0.5}
"""The share of an answer's tokens for thinking, for a model that needs a budget."""

_MOST = 32_000
"""Tokens of such a budget; beyond them little is gained."""

OPTION_NAMES = {
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "top_p": "top_p",
    "top_k": "top_k",
    "stop_sequences": "stop",
    "budget_tokens": "reasoning_budget",
    "effort": "reasoning",
    "thinking": "reasoning",
    "output_config": "response_schema",
}
"""The name on the wire of each option, and ours."""

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,", re.IGNORECASE)

# Models that can think, but not adaptively: those before 4.6.
_BUDGETED = re.compile(
    # A date may follow, but no other digit.
    r"claude-(3-7|(opus|sonnet|haiku)-4(-[0-5])?(?![-.]?\d(?!\d{7})))"
)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the API says a model can do; None where it does not say.

    `thinking` has the ways to think that can be requested: `adaptive`, `enabled` (with
    a budget) and `disabled`.
    """

    max_tokens: int | None = None
    thinking: Mapping[str, bool] = field(default_factory=dict)
    effort: bool | None = None
    schemas: bool | None = None

    @classmethod
    def of(cls, listed: Mapping[str, Any]) -> Abilities:
        """Read a model as the API lists it, without odd fields."""

        def supported(*path: str) -> bool | None:
            value: Any = listed.get("capabilities")
            for name in (*path, "supported"):
                value = value.get(name) if isinstance(value, Mapping) else None
            return value if isinstance(value, bool) else None

        ways = {
            way: supported("thinking", "types", way)
            for way in ("adaptive", "enabled", "disabled")
        }
        most = listed.get("max_tokens")
        return cls(
            max_tokens=most if isinstance(most, int) and most > 0 else None,
            thinking={way: is_so for way, is_so in ways.items() if is_so is not None},
            effort=supported("effort"),
            schemas=supported("structured_outputs"),
        )


def body_of(
    request: ChatRequest,
    abilities: Abilities,
    enforceable: Callable[[Mapping[str, Any]], dict[str, Any]] = dict,
) -> dict[str, Any]:
    """Return the body of a streamed message; an option that is not set is left out.

    `enforceable` changes a JSON schema into one that the API can enforce.

    Raises:
        BadRequestError: options that do not fit each other, or this model.

    """
    turns = [message for message in request.messages if message.role != "system"]
    systems = [all_text(m) for m in request.messages if m.role == "system"]
    most = request.max_tokens or abilities.max_tokens or MAX_TOKENS
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": most,
        "messages": [each for message in turns for each in _written(message)],
        "system": "\n\n".join(filter(None, systems)),
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
        "stop_sequences": list(request.stop),
        "thinking": _thinking(request, abilities, most),
        "output_config": _output(request, abilities, enforceable),
    }
    body = {name: v for name, v in body.items() if v not in (None, "", [], {})}
    return body | {"stream": True} | dict(request.extra)


def _thinking(
    request: ChatRequest, abilities: Abilities, most: int
) -> dict[str, Any] | None:
    budget, reasoning = request.reasoning_budget, request.reasoning
    if reasoning is None and budget is None:
        return None
    if reasoning == "off":
        if abilities.thinking.get("disabled") is False:
            message = f"{request.model} always thinks."
            raise BadRequestError(message, hint="Use --reasoning low.")
        return {"type": "disabled"}
    if budget is None and _is_adaptive(request.model, abilities):
        # By default newer models do not show what they think.
        return {"type": "adaptive", "display": "summarized"}
    if abilities.thinking.get("enabled") is False:
        what = "a budget for thinking" if budget else "a level of thinking"
        message = f"{request.model} does not support {what}: it decides itself."
        hint = "Use --reasoning low, medium or high." if budget else None
        raise BadRequestError(message, hint=hint)
    if budget is None:
        share = int(most * _SHARES[reasoning or "medium"])
        budget = max(SMALLEST_BUDGET, min(share, _MOST))
    _check_budget(request, budget, most)
    return {"type": "enabled", "budget_tokens": budget}


def _check_budget(request: ChatRequest, budget: int, most: int) -> None:
    """Refuse what the API would refuse, but name our options."""
    if budget < SMALLEST_BUDGET:
        message = f"A reasoning_budget of {budget:,} tokens is too small."
        raise BadRequestError(message, hint=f"It begins at {SMALLEST_BUDGET:,}.")
    if budget >= most:
        message = (
            f"A reasoning_budget of {budget:,} leaves no tokens to answer: max_tokens "
            f"is {most:,}."
        )
        raise BadRequestError(message, hint="Raise --max-tokens above the budget.")
    if request.temperature not in (None, 1.0) or request.top_k is not None:
        name = "top_k" if request.top_k is not None else "temperature"
        message = f"{request.model} does not support {name} while it thinks."
        hint = f"Leave {name} out, or use --reasoning off."
        raise BadRequestError(message, hint=hint)


def _is_adaptive(model: str, abilities: Abilities) -> bool:
    known = abilities.thinking.get("adaptive")
    return known if known is not None else not _BUDGETED.search(model)


def _output(
    request: ChatRequest,
    abilities: Abilities,
    enforceable: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    config: dict[str, Any] = {}
    wanted = request.reasoning not in (None, "off")
    # A budget says it already; models that need one have no levels, but for one.
    if wanted and request.reasoning_budget is None:
        known = abilities.effort
        if known or (known is None and _is_adaptive(request.model, abilities)):
            config["effort"] = request.reasoning
    schema = request.response_schema
    if schema is None:
        return config
    if abilities.schemas is False:
        message = f"{request.model} does not support a schema."
        raise BadRequestError(message, hint="Describe the JSON in the prompt.")
    if not schema:
        message = "Anthropic's models support a schema, but not just any JSON."
        raise BadRequestError(message, hint="Use --json=SCHEMA, a variable with one.")
    return config | {"format": {"type": "json_schema", "schema": enforceable(schema)}}


def _written(message: Message) -> Iterator[dict[str, Any]]:
    """Write a message; one with results of tools becomes several.

    Thoughts are not sent back: they would have to be signed.
    https://platform.claude.com/docs/en/build-with-claude/extended-thinking
    """
    if any(map(is_file, message.parts)):
        yield {"role": message.role, "content": list(_content(message))}
        return
    for step in steps(message):
        content: Any = step.text
        if step.calls:
            content = [{"type": "text", "text": step.text}] if step.text else []
            content += [_call(call) for call in step.calls]
        yield {"role": message.role, "content": content}
        if step.results:
            yield {"role": "user", "content": [_result(each) for each in step.results]}


def _content(message: Message) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ImagePart):
            yield {"type": "image", "source": _source(part.url)}
        elif isinstance(part, DocumentPart) and part.data:
            yield {
                "type": "document",
                "source": _source(part.data),
                "title": document_title(part),
            }
        elif isinstance(part, TextPart | DocumentPart):
            yield {"type": "text", "text": text_of(part)}


def _call(call: ToolCallPart) -> dict[str, Any]:
    arguments = dict(call.arguments)
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": arguments}


def _result(result: ToolResultPart) -> dict[str, Any]:
    written = {"type": "tool_result", "tool_use_id": result.id, "content": result.text}
    return written | ({"is_error": True} if result.failed else {})


def _source(url: str) -> dict[str, str]:
    found = _DATA_URL.match(url)
    if found is None:
        return {"type": "url", "url": url}
    kind, data = found[1].lower(), url[found.end() :]
    return {"type": "base64", "media_type": kind, "data": data}
