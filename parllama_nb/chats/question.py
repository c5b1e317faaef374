"""What a user asks, whether in a cell, a view, a function or a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from ..output_schema import OutputSchema
from ..prompting.library.rendering import Rendered
from ..providers.messages import Message, Part
from .history.reading import Turn

__all__ = ["Question"]

# Characters of a question that name it in a list.
_BRIEF = 55


@dataclass(frozen=True, slots=True)
class Question:
    """A question. What is None is taken from the conversation or the settings.

    Attributes:
        text: the question. None asks the question of the replaced turn again.
        model: `provider/model`.
        system: the system prompt; "" sends none.
        options: the options of the request, by name (`temperature`, ...).
        schema: what the answer has to fit.
        attached: images, documents and the like that are sent with the text.
        library_prompt: a prompt of the library, filled in. Its messages are sent before
            the text; a `system` of the question takes the place of its own.
        before: messages to send before the question, of no conversation of ours.
        conversation: its name; None for a question on its own.
        follows: whether the conversation's earlier turns are sent along.
        cell_id: the cell that asks. Its earlier turn in the conversation is replaced.
        replaces: the id of a turn of the conversation. The answer becomes an
            alternative of that turn; it takes its place if that has no answer.
        continues: whether the answer of the turn `replaces` goes on where it ended.
        notes: remarks for the footer of the answer.

    """

    text: str | None
    model: str | None = None
    system: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    schema: OutputSchema | None = None
    attached: tuple[Part, ...] = ()
    library_prompt: Rendered | None = None
    before: tuple[Message, ...] = ()
    conversation: str | None = None
    follows: bool = True
    cell_id: str | None = None
    replaces: int | None = None
    continues: bool = False
    notes: tuple[str, ...] = ()

    @property
    def brief(self) -> str:
        """Its text in a few words; "again" without one."""
        words = " ".join((self.text or "again").split())
        return f"{words[:_BRIEF]}…" if words[_BRIEF:] else words

    @property
    def rewrites(self) -> bool:
        """Whether it asks another question in the place of an earlier turn's."""
        return self.replaces is not None and self.text is not None

    def replaced(self, turns: Sequence[Turn]) -> Turn | None:
        """Return the turn of `turns` in whose place it is asked; None if it is new.

        Raises:
            UsageError: `replaces` names a turn that is no longer there.

        """
        if self.replaces is not None:
            for turn in turns:
                if turn.id == self.replaces:
                    return turn
            message = "That turn is no longer in the conversation."
            raise UsageError(message, hint="It was deleted elsewhere.")
        if self.cell_id is not None:
            for turn in turns:
                if turn.cell_id == self.cell_id:
                    return turn
        return None
