"""The next question of a chat while it is written: its draft, prompt and preview."""

from __future__ import annotations

import contextlib
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
    from collections.abc import (
        Awaitable,
        Callable,
        Collection,
        Iterator,
        Mapping,
        Sequence,
    )

    from ...application import Parllama
    from ...chats.session import Session
    from ...prompting.library.prompt import Prompt

__all__ = ["ComposerRequests"]

# Questions in the response to `inputs`, at most.
_INPUTS = 100


class ComposerRequests:
    """Answers what is asked while a question is written.

    It keeps the text of each tab's composer, also for a page loaded again. `prompts`
    knows which prompt of the library asks, and `attached` what is sent with the
    question. `complete` returns a question with what it mentions; as that takes a
    while, another tab may be shown when it is asked.
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
        # By the ids of sessions: what was typed, and where a question is on its way.
        self._drafts: dict[str, str] = {}
        self._asking: list[str] = []

    @property
    def draft(self) -> str:
        """What was typed into the session that is shown."""
        return self._drafts.get(self._chat.session.id, "")

    def is_empty(self, session: Session) -> bool:
        """Whether nothing was typed or chosen in a session, and nothing is asked."""
        typed = self._drafts.get(session.id, "").strip()
        chosen = self.prompts.of(session.id)
        return not (typed or chosen or session.id in self._asking)

    def keep(self, sessions: Collection[str]) -> None:
        """Drop the drafts and prompts of other sessions than these, by their ids."""
        self.prompts.keep(sessions)
        for each in self._drafts.keys() - sessions:
            del self._drafts[each]

    @contextlib.contextmanager
    def given_back(self, session: Session, text: str) -> Iterator[None]:
        """If this fails, put a text back into the draft of a tab that is not shown.

        The page itself gives back what was typed into the tab that it shows.
        """
        draft = self._drafts.get(session.id, "")
        try:
            yield
        except Exception:
            is_shown = session is self._chat.session
            if not (is_shown or session.locked) and self._chat.tab(session.id):
                now = self._drafts.get(session.id, "")
                texts = [text] if now == draft else [text, now]
                self._drafts[session.id] = "\n\n".join(filter(str.strip, texts))
            raise

    @request
    async def on_send(self, params: SendParams) -> None:
        """Ask a question."""
        session = self._chat.session_of(params.tab)
        with self.given_back(session, params.text):
            await self.send(session, params)

    async def send(self, session: Session, params: SendParams) -> None:
        """Ask a question in a session, whichever is shown meanwhile."""
        if params.prompt is not None:
            values = params.prompt.values
            await self._send_chosen(session, params.text, values, params.attachments)
        else:
            attached = self.attached.parts(params.attachments, session)
            await self._ask(session, Question(params.text, attached=attached))
        self.attached.drop(params.attachments)

    async def _ask(self, session: Session, question: Question) -> None:
        """Ask in a session, with what the question mentions."""
        draft = self._drafts.get(session.id)
        self._asking.append(session.id)
        try:
            await self._chat.ask(await self._complete(question), session)
        finally:
            self._asking.remove(session.id)
        # What was typed since stays.
        if self._drafts.get(session.id) == draft:
            self._drafts.pop(session.id, None)

    @request
    async def on_preview(self, params: PreviewParams) -> SentData:
        """Say what would be sent for a question; nothing is sent."""
        session, question = self._chat.session, Question(params.text)
        parts = self.attached.parts(params.attachments, session)
        if params.prompt is not None:
            values = params.prompt.values
            question = await self.prompts.question(session.id, params.text, values)
        question = await self._complete(replace(question, attached=parts))
        return await sent_data(await session.preview(question))

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
        session = self._chat.session.id
        if text:
            self._drafts[session] = text
        await self.prompts.take(session, prompt, values, text)

    async def send_chosen(self, text: str, values: Mapping[str, str]) -> None:
        """Ask with the chosen prompt. Its system prompt holds for later turns, too."""
        await self._send_chosen(self._chat.session, text, values)

    async def _send_chosen(
        self,
        session: Session,
        text: str,
        values: Mapping[str, str],
        attachments: Sequence[str] = (),
    ) -> None:
        chosen = self.prompts.of(session.id)
        attached = self.attached.parts(attachments, session)
        question = await self.prompts.question(session.id, text, values)
        await self._ask(session, replace(question, attached=attached))
        self.prompts.drop_asked(session.id, chosen)
        rendered = question.library_prompt
        if rendered is not None and rendered.system:
            options = {**session.options, "system": rendered.system}
            await session.configure(model=session.model, options=options)

    @request
    async def on_turn_pictures(
        self, params: TurnParams
    ) -> tuple[PicturesData, list[bytes]]:
        """Send the images that were sent with a question, made small."""
        turn = await self._chat.session.turns.read(params.turn)
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
        if session is not None and not session.locked:
            self._drafts[session.id] = params.text
