"""`pl.memory`: what new conversations know of the user."""

from __future__ import annotations

from dataclasses import dataclass

from ..application import get_app
from ..commands.memory import shown
from ..errors import UsageError
from ..markdown.sanitize import sanitize

__all__ = ["SavedMemory", "memory"]


@dataclass(frozen=True, slots=True)
class SavedMemory:
    """The memory as it was when it was asked for. Shows as Markdown in a notebook.

    Attributes:
        text: what is remembered; "" for nothing.
        enabled: whether new conversations get it.
        revision: how often it was changed.

    """

    text: str
    enabled: bool
    revision: int

    def _repr_markdown_(self) -> str:
        redact = get_app().redact
        return sanitize(shown(redact(self.text), is_on=self.enabled))

    def __str__(self) -> str:
        return self.text


def memory(text: str | None = None, *, enabled: bool | None = None) -> SavedMemory:
    """Return the memory, after changing it if that is wanted.

    A conversation takes it with its first question. It is stored unencrypted.
    `%parllama memory undo` undoes a change.

    Args:
        text: the new memory; "" empties it, None leaves it as it is.
        enabled: whether new conversations get it; None leaves that as it is.

    Raises:
        FieldError: the text is too long, or holds a secret.
        UsageError: the text is not one.

    """
    if not isinstance(text, str | None):
        message = f"The memory is a text, and {text!r:.60} is not."
        raise UsageError(message, hint="pl.memory() returns it.")
    app = get_app()
    if enabled is not None:
        app.settings.update({"memory.enabled": enabled})
    if text is None:
        now = app.runtime.run(app.memory.read())
    else:
        now = app.runtime.run(app.memory.save(text))
    return SavedMemory(now.text, app.memory.is_on, now.revision)
