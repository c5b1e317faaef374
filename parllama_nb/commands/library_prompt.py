"""The library prompt of a question: read, and filled from the line and the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..prompting.library.rendering import Rendered, missing, render
from .question import EMPTY

if TYPE_CHECKING:
    from ..application import Parllama
    from ..prompting.library.prompt import Prompt

__all__ = ["rendered", "with_names"]


async def rendered(
    app: Parllama,
    asked: object,
    variables: Mapping[str, object],
    text: str,
    namespace: Mapping[str, Any],
) -> Rendered | None:
    """Return the library prompt that a question is asked with, filled in.

    A variable without a value and without a default is filled from the notebook, if
    that has its name.

    Args:
        app: its services.
        asked: the name of a prompt, a prompt, one that is filled in already, or None.
        variables: the values of its variables.
        text: what the user asks.
        namespace: the names of the notebook.

    Raises:
        UsageError: there is no such prompt or variable, or nothing is asked.
        FieldError: a variable has no value.

    """
    # Kept out of what every question imports.
    from ..prompting.library.prompt import Prompt  # noqa: PLC0415

    if asked is None:
        if variables:
            message = "There are values for variables, and no library prompt."
            raise UsageError(message, hint="Name one: -p NAME")
        return None
    if isinstance(asked, Rendered):
        result = asked.asking(text)
    else:
        prompt = (
            asked if isinstance(asked, Prompt) else await app.prompts.get(str(asked))
        )
        result = render(prompt, with_names(prompt, variables, namespace), text or None)
    if not result.text.strip():
        hint = f"{result.prompt.name} does not ask anything by itself: add a text."
        raise UsageError(EMPTY, hint=hint)
    return result


def with_names(
    prompt: Prompt, variables: Mapping[str, object], namespace: Mapping[str, Any]
) -> dict[str, object]:
    """Return the values of variables, with the notebook's for those that need one."""
    named = {
        variable.name: namespace[variable.name]
        for variable in missing(prompt, variables)
        if variable.name in namespace
    }
    return {**named, **variables}
