"""Prompts of the library as the wire types of their view."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ...prompting.fill import placeholders
from ...prompting.library.library import VersionInfo
from ...prompting.library.prompt import Prompt
from ...prompting.library.rendering import missing, render
from ...prompting.library.rows import PromptRow
from ...prompting.library.variables import INPUT, Variable
from ...providers.messages import Message
from .protocol import (
    EditData,
    PromptData,
    PromptRowData,
    PromptText,
    PromptVariable,
    PromptVersionData,
    RenderedData,
)

__all__ = [
    "given",
    "is_complete",
    "prompt_data",
    "prompt_of",
    "prompt_text",
    "rendered_data",
    "row_data",
    "variable_data",
]

_LONGEST_DESCRIPTION = 400
"""Characters of a description in the list."""

_BREAK = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def row_data(row: PromptRow, redact: Callable[[str], str]) -> PromptRowData:
    """Return a row of the list."""
    return PromptRowData(
        name=redact(row.name),
        version=row.version,
        description=redact(row.description)[:_LONGEST_DESCRIPTION],
        tags=[redact(tag) for tag in row.tags],
        source=row.source,
        favourite=bool(row.favourite),
        uses=row.uses,
        used=row.used,
        changed=row.changed,
        encrypted=bool(row.encrypted),
    )


def variable_data(variable: Variable) -> PromptVariable:
    """Return a variable."""
    return PromptVariable(
        name=variable.name,
        default=variable.default,
        description=variable.description,
    )


def prompt_data(
    row: PromptRow, prompt: Prompt, versions: Sequence[VersionInfo]
) -> PromptData:
    """Return all of a prompt, in the version that was read."""
    return PromptData(
        name=row.name,
        version=row.version,
        shown=prompt.version,
        description=prompt.description,
        tags=list(prompt.tags),
        source=row.source,
        favourite=bool(row.favourite),
        uses=row.uses,
        used=row.used,
        changed=row.changed,
        encrypted=bool(row.encrypted),
        messages=_texts(prompt.messages),
        variables=[variable_data(each) for each in prompt.variables],
        model=prompt.model,
        submit=prompt.submit,
        undeclared=_undeclared(prompt),
        versions=[
            PromptVersionData(version=each.version, created=each.created)
            for each in versions
        ],
    )


def prompt_of(edit: EditData) -> Prompt:
    """Return the prompt that a form describes; it is not checked."""
    return Prompt(
        name=edit.name,
        messages=tuple(Message.of(each.role, each.text) for each in edit.messages),
        description=edit.description,
        tags=tuple(edit.tags),
        variables=tuple(
            Variable(each.name, each.default, each.description)
            for each in edit.variables
        ),
        model=edit.model,
        submit=edit.submit,
    )


def given(prompt: Prompt, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a form that are not left to a default or to the user.

    An empty field is no value; what is for no variable of this version is dropped.
    """
    known = {variable.name for variable in prompt.variables}
    return {name: value for name, value in values.items() if name in known and value}


def rendered_data(
    prompt: Prompt,
    values: Mapping[str, str],
    text: str,
    redact: Callable[[str], str],
) -> RenderedData:
    """Return a prompt filled as far as there are values, and the cell that asks it.

    Known secrets are redacted: the cell is for a notebook, which is saved.

    Raises:
        UsageError: a value is a secret.

    """
    chosen = given(prompt, values)
    asked = text or chosen.get(INPUT, "")
    lacking = _lacking(prompt, chosen, asked)
    # What has no value stays as it was written, so that it is seen.
    filled = render(
        replace(
            prompt,
            variables=tuple(
                each for each in prompt.variables if each.name not in lacking
            ),
        ),
        chosen,
        asked or None,
    )
    messages = list(filled.messages)
    if asked and not filled.has_input:
        if messages and messages[-1].role == "user":
            opening = messages.pop().text.rstrip()
            messages.append(Message.of("user", f"{opening}\n\n{asked}"))
        else:
            messages.append(Message.of("user", asked))
    cell, left_out = _cell(prompt.name, chosen, asked)
    return RenderedData(
        messages=[
            PromptText(role=each.role, text=redact(each.text)) for each in messages
        ],
        missing=lacking,
        cell=redact(cell),
        left_out=left_out,
    )


def is_complete(prompt: Prompt, values: Mapping[str, str], text: str) -> bool:
    """Whether a prompt can be sent: nothing is missing, and something is asked."""
    asks = prompt.messages[-1].role == "user"
    return (asks or bool(text.strip())) and not _lacking(prompt, values, text)


def _lacking(prompt: Prompt, values: Mapping[str, str], text: str) -> list[str]:
    """Return the variables that need a value and have none."""
    lacking = [variable.name for variable in missing(prompt, values)]
    has_default = any(
        each.name == INPUT and each.default is not None for each in prompt.variables
    )
    if prompt.takes_input and not has_default and not text and INPUT not in values:
        lacking.append(INPUT)
    return lacking


def prompt_text(prompt: Prompt) -> str:
    """Return all of a prompt as lines, to be compared with another."""
    lines = [
        f"description: {prompt.description}",
        f"tags: {', '.join(prompt.tags)}",
    ]
    if prompt.model:
        lines.append(f"model: {prompt.model}")
    for each in prompt.variables:
        default = "" if each.default is None else f" = {each.default}"
        about = f" ({each.description})" if each.description else ""
        lines.append(f"variable: {each.name}{default}{about}")
    for message in prompt.messages:
        lines += ["", f"{message.role}:", message.text]
    return "\n".join(lines)


def _texts(messages: Sequence[Message]) -> list[PromptText]:
    return [PromptText(role=each.role, text=each.text) for each in messages]


def _undeclared(prompt: Prompt) -> list[str]:
    known = {variable.name for variable in prompt.variables}
    named = dict.fromkeys(
        name for message in prompt.messages for name in placeholders(message.text)
    )
    return [name for name in named if name not in known]


def _cell(name: str, values: Mapping[str, str], text: str) -> tuple[str, list[str]]:
    """Return the cell that asks with a prompt, and the variables it cannot hold."""
    words = ["%%parllama", "-p", shlex.quote(name)]
    left_out = []
    for variable, value in values.items():
        if variable == INPUT:
            continue
        if _BREAK.search(value):
            left_out.append(variable)
            continue
        words += ["--set", shlex.quote(f"{variable}={value}")]
    return f"{' '.join(words)}\n{text}", left_out
