"""Builds the request for a question, whoever asks.

An option (the system prompt is one) is taken from the question; else from its library
prompt; else from the conversation; else from the user's settings; else it is not sent,
and the provider's default holds. An option of the conversation that the provider does
not accept is left out, because a conversation outlives its model; one of the question
is refused. The memory of a conversation is sent before the system prompt, and is no
part of a turn. No text in the request has a surrogate, because none can be sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ..prompting.library.rendering import PromptVersion
from ..providers.messages import (
    OPTIONS,
    ChatRequest,
    DocumentPart,
    Message,
    Part,
    TextPart,
)
from ..providers.spec import Spec
from ..surrogates import without_surrogates
from .history.reading import Turn, earlier_messages
from .left_out import ALL_OF_IT, Fitting
from .mentioned_parts import attached_parts
from .question import Question

__all__ = ["Built", "build"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})

_MEMORY = "What the user wants you to remember in this conversation:"
_THEN = "Your instructions:"

_GO_ON = (
    "Your last message was cut off. Go on exactly where it ends, in the middle of a "
    "sentence if need be. Repeat nothing of it, and add no introduction."
)


@dataclass(frozen=True, slots=True)
class Built:
    """A request, and those of its messages that the question adds to a conversation.

    `library_prompt` is the prompt of the library that asks, if any. `remarks` say which
    options of the conversation the provider does not accept. `fitting` says what of the
    conversation was left out, and why. `replaced` is the turn in whose place it is
    asked, `memory` what is sent of the user's memory.
    """

    request: ChatRequest
    new: tuple[Message, ...]
    library_prompt: PromptVersion | None = None
    remarks: tuple[str, ...] = ()
    fitting: Fitting = ALL_OF_IT
    replaced: Turn | None = None
    memory: str = ""

    @property
    def title(self) -> str:
        """What the question is about: its text, or what is attached to it."""
        question = self.new[-1]
        documents = [each for each in question.parts if isinstance(each, DocumentPart)]
        titles = [each.title for each in documents if each.title]
        return question.text.strip() or next(iter(titles), "Attachments")


def build(  # noqa: PLR0913 - each is one source of what is sent
    question: Question,
    model: str,
    *,
    spec: Spec,
    defaults: Mapping[str, Any],
    session_options: Mapping[str, Any] = _NOTHING,
    turns: Sequence[Turn] = (),
    replaced: Turn | None = None,
    context: Sequence[Part] = (),
) -> Built:
    """Return the request for a question.

    Args:
        question: what is asked.
        model: the provider's own name of the model.
        spec: the provider; it says which options it accepts.
        defaults: the options of the user's settings, `system` among them.
        session_options: the options of the conversation, likewise, and its `memory`.
        turns: the conversation's turns in order. Those before `replaced` are sent.
        replaced: the turn in whose place it is asked; see `Question.replaced`.
        context: further parts of the question, such as excerpts of documents.

    """
    left_out = tuple(
        name
        for name in OPTIONS
        if session_options.get(name) is not None
        and name not in spec.options
        and name not in question.options
    )
    kept = {
        name: each for name, each in session_options.items() if name not in left_out
    }
    options = {**defaults, **kept, **question.options}
    system, memory = (options.pop(name, None) or "" for name in ("system", "memory"))
    if options.get("stop") is not None:
        options["stop"] = tuple(options["stop"])
    new = tuple(map(_sendable, _new_messages(question, replaced, system, context)))
    so_far = _so_far(replaced, spec) if question.continues else ()
    until = None if replaced is None else replaced.id
    earlier = earlier_messages(turns, until) if question.follows else []
    request = ChatRequest(
        model=without_surrogates(model),
        messages=(
            *_systems(new, without_surrogates(memory)),
            *map(_sendable, (*question.before, *earlier)),
            *(message for message in new if message.role != "system"),
            *map(_sendable, so_far),
        ),
        **without_surrogates(options),
    )
    if question.schema is not None:
        supported = "response_schema" in spec.options
        request = question.schema.ask(request, supported=supported)
        schema = without_surrogates(request.response_schema)
        request = replace(request, response_schema=schema)
    prompt = question.library_prompt
    asks: PromptVersion | None = None
    if prompt is not None:
        asks = prompt.prompt
    elif replaced is not None and (question.text is None or question.rewrites):
        # Only then its texts are sent again.
        asks = replaced.library_prompt
    remarks = tuple(
        f"without {name}, which {spec.title} does not take" for name in left_out
    )
    return Built(request, new, asks, remarks, replaced=replaced, memory=memory)


def _sendable(message: Message) -> Message:
    parts = tuple(
        replace(part, text=without_surrogates(part.text))
        if isinstance(part, TextPart)
        else part
        for part in message.parts
    )
    return replace(message, parts=parts)


def _new_messages(
    question: Question,
    replaced: Turn | None,
    system: str,
    context: Sequence[Part],
) -> tuple[Message, ...]:
    """Return the system prompt, if any, and the question with its attachments.

    Before the question come the other messages of its library prompt, if it has one.
    """
    old = () if replaced is None else replaced.question
    prompt, text = question.library_prompt, question.text
    if prompt is not None:
        old = prompt.asking(text or "").messages
    elif text is not None:
        old = old[:-1] if question.rewrites else ()
    systems = [message for message in old if message.role == "system"]
    new = [message for message in old if message.role != "system"]
    if text is not None:
        if prompt is not None and new and new[-1].role == "user":
            text = new.pop().text
        attached = _attachments(replaced) if question.rewrites else ()
        parts = (*question.attached, *context)
        if text.strip() or not parts:
            # Some servers refuse an empty text.
            parts = (*parts, TextPart(text))
        new.append(Message("user", (*parts, *attached)))
    if question.system is not None:
        systems = [Message.of("system", question.system)]
    elif not systems:
        systems = [Message.of("system", system)]
    return (*(message for message in systems if message.text), *new)


def _systems(new: Sequence[Message], memory: str) -> tuple[Message, ...]:
    """Return the system prompt as it is sent: one message, the memory before it."""
    systems = [message for message in new if message.role == "system"]
    if not memory:
        return tuple(systems)
    text = f"{_MEMORY}\n\n{memory}"
    if systems:
        text = "\n\n".join([text, _THEN, *(each.text for each in systems)])
    return (Message.of("system", text),)


def _so_far(replaced: Turn | None, spec: Spec) -> tuple[Message, ...]:
    """Return an answer that is to go on, and what asks a model for that."""
    if replaced is None:
        return ()
    answer = Message.of("assistant", replaced.answer.text)
    return (answer,) if spec.continues else (answer, Message.of("user", _GO_ON))


def _attachments(replaced: Turn | None) -> tuple[Part, ...]:
    """Return what was attached to a rewritten question.

    What its text mentioned is not: another text mentions what it mentions.
    """
    messages = () if replaced is None else replaced.question
    return tuple(
        part
        for message in messages
        if message.role == "user"
        for part in attached_parts(message.parts)
    )
