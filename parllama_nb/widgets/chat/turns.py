"""What can be done with the turns of a chat: asked again, changed, read, walked."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ...chats.question import Question
from ...errors import StoreUnavailableError, UsageError
from .._requests import request
from .finding import found
from .parts import ChatParts
from .protocol import (
    AmendParams,
    EarlierParams,
    EditParams,
    TurnData,
    TurnParams,
    TurnsData,
    TurnText,
)
from .turn_protocol import (
    ContinueParams,
    DeletedTurn,
    FoundTurns,
    RetryParams,
    TurnQuery,
)
from .wire import page_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ...application import Parllama
    from ...chats.history.removed import RemovedTurn
    from ...chats.session import Session

__all__ = ["TurnRequests"]

# Turns in one response to `earlier`, at most.
_PAGE = 60


class TurnRequests:
    """Answers what is asked of the turns of the session that a chat shows.

    `complete` returns a question with what it mentions.
    """

    def __init__(
        self,
        app: Parllama,
        chat: ChatParts,
        complete: Callable[[Question], Awaitable[Question]],
    ) -> None:
        self._app = app
        self._chat = chat
        self._complete = complete
        self._removed: tuple[Session, RemovedTurn] | None = None

    @request
    async def on_retry(self, params: RetryParams) -> None:
        """Ask a turn's question again, of another model or otherwise if so wished."""
        session, model = self._chat.session_of(params.tab), None
        if params.model:
            model = "/".join(self._app.providers.parse(params.model.strip()))
        heat = params.temperature
        options = {} if heat is None else {"temperature": heat}
        question = Question(None, model=model, options=options, replaces=params.turn)
        await self._chat.ask(question, session)

    @request
    async def on_continue(self, params: ContinueParams) -> None:
        """Have a turn's answer go on where it ended, by the model that gave it."""
        session = self._chat.session_of(params.tab)
        turn = await session.turns.read(params.turn)
        if not turn.answer.text.strip():
            message = "There is no answer that could go on."
            raise UsageError(message, hint="Ask again.")
        question = Question(
            None, model=turn.model, replaces=params.turn, continues=True
        )
        await self._chat.ask(question, session)

    @request
    async def on_edit(self, params: EditParams) -> None:
        """Ask another question in the place of a turn's."""
        session = self._chat.session_of(params.tab)
        question = Question(params.text, replaces=params.turn)
        await self._chat.ask(await self._complete(question), session)

    @request
    async def on_amend(self, params: AmendParams) -> None:
        """Change the text of a turn, without asking."""
        await self._chat.session.turns.amend(
            params.turn, question=params.question, answer=params.answer
        )

    @request
    async def on_show(self, params: TurnParams) -> None:
        """Show a turn instead of its alternatives."""
        await self._chat.session.turns.show(params.turn)

    @request
    async def on_delete(self, params: TurnParams) -> DeletedTurn:
        """Delete a turn, question and answer."""
        session = self._chat.session
        removed = await session.turns.delete(params.turn)
        self._removed = None if removed is None else (session, removed)
        return DeletedTurn(undo=removed is not None)

    @request
    async def on_undelete(self) -> None:
        """Put the turn back that was deleted last."""
        session, removed = self._removed or (None, None)
        if session is None or removed is None or session.answering:
            message = "The turn cannot be put back now."
            answering = session is not None and session.answering
            hint = "Wait for the answer, or stop it." if answering else None
            raise UsageError(message, hint=hint)
        self._removed = None
        if not await self._app.chats.put_back(removed):
            message = "The turn cannot be put back any more."
            raise UsageError(message, hint="The conversation has changed since then.")
        await session.load()

    @request
    async def on_read(self, params: TurnParams) -> TurnText:
        """Read all of a turn."""
        turn = await self._chat.session.turns.read(params.turn)
        return TurnText(
            question=turn.prompt,
            text=turn.answer.text,
            thinking=turn.answer.thinking,
        )

    @request
    async def on_turn(self, params: TurnParams) -> TurnData:
        """Read a turn as it is shown, also one that is not: an alternative."""
        chat = self._chat
        return chat.turn_data(await chat.session.turns.read(params.turn))

    @request
    async def on_earlier(self, params: EarlierParams) -> TurnsData:
        """Read some of the turns before one."""
        chat = self._chat
        turns = await chat.session.turns.earlier(params.before, _PAGE)
        return TurnsData(turns=page_of([chat.turn_data(turn) for turn in turns]))

    @request
    async def on_find(self, params: TurnQuery) -> FoundTurns:
        """Find a text in all turns that the session shows."""
        session = self._chat.session
        turns = session.transcript.unsaved
        with contextlib.suppress(StoreUnavailableError):
            turns = [*await self._app.chats.turns(session.key), *turns]
        hits = found(turns, params.query, session.live)
        return FoundTurns(
            turns=[turn for turn, _ in hits], hits=sum(count for _, count in hits)
        )
