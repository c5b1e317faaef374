"""What a user asks, from whatever entrance: a cell, a view, a function, a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from ..output_schema import OutputSchema
from ..providers.messages import ImagePart, Message
from .history.reading import StoredTurn

__all__ = ["Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and with what. None means: as the conversation or the user has it.

    Attributes:
        text: the question. None asks the question of the replaced turn again.
        model: `provider/model`.
        system: the system prompt; "" sends none.
        options: those of the request, by name (`temperature`, ...).
        schema: what the answer has to fit.
        images: what is shown along with the text.
        before: messages that are sent before the question, of no conversation of ours.
        conversation: its name; None for a question on its own.
        follows: whether the conversation's earlier turns are sent along.
        cell_id: the cell that asks. Its earlier turn in the conversation is replaced.
        replaces: the id of the turn to replace. With a `text` of its own, the later
            turns are deleted as soon as an answer arrives.
        notes: remarks for the footer of the answer.

    """

    text: str | None
    model: str | None = None
    system: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    schema: OutputSchema | None = None
    images: tuple[ImagePart, ...] = ()
    before: tuple[Message, ...] = ()
    conversation: str | None = None
    follows: bool = True
    cell_id: str | None = None
    replaces: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def rewrites(self) -> bool:
        """Whether it takes the place of an earlier turn with other words."""
        return self.replaces is not None and self.text is not None

    def replaced(self, turns: Sequence[StoredTurn]) -> StoredTurn | None:
        """The turn of `turns` that this question replaces; None if it is a new one.

        Raises:
            UsageError: `replaces` names a turn that is not there any more.

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
