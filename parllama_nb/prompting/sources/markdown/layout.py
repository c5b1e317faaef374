r"""One prompt as Markdown, and back.

    ---
    name: Explain code
    description: Explains code to a beginner.
    tags: [python, teaching]
    model: openai/gpt-5-mini
    submit: true
    variables:
      language: Python
      input:
    ---

    You explain {{language}} code.

    <!-- user -->

    {{input}}

The front matter is YAML, and each of its keys may be left out. The body is the system
prompt; after a line `<!-- user -->`, `<!-- assistant -->` or `<!-- system -->` comes
another message. One empty line on each side of such a line, the one after the front
matter and the last line break belong to the layout; all others belong to the texts.

`variables` is a list of names, a mapping from names to defaults (none means that a
value has to be given), or a list of mappings with `name`, `default` and `description`.
Without it each `{{name}}` of the body is a variable; `variables: []` says that none is.

A message that the body cannot hold, such as one with a line `<!-- user -->` in it, is
written into the front matter, with all others: `messages` is a list of `role` and
`content`.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ....errors import FieldError
from ....fuzzy import near
from ....providers.messages import Message, Role
from ....surrogates import without_surrogates
from ...library.prompt import Prompt, checked
from ...library.variables import Variable
from ..fields import FIELDS, parsed_prompt
from ..reading import Parsed
from ..texts import first_sentence, has_placeholders
from ..yaml_values import Inline, Value, YAMLValues, read_yaml, write_yaml

__all__ = [
    "MarkdownFile",
    "dissect",
    "looks_foreign",
    "markdown_of",
    "messages_of_body",
    "parsed",
    "prompt_of",
]

_MARK = re.compile(
    r"[ \t]*<!--[ \t]*(system|user|assistant)[ \t]*-->[ \t]*", re.IGNORECASE
)
_KEY_AND_VALUE = re.compile(r"([A-Za-z][\w-]{0,40}):[ \t]+(\S.{0,2000}?)[ \t]*")
_FENCE = re.compile(r"---[ \t]*")
_END = re.compile(r"(---|\.\.\.)[ \t]*")
# What the readers of other programs' files replace; ours say that it is text.
_FOREIGN = re.compile(r"\$ARGUMENTS\b|\$\{input:|\{\{\s*role\s")
_FOREIGN_NAME = re.compile(
    r"\.(prompt|chatmode|agent|instructions)$|^(system|skill|prompt|user)$",
    re.IGNORECASE,
)
# VS Code's prompt files have a mode, which is not a mistyped model.
_KNOWN_KEYS = frozenset({*FIELDS, "mode"})
_LONGEST_FRONT = 2_000_000  # characters


@dataclass(frozen=True, slots=True)
class MarkdownFile:
    """A text cut into its front matter and its body.

    `values` are those of the front matter and `lines` those of its keys. `body_line` is
    the one in which the body begins, from 1.
    """

    values: Mapping[str, Value]
    lines: Mapping[str, int]
    body: str
    body_line: int
    has_front: bool


def markdown_of(prompt: Prompt) -> str:
    """Return a prompt as Markdown; `prompt_of` returns the same prompt.

    Its `source` and its `version` are not in it.
    """
    texts = [message.text for message in prompt.messages]
    values: dict[str, object] = {
        "name": prompt.name,
        "description": prompt.description or None,
    }
    if prompt.tags:
        values["tags"] = Inline(prompt.tags)
    if prompt.model:
        values["model"] = prompt.model
    if prompt.submit:
        values["submit"] = True
    if prompt.variables:
        values["variables"] = variable_values(prompt.variables)
    elif has_placeholders(texts) or looks_foreign(prompt.name, texts):
        values["variables"] = Inline()
    if _fits_body(prompt.messages):
        body = _body(prompt.messages)
    else:
        values["messages"] = [
            {"role": message.role, "content": message.text}
            for message in prompt.messages
        ]
        body = ""
    return without_surrogates(f"---\n{write_yaml(values)}---\n{body}")


def prompt_of(text: str, name: str) -> Prompt:
    """Return the prompt that a Markdown text holds, checked.

    Args:
        text: as a user has edited it.
        name: of the prompt, if the text has none.

    Raises:
        FieldError: a field is invalid, or is probably mistyped. `field` is its key in
            the front matter ("" if that is not YAML, "messages" for the body), and the
            message begins with its line.

    """
    file = dissect(text.replace("\r\n", "\n").replace("\r", "\n"))
    for key in file.values:
        meant = near(key, FIELDS, 1, cutoff=0.75)
        if key not in _KNOWN_KEYS and meant:
            message = f"Line {file.lines[key]}: There is no field {key!r:.60}."
            raise FieldError(message, hint=f"Did you mean {meant[0]}?", field=key)
    result = parsed(file, name)
    if result.notes:
        line = file.lines.get("model")
        message = f"Line {line}: {result.notes[0]}" if line else result.notes[0]
        field = "model" if line else "messages"
        raise FieldError(message, hint="For example openai/gpt-5-mini.", field=field)
    try:
        return checked(result.prompt)
    except FieldError as error:
        fault = error
    raise _placed(fault, file)


def parsed(file: MarkdownFile, name: str) -> Parsed:
    """Return the prompt of a text that has been cut.

    Raises:
        FieldError: a field of the front matter is of the wrong kind.

    """
    messages = messages_of_body(file.body)
    first = first_sentence(messages[0].text) if messages else ""
    try:
        return parsed_prompt(
            file.values, name=name, messages=messages, description=first
        )
    except FieldError as error:
        fault = error
    raise _placed(fault, file)


def dissect(text: str, *, lenient: bool = False) -> MarkdownFile:
    r"""Cut a text, with `\n` for line breaks, into front matter and body.

    Args:
        text: of a file or an editor.
        lenient: whether a value in one line that is not YAML is a text, as in
            `argument-hint: [file] [line]` or `description: Review: all of it`.

    Raises:
        FieldError: the front matter has no end, or is no YAML mapping.

    """
    first, _, rest = text.partition("\n")
    if not _FENCE.fullmatch(first):
        return MarkdownFile({}, {}, text, 1, has_front=False)
    lines = rest.split("\n")
    end = next((n for n, line in enumerate(lines) if _END.fullmatch(line)), None)
    if end is None:
        message = "Line 1: The front matter that begins here has no end."
        raise FieldError(message, hint="End it with a line of ---.", field="")
    front = "".join(f"{line}\n" for line in lines[:end])
    if len(front) > _LONGEST_FRONT:
        message = f"Line 1: The front matter has {len(front):,} characters."
        hint = f"At most {_LONGEST_FRONT:,} are read."
        raise FieldError(message, hint=hint, field="")
    result = _front_values(front, lenient=lenient)
    values = {} if result.value is None else result.value
    if not isinstance(values, dict):
        message = "Line 2: The front matter has no keys."
        raise FieldError(message, hint="For example name: My prompt", field="")
    body = "\n".join(lines[end + 1 :])
    return MarkdownFile(
        {key.strip(): value for key, value in values.items()},
        {key.strip(): line for key, line in result.lines.items()},
        body.removeprefix("\n"),
        end + 3 + body.startswith("\n"),
        has_front=True,
    )


def _front_values(front: str, *, lenient: bool) -> YAMLValues:
    try:
        return read_yaml(front, first_line=2)
    except FieldError as error:
        fault = error
    if lenient:
        lines = [_quoted(line) for line in front.split("\n")]
        with contextlib.suppress(FieldError):
            return read_yaml("\n".join(lines), first_line=2)
    raise fault


def _quoted(line: str) -> str:
    """Return the line of a key with its value between quotes, if that is not YAML."""
    match = _KEY_AND_VALUE.fullmatch(line)
    if match:
        try:
            read_yaml(line)
        except FieldError:
            return f"{match[1]}: {json.dumps(match[2])}"
    return line


def messages_of_body(body: str, first: Role = "system") -> tuple[Message, ...]:
    """Return the messages of a body; `first` is the role of what comes first."""
    role: Role = first
    begin = 0
    messages: list[Message] = []
    lines = body.split("\n")
    for number, line in enumerate(lines):
        match = _MARK.fullmatch(line)
        if match:
            text = "\n".join(lines[begin:number])
            messages.append(Message.of(role, text.removesuffix("\n")))
            role = cast("Role", match[1].lower())
            begin = number + 1
            if begin < len(lines) - 1 and not lines[begin]:
                begin += 1
    text = "\n".join(lines[begin:])
    messages.append(Message.of(role, text.removesuffix("\n")))
    return tuple(message for message in messages if message.text.strip())


def looks_foreign(name: str, texts: Sequence[str]) -> bool:
    """Whether a file of ours would be taken for one of another program."""
    return bool(_FOREIGN_NAME.search(name)) or any(map(_FOREIGN.search, texts))


def variable_values(variables: Sequence[Variable]) -> object:
    """Return the shortest YAML values that hold the variables."""
    if not any(variable.description for variable in variables):
        if all(variable.default is None for variable in variables):
            return Inline(variable.name for variable in variables)
        return {variable.name: variable.default for variable in variables}
    values = []
    for variable in variables:
        value: dict[str, object] = {"name": variable.name}
        if variable.default is not None:
            value["default"] = variable.default
        if variable.description:
            value["description"] = variable.description
        values.append(value)
    return values


def _fits_body(messages: Sequence[Message]) -> bool:
    return all(
        "\r" not in message.text
        and "\0" not in message.text
        and not any(map(_MARK.fullmatch, message.text.split("\n")))
        for message in messages
    )


def _body(messages: Sequence[Message]) -> str:
    """Return the messages as a body, with the empty line before it."""
    parts = []
    for number, message in enumerate(messages):
        if number or message.role != "system":
            # The empty line before a mark is there already, if it is the first.
            parts.append(f"\n<!-- {message.role} -->\n")
        parts.append(f"\n{message.text}\n")
    return "".join(parts)


def _placed(error: FieldError, file: MarkdownFile) -> FieldError:
    """Return the error with the line at fault before its message."""
    line = file.lines.get(error.field)
    if line is None and error.field == "messages":
        line = file.body_line
    if line is None or not file.has_front:
        return error
    message = f"Line {line:,}: {error.message}"
    return FieldError(message, hint=error.hint, field=error.field)
