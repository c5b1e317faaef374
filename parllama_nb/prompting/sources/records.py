"""One prompt as a row or an object, under whatever names programs give its fields.

`act` and `prompt` are the columns of "Awesome ChatGPT Prompts"; its prompts say whom
the model acts as, so they are system prompts. `command`, `title` and `content` are what
Open WebUI exports, where `{{name | text:placeholder="..."}}` is a variable. Every other
text under a name such as `prompt` is what the user asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ...errors import FieldError
from ...providers.messages import Message, Role
from ..library.prompt import Prompt
from ..library.variables import Variable
from .fields import file_messages, parsed_prompt, text
from .reading import Parsed
from .texts import first_sentence

__all__ = ["TEXT_KEYS", "as_record", "key_of", "record"]

_NAMES = ("name", "title", "act", "command", "key")
_DESCRIPTIONS = ("description", "desc", "summary")
_TAGS = ("tags", "tag", "categories", "category", "keywords")
_SYSTEMS = ("system", "system_prompt", "instructions")
_USERS = ("user", "user_prompt", "prompt", "template", "text", "content", "body")
_SUBMITS = ("submit", "submit_on_load")

TEXT_KEYS = frozenset({"messages", *_SYSTEMS, *_USERS})
"""Of these an object or a table has at least one, if it holds prompts."""

# Bounded, so that a text of nothing but braces is matched fast.
_TYPED = re.compile(
    r"\{\{[ \t]{0,9}([^\W\d]\w{0,99})[ \t]{0,9}\|([^{}]{0,2000})\}\}(?!\})"
)
_PROPERTY = re.compile(r'(\w+)="([^"]*)"')


def key_of(name: object) -> str:
    """Return how the name of a column or a key is compared."""
    return re.sub(r"[\s_-]+", "_", str(name).strip().lower())


def record(values: Mapping[object, object], name: str) -> Parsed:
    """Return the prompt of a row or an object.

    Args:
        values: by names of any program.
        name: the prompt's, if the values have none.

    Raises:
        FieldError: it has no text, or a value is of the wrong kind.

    """
    given = {key_of(key): value for key, value in values.items()}
    if not TEXT_KEYS & given.keys():
        message = "It has no text: no system, prompt or messages."
        raise FieldError(message, hint="Name its text prompt.", field="messages")
    fields: dict[str, object] = {}
    fields["name"] = _name(given)
    for field, names in (
        ("description", _DESCRIPTIONS),
        ("tags", _TAGS),
        ("submit", _SUBMITS),
        ("model", ("model",)),
        ("variables", ("variables",)),
    ):
        known = next((key for key in names if key in given), None)
        if known is not None:
            fields[field] = given[known]
    messages, notes = _messages(given)
    typed: dict[str, Variable] = {}
    if "command" in given and "variables" not in fields:
        messages = [_untyped(message, typed) for message in messages]
    first = first_sentence(messages[0].text) if messages else ""
    parsed = parsed_prompt(fields, name=name, messages=messages, description=first)
    prompt = parsed.prompt
    if typed:
        variables = tuple(typed.get(each.name, each) for each in prompt.variables)
        prompt = replace(prompt, variables=variables)
    return Parsed(prompt, (*parsed.notes, *notes))


def as_record(prompt: Prompt) -> dict[str, object]:
    """Return a prompt as JSON values; `record` returns the same prompt."""
    return {
        "name": prompt.name,
        "description": prompt.description,
        "tags": list(prompt.tags),
        "model": prompt.model,
        "submit": prompt.submit,
        "variables": [
            {
                "name": variable.name,
                "default": variable.default,
                "description": variable.description,
            }
            for variable in prompt.variables
        ],
        "messages": [
            {"role": message.role, "content": message.text}
            for message in prompt.messages
        ],
    }


def _name(given: Mapping[str, object]) -> str:
    for key in _NAMES:
        name = text(given.get(key), "name").strip()
        if key == "command":
            name = name.removeprefix("/")
        if name:
            return name
    return ""


def _messages(given: Mapping[str, object]) -> tuple[list[Message], list[str]]:
    messages: list[Message] = []
    for key in _SYSTEMS:
        if given.get(key):
            messages.append(Message.of("system", text(given[key], key)))
            break
    if given.get("messages"):
        more, notes = file_messages(given["messages"])
        return [*messages, *more], notes
    for key in _USERS:
        if given.get(key):
            acts = key == "prompt" and "act" in given and not messages
            role: Role = "system" if acts else "user"
            messages.append(Message.of(role, text(given[key], key)))
            break
    return messages, []


def _untyped(message: Message, typed: dict[str, Variable]) -> Message:
    """Return a message with plain placeholders; adds what their types say."""

    def plain(match: re.Match[str]) -> str:
        properties = dict(_PROPERTY.findall(match[2]))
        typed.setdefault(
            match[1],
            Variable(
                match[1],
                properties.get("default"),
                properties.get("label") or properties.get("placeholder") or "",
            ),
        )
        return f"{{{{{match[1]}}}}}"

    return Message.of(message.role, _TYPED.sub(plain, message.text))
