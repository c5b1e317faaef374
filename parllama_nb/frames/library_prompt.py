"""The library prompt that `pl.compare` and `pl.map` ask with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..application import Parllama
from ..commands.question import EMPTY
from ..errors import UsageError
from ..prompting.library.prompt import Prompt
from ..prompting.library.rendering import Rendered, missing, render

__all__ = ["library_prompt_of", "with_row", "with_text"]


def library_prompt_of(
    app: Parllama, asked: object, variables: Mapping[str, object] | None
) -> Prompt | None:
    """Return the library prompt that is meant, by its name or as it is.

    Raises:
        UsageError: there is no such prompt, or there are variables without one.

    """
    if isinstance(asked, Prompt):
        return asked
    if isinstance(asked, str):
        return app.runtime.run(app.prompts.get(asked))
    if asked is not None:
        message = (
            f"library_prompt= is a name or a prompt, not a {type(asked).__name__}."
        )
        raise UsageError(message, hint='For example library_prompt="summarize".')
    if variables:
        message = "There are values for variables, and no library prompt."
        raise UsageError(message, hint="Name one: library_prompt=NAME")
    return None


def with_text(
    prompt: Prompt | None, variables: Mapping[str, object], text: str | None
) -> Rendered | None:
    """Return the library prompt with its variables filled; None if there is none.

    Raises:
        FieldError: a value has no variable, or a variable no value.

    """
    return None if prompt is None else render(prompt, variables, text)


def with_row(  # noqa: PLR0913 - each is one source of a value
    prompt: Prompt,
    variables: Mapping[str, object],
    row: Mapping[str, Any],
    namespace: Mapping[str, Any],
    text: str | None,
    *,
    is_missing: Callable[[object], bool],
) -> tuple[Rendered | None, str]:
    """Return the library prompt for a row of a frame; else None and the reason.

    A variable gets the value that was given for it, else that of the row's column of
    its name, else its default, else that of the notebook's name.

    Raises:
        FieldError: a value has no variable, or a variable no value in any row.

    """
    values = dict(variables)
    for variable in prompt.variables:
        name = variable.name
        if name in values or name not in row:
            continue
        if is_missing(row[name]):
            return None, f"{name} is missing in this row."
        values[name] = row[name]
    for variable in missing(prompt, values):
        if variable.name in namespace:
            values[variable.name] = namespace[variable.name]
    rendered = render(prompt, values, text or None)
    if not rendered.text.strip():
        return None, EMPTY
    return rendered, ""
