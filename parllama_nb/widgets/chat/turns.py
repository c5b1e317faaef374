"""What can be done with the turns of a chat: asked again, changed, read, walked."""

from __future__ import annotations

from ...chats.question import Question
from .._requests import request
from .parts import ChatParts
from .protocol import (
    AmendParams,
    EarlierParams,
    EditParams,
    TurnParams,
    TurnsData,
    TurnText,
)
from .wire import page_of

__all__ = ["TurnRequests"]

# Turns in one response to `earlier`, at most.
_PAGE = 60


class TurnRequests:
    """Answers what is asked of the turns of the session that a chat shows."""

    def __init__(self, chat: ChatParts) -> None:
        self._chat = chat

    @request
    async def on_retry(self, params: TurnParams) -> None:
        """Ask a turn's question again."""
        await self._chat.ask(Question(None, replaces=params.turn))

    @request
    async def on_continue(self, params: TurnParams) -> None:
        """Have a turn's answer go on where it ended."""
        question = Question(None, replaces=params.turn, continues=True)
        await self._chat.ask(question)

    @request
    async def on_edit(self, params: EditParams) -> None:
        """Ask another question in the place of a turn's."""
        await self._chat.ask(Question(params.text, replaces=params.turn))

    @request
    async def on_amend(self, params: AmendParams) -> None:
        """Change the text of a turn, without asking."""
        await self._chat.session.amend(
            params.turn, question=params.question, answer=params.answer
        )

    @request
    async def on_show(self, params: TurnParams) -> None:
        """Show a turn instead of its alternatives."""
        await self._chat.session.show(params.turn)

    @request
    async def on_delete(self, params: TurnParams) -> None:
        """Delete a turn, question and answer."""
        await self._chat.session.delete_turn(params.turn)

    @request
    async def on_read(self, params: TurnParams) -> TurnText:
        """Read all of a turn."""
        turn = await self._chat.session.read(params.turn)
        return TurnText(
            question=turn.prompt,
            text=turn.answer.text,
            thinking=turn.answer.thinking,
        )

    @request
    async def on_earlier(self, params: EarlierParams) -> TurnsData:
        """Read some of the turns before one."""
        chat = self._chat
        turns = await chat.session.earlier(params.before, _PAGE)
        return TurnsData(turns=page_of([chat.turn_data(turn) for turn in turns]))
