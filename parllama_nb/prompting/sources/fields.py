"""The fields of a prompt, from the plain values that files have for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...errors import FieldError
from ...providers.messages import Message, Role
from ..library.prompt import Prompt
from ..library.variables import Variable
from .reading import Parsed
from .texts import undeclared

__all__ = [
    "FIELDS",
    "file_messages",
    "flag",
    "model_name",
    "parsed_prompt",
    "tags",
    "text",
    "variables",
]

FIELDS = ("name", "description", "tags", "model", "submit", "variables", "messages")
"""What a file may say of a prompt, in the order in which it is written."""

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
}
_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "y": True} | {
    "false": False,
    "no": False,
    "off": False,
    "0": False,
    "n": False,
    "": False,
}


def parsed_prompt(
    values: Mapping[str, object],
    *,
    name: str,
    messages: Sequence[Message] = (),
    description: str = "",
) -> Parsed:
    """Return the prompt that a file's values make.

    Without `variables` each `{{name}}` of its texts is one; an empty list declares that
    there are none.

    Args:
        values: by the names in `FIELDS`; others are ignored.
        name: the prompt's, if the values have none.
        messages: those of the prompt, if the values have none.
        description: the prompt's, if the values have none.

    Raises:
        FieldError: a value is of the wrong kind; `field` names it.

    """
    notes: list[str] = []
    if values.get("messages") is not None:
        messages, notes = file_messages(values["messages"])
    if values.get("variables") is not None:
        declared = variables(values["variables"])
    elif "variables" in values:
        declared = ()
    else:
        declared = undeclared(each.text for each in messages)
    model, note = model_name(values.get("model"))
    if "description" in values:
        description = text(values["description"], "description")
    prompt = Prompt(
        name=text(values.get("name"), "name").strip() or name,
        messages=tuple(messages),
        description=description,
        tags=tags(values.get("tags")),
        variables=declared,
        model=model,
        submit=flag(values.get("submit"), "submit"),
    )
    return Parsed(prompt, (*notes, *([note] if note else [])))


def text(value: object, field: str) -> str:
    """Return a text; None is an empty one.

    Raises:
        FieldError: it is a list, a mapping or a truth value.

    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise _wrong(value, field, "a text", "Write a text.")


def tags(value: object) -> tuple[str, ...]:
    """Return the tags of a list, or of a text with commas.

    Raises:
        FieldError: it is neither.

    """
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(tag.strip() for tag in value.split(",") if tag.strip())
    if isinstance(value, list):
        return tuple(text(each, "tags") for each in value)
    raise _wrong(value, "tags", "a list of words", "For example [python, review].")


def flag(value: object, field: str) -> bool:
    """Return a truth value; accepts true and false, yes and no, on and off, 1 and 0.

    Raises:
        FieldError: it is none.

    """
    if value is None or isinstance(value, bool):
        return bool(value)
    known = _FLAGS.get(str(value).strip().lower())
    if known is None or isinstance(value, list | dict):
        raise _wrong(value, field, "true or false", "Write true or false.")
    return known


def model_name(value: object) -> tuple[str, str]:
    """Return a model as `provider/model`, and why none is carried over, or "".

    Of a list the first one counts that has a provider. A name without a provider would
    name no model here.

    Raises:
        FieldError: it is no name.

    """
    wanted = value if isinstance(value, list) else [value]
    names = [text(each, "model").strip() for each in wanted]
    for name in names:
        provider, slash, model = name.partition("/")
        if slash and provider and model:
            return name, ""
    named = ", ".join(name for name in names if name)
    if not named:
        return "", ""
    return "", f"The model {named!r:.80} is left out: models are provider/model here."


def variables(value: object) -> tuple[Variable, ...]:
    """Return the variables of a list, a mapping or a text.

    A list has names, or mappings with `name`, `default` and `description`. A mapping
    has a default for each name, or nothing for none. A text has names with commas or
    semicolons, and a default after `=`.

    Raises:
        FieldError: it is none of these.

    """
    if isinstance(value, str):
        parts = [part.strip() for part in re.split(r"[,;\n]", value) if part.strip()]
        pairs = [part.partition("=") for part in parts]
        return tuple(
            Variable(name.strip(), default.strip() if sign else None)
            for name, sign, default in pairs
        )
    if isinstance(value, list):
        return tuple(_variable(each) for each in value)
    if isinstance(value, Mapping):
        return tuple(_with_default(str(name), each) for name, each in value.items())
    hint = "For example [input, language]."
    raise _wrong(value, "variables", "a list of names", hint)


def _variable(value: object) -> Variable:
    if isinstance(value, Mapping):
        if "name" in value:
            return _with_default(text(value["name"], "variables"), value)
        if len(value) == 1 and not value.keys() & {"default", "description"}:
            name, default = next(iter(value.items()))
            return _with_default(str(name), default)
        message = "A variable has no name."
        hint = "For example {name: language, default: Python}."
        raise FieldError(message, hint=hint, field="variables")
    return Variable(text(value, "variables"))


def _with_default(name: str, value: object) -> Variable:
    description = ""
    if isinstance(value, Mapping):
        description = text(value.get("description"), "variables")
        value = value.get("default")
    if isinstance(value, bool):
        value = str(value).lower()
    default = None if value is None else text(value, "variables")
    return Variable(name, default, description)


def file_messages(value: object) -> tuple[tuple[Message, ...], list[str]]:
    """Return messages as OpenAI's API has them, and what of them is left out.

    Raises:
        FieldError: one has no role that a prompt can have, or no text.

    """
    if not isinstance(value, list):
        hint = "For example [{role: user, content: Hello}]."
        raise _wrong(value, "messages", "a list of messages", hint)
    messages: list[Message] = []
    notes: list[str] = []
    for number, each in enumerate(value, 1):
        if not isinstance(each, Mapping):
            hint = "Each has a role and a content."
            raise _wrong(each, "messages", "a message", hint, f"Message {number}")
        role = each.get("role")
        known = _ROLES.get(str(role).strip().lower())
        if known is None:
            message = f"Message {number} has the role {role!r:.40}."
            hint = "A prompt has system, user and assistant."
            raise FieldError(message, hint=hint, field="messages")
        content, note = _content(each.get("content"), number)
        messages.append(Message.of(known, content))
        notes += [note] if note else []
    return tuple(messages), notes


def _content(value: object, number: int) -> tuple[str, str]:
    if value is None or isinstance(value, str):
        return value or "", ""
    if not isinstance(value, list):
        hint = "Write a text."
        raise _wrong(value, "messages", "a text", hint, f"The content of {number}")
    texts, others = [], []
    for part in value:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Mapping) and isinstance(part.get("text"), str):
            texts.append(str(part["text"]))
        else:
            kind = part.get("type") if isinstance(part, Mapping) else None
            others.append(str(kind or "a part"))
    kinds = ", ".join(dict.fromkeys(others))
    note = f"Its {kinds:.80} is left out: a prompt has texts." if kinds else ""
    return "\n".join(texts), note


def _wrong(
    value: object, field: str, expected: str, hint: str, what: str = ""
) -> FieldError:
    kinds: list[tuple[type, str]] = [
        (bool, "true or false"),
        (list, "a list"),
        (Mapping, "a mapping"),
    ]
    kind = next((name for each, name in kinds if isinstance(value, each)), "")
    shown = kind or repr(value)[:40]
    what = what or f"The field {field}"
    return FieldError(f"{what} is {shown}, not {expected}.", hint=hint, field=field)
