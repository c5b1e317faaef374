"""The next question of a chat while it is written: its draft, prompt and preview."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...chats.question import Question
from .._requests import request
from ..sent import SentData, sent_data
from .attach_protocol import PicturesData
from .attaching import AttachmentRequests, pictures_of
from .parts import ChatParts
from .prompt_protocol import PromptChoices, PromptQuery
from .prompts import PromptChooser, choices
from .protocol import (
    DraftParams,
    InputsData,
    NameParams,
    PreviewParams,
    SendParams,
    TurnParams,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from ...application import Parllama
    from ...chats.session import Session
    from ...prompting.library.prompt import Prompt

__all__ = ["ComposerRequests"]

# Questions in the response to `inputs`, at most.
_INPUTS = 100


class ComposerRequests:
    """Answers what is asked while a question is written.

    `prompts` knows which prompt of the library asks, and `attached` what is sent with
    the question. `complete` returns a question with what it mentions.
    """

    def __init__(
        self,
        app: Parllama,
        chat: ChatParts,
        attached: AttachmentRequests,
        complete: Callable[[Question], Awaitable[Question]],
    ) -> None:
        self.attached = attached
        self.prompts = PromptChooser(app, chat)
        self._app = app
        self._chat = chat
        self._complete = complete
        self._drafts: dict[str, str] = {}
        # The ids of sessions in which a question has not begun yet.
        self._asking: list[str] = []

    @property
    def draft(self) -> str:
        """What was typed in the tab that is shown, for a page loaded again."""
        return self._drafts.get(self._chat.session.id, "")

    @draft.setter
    def draft(self, text: str) -> None:
        self._put_draft(self._chat.session, text)

    @property
    def in_use(self) -> bool:
        """Whether the tab that is shown has a draft or a prompt, or is asking."""
        asking = self._chat.session.id in self._asking
        return bool(self.draft.strip() or self.prompts.current or asking)

    def keep(self, sessions: Collection[str]) -> None:
        """Drop the drafts and prompts of other sessions than these, by their ids."""
        self.prompts.keep(sessions)
        for each in self._drafts.keys() - sessions:
            del self._drafts[each]

    def _put_draft(self, session: Session, text: str) -> None:
        if text and not session.locked:
            self._drafts[session.id] = text
        else:
            self._drafts.pop(session.id, None)

    @request
    async def on_send(self, params: SendParams) -> None:
        """Ask a question. If it is refused, its text is the tab's draft again."""
        session = self._chat.session_of(params.tab)
        self._put_draft(session, "")
        self._asking.append(session.id)
        try:
            await self._send(params, session)
        except Exception:
            # The user may have typed on.
            typed = self._drafts.get(session.id, "")
            whole = "\n\n".join(filter(str.strip, (params.text, typed)))
            self._put_draft(session, whole)
            raise
        finally:
            self._asking.remove(session.id)

    async def _send(self, params: SendParams, session: Session) -> None:
        if params.prompt is not None:
            values = params.prompt.values
            await self._send_chosen(session, params.text, values, params.attachments)
        else:
            attached = self.attached.parts(params.attachments, session)
            question = Question(params.text, attached=attached)
            await self._chat.ask(await self._complete(question), session)
        self.attached.drop(params.attachments)

    @request
    async def on_preview(self, params: PreviewParams) -> SentData:
        """Say what would be sent for a question; nothing is sent."""
        question = Question(params.text)
        if params.prompt is not None:
            session, values = self._chat.session.id, params.prompt.values
            question = await self.prompts.question(session, params.text, values)
        parts = self.attached.parts(params.attachments, self._chat.session)
        question = await self._complete(replace(question, attached=parts))
        return await sent_data(await self._chat.session.preview(question))

    @request
    async def on_prompts(self, params: PromptQuery) -> PromptChoices:
        """List prompts of the library."""
        return await choices(self._app, params.query)

    @request
    async def on_choose_prompt(self, params: NameParams) -> None:
        """Choose the prompt that the next question is asked with, or with "" none."""
        session = self._chat.session.id
        if params.name:
            await self.prompts.choose(session, params.name)
        else:
            self.prompts.drop(session)

    async def choose(
        self, prompt: Prompt, values: Mapping[str, str], text: str
    ) -> None:
        """Ask the next question with a prompt; `text` is one for the composer."""
        self.draft = text or self.draft
        await self.prompts.take(self._chat.session.id, prompt, values, text)

    async def send_chosen(self, text: str, values: Mapping[str, str]) -> None:
        """Ask with the chosen prompt, in the session that is shown."""
        session = self._chat.session
        await self._send_chosen(session, text, values)
        self._put_draft(session, "")

    async def _send_chosen(
        self,
        session: Session,
        text: str,
        values: Mapping[str, str],
        attachments: Sequence[str] = (),
    ) -> None:
        """Ask with the chosen prompt. Its system prompt holds for later turns, too."""
        question = await self.prompts.question(session.id, text, values)
        attached = self.attached.parts(attachments, session)
        asked = await self._complete(replace(question, attached=attached))
        await self._chat.ask(asked, session)
        self.prompts.drop(session.id)
        rendered = question.library_prompt
        if rendered is not None and rendered.system:
            options = {**session.options, "system": rendered.system}
            await session.configure(model=session.model, options=options)

    @request
    async def on_turn_pictures(
        self, params: TurnParams
    ) -> tuple[PicturesData, list[bytes]]:
        """Send the images that were sent with a question, made small."""
        turn = await self._chat.session.read(params.turn)
        # Only here the bytes are read, which a turn is shown without.
        question = await self._app.chats.filled(turn.question)
        parts = [part for message in question for part in message.parts]
        return await pictures_of(parts)

    @request
    async def on_inputs(self) -> InputsData:
        """List earlier questions, for the arrow keys."""
        return InputsData(inputs=await self._app.chats.questions(_INPUTS))

    @request
    async def on_draft(self, params: DraftParams) -> None:
        """Save the text of a tab's composer, whichever tab is shown by now."""
        session = self._chat.tab(params.tab) if params.tab else self._chat.session
        if session is not None:
            self._put_draft(session, params.text)
