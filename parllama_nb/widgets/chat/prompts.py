"""Prompts of the library in a chat: which are offered, which one is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...chats.question import Question
from ...errors import FieldError, UsageError
from ...prompting.library.prompt import Prompt
from ...prompting.library.rendering import Rendered, render
from ...prompting.library.variables import INPUT
from ..prompts.wire import given, variable_data
from .prompt_protocol import ChosenPrompt, PromptChoice, PromptChoices

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["choices", "chosen_data", "question_of"]

_OFFERED = 1000
"""Prompts in one list: a page filters by itself what has fewer."""

_LONGEST_DESCRIPTION = 160


async def choices(app: Parllama, query: str) -> PromptChoices:
    """Return the prompts that a query finds."""
    listing = await app.prompts.find(query, limit=_OFFERED)
    return PromptChoices(
        prompts=[
            PromptChoice(
                name=row.name,
                description=app.redact(row.description)[:_LONGEST_DESCRIPTION],
                favourite=bool(row.favourite),
                encrypted=bool(row.encrypted),
            )
            for row in listing.rows
        ],
        total=listing.total,
    )


def chosen_data(prompt: Prompt, values: Mapping[str, str], text: str) -> ChosenPrompt:
    """Return a prompt as the composer shows it."""
    return ChosenPrompt(
        name=prompt.name,
        version=prompt.version,
        description=prompt.description,
        asks=prompt.messages[-1].role == "user" and not prompt.takes_input,
        takes_input=prompt.takes_input,
        submit=prompt.submit,
        # What the user asks is what they type.
        variables=[
            variable_data(each) for each in prompt.variables if each.name != INPUT
        ],
        values={name: value for name, value in values.items() if name != INPUT},
        text=text,
    )


def question_of(prompt: Prompt, values: Mapping[str, str], text: str) -> Question:
    """Return the question that a prompt asks.

    Raises:
        FieldError: a variable has no value.
        UsageError: there is nothing to ask, or a value is a secret.

    """
    rendered = _rendered(prompt, given(prompt, values), text)
    if isinstance(rendered, FieldError):
        raise rendered
    if not text.strip() and not rendered.text.strip():
        message = f"{prompt.name} does not ask anything by itself."
        raise UsageError(message, hint="Type what it is for.")
    if prompt.takes_input and not rendered.has_input:
        message = f"{prompt.name} needs a text."
        raise UsageError(message, hint="Type what it is for.")
    return Question(text, library_prompt=rendered)


def _rendered(
    prompt: Prompt, values: Mapping[str, str], text: str
) -> Rendered | FieldError:
    """Return the prompt filled in, or what it lacks, with a hint for a form."""
    try:
        return render(prompt, values, text if text.strip() else None)
    except FieldError as error:
        hint = "Type it above the message."
        return FieldError(error.message, hint=hint, field=error.field)
