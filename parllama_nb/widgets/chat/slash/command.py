"""What a slash command is, and what it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....errors import UsageError
from ....fuzzy import near
from .protocol import CommandDone, CommandOption

if TYPE_CHECKING:
    from ....application import Parllama
    from ....chats.session import Session
    from ..composing import ComposerRequests
    from ..parts import ChatParts
    from ..sessions import SessionRequests
    from ..transfers import TransferRequests
    from ..turns import TurnRequests

__all__ = ["SlashCall", "SlashCommand", "first_word", "last_turn", "meant"]


@dataclass(frozen=True, slots=True)
class SlashCall:
    """The chat in which a command is typed, and the requests that it may use."""

    app: Parllama
    chat: ChatParts
    composer: ComposerRequests
    sessions: SessionRequests
    turns: TurnRequests
    transfers: TransferRequests

    @property
    def session(self) -> Session:
        """The session that is shown."""
        return self.chat.session


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command: what it is called, what it does, how help shows it.

    `run` gets the argument as it was typed. Where `arguments` does not begin with a
    bracket, one is needed. A `question` is asked before, and `decision` says yes to it.
    A `hidden` command is in neither menu nor help.
    """

    name: str
    help: str
    run: Callable[[SlashCall, str], Awaitable[CommandDone]]
    arguments: str = ""
    aliases: tuple[str, ...] = ()
    offers: Callable[[SlashCall, str], Awaitable[list[CommandOption]]] | None = None
    question: str = ""
    decision: str = ""
    hidden: bool = False

    @property
    def usage(self) -> str:
        """The command with its arguments."""
        return f"/{self.name} {self.arguments}".rstrip()

    def check(self, argument: str) -> None:
        """Check that there is an argument if one is needed.

        Raises:
            UsageError: there is none.

        """
        needed = self.arguments and not self.arguments.startswith("[")
        if needed and not argument:
            message = f"/{self.name} needs {self.arguments}."
            raise UsageError(message, hint=self.help)


def meant(typed: str, names: Iterable[str], *, slash: str = "", other: str) -> str:
    """Return a hint: which of some names may be meant, or else another one."""
    close = near(typed, names, n=1)
    return f"Did you mean {slash}{close[0]}?" if close else other


def first_word(text: str) -> tuple[str, str]:
    """Return the first word of an argument and the rest; a word may be in quotes.

    Raises:
        UsageError: a quote is not closed.

    """
    text = text.strip()
    if text[:1] in {'"', "'"}:
        word, quote, rest = text[1:].partition(text[0])
        if not quote:
            message = f"The quote {text[0]} is not closed."
            raise UsageError(message, hint=f'Write "{word}".')
        return word, rest.strip()
    word, _, rest = text.partition(" ")
    return word, rest.strip()


def last_turn(session: Session) -> int:
    """Return the id of the last turn.

    Raises:
        UsageError: there is none.

    """
    turns = session.transcript.turns
    if not turns:
        message = "Nothing was asked here yet."
        raise UsageError(message, hint="Type a question first.")
    return turns[-1].id
