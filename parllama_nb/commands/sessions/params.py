"""The parameters of the command sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import model_validator

from ..table import Argument, Params
from .names import offered_names

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["Action", "SessionsParams"]

Action = Literal["list", "encrypt", "decrypt", "rename", "delete"]

_ACTIONS = get_args(Action)
_NAMED = frozenset(_ACTIONS) - {"list"}


def _offered(app: Parllama, words: Sequence[str]) -> Sequence[str]:
    """Offer the names of the conversations, if a name comes next."""
    return offered_names(app) if words and words[0] in _NAMED else []


class SessionsParams(Params):
    """An action, and the saved conversation it is for."""

    action: Annotated[
        Action,
        Argument(
            "ACTION",
            f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}. An encrypted conversation "
            "opens while the vault is unlocked. Its name, models, times and costs stay "
            "readable, and so does the output of cells.",
            values=lambda _app, _words: _ACTIONS,
        ),
    ] = "list"
    name: Annotated[
        str | None,
        Argument(
            "NAME",
            "The conversation, in quotes if its name has spaces.",
            values=_offered,
        ),
    ] = None
    new: Annotated[str | None, Argument("NEW", "For rename: the new name.")] = None

    @model_validator(mode="after")
    def _fits(self) -> SessionsParams:
        if self.action == "list" and self.name is not None:
            message = "list does not take a NAME"
            raise ValueError(message)
        if self.action != "list" and not (self.name or "").strip():
            message = f"{self.action} needs the NAME of a conversation"
            raise ValueError(message)
        if (self.action == "rename") != (self.new is not None):
            needs = "needs a NEW name" if self.new is None else "takes one NAME"
            message = f"{self.action} {needs}; put it in quotes if it has spaces"
            raise ValueError(message)
        return self
