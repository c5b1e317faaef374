"""The chat view: a conversation with a model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...chats.question import Question
from ...errors import UsageError
from ...events import Event, VaultChanged
from .._base import View
from .._keys import with_missing_key
from .._requests import request
from ..model_choice import ModelChoice
from ..sent import SentData, sent_data
from .default_model import DefaultFinder
from .feed import ChatFeed
from .opening import opened
from .prompt_protocol import PromptChoices, PromptQuery
from .prompts import PromptChooser, choices
from .protocol import (
    ChatEvent,
    ChatSnapshot,
    DraftParams,
    EarlierParams,
    EditParams,
    InputsData,
    ModelGroup,
    ModelGroups,
    ModelsParams,
    NameParams,
    OptionsParams,
    PreviewParams,
    SendParams,
    SessionData,
    SessionEntry,
    SessionsData,
    TurnData,
    TurnParams,
    TurnsData,
    TurnText,
)
from .wire import opening_text, page_of, session_data, turn_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...application import Parllama
    from ...chats.history.reading import Turn
    from ...chats.session import Session
    from ...prompting.library.prompt import Prompt

__all__ = ["ChatView"]

# Turns in one response to `earlier`, at most.
_PAGE = 60

# Questions in the response to `inputs`, at most.
_INPUTS = 100


class ChatView(View[ChatSnapshot, ChatEvent]):
    """Shows one session, or another one that the user opens in it.

    It lives as long as its kernel: its page may be reloaded, and its tab closed and
    opened again. While no page shows it, nothing is sent.
    """

    bundle_name = "chat"

    def __init__(self, app: Parllama, session: Session) -> None:
        self.without_widgets = app.redact(opening_text(session, app.notebook_name))
        self._session = session
        self._draft = ""
        self._prompts = PromptChooser(app, self.tell)
        self._greeted = False
        self._anew: asyncio.Task[Any] | None = None
        self._default = DefaultFinder(app, self.tell)
        self._models = ModelChoice(app, self._tell_models)
        self._feed = ChatFeed(self, session, app.events)
        super().__init__(app)
        self._loop.call_soon_threadsafe(self._feed.listen, session)

    @property
    def session(self) -> Session:
        """The session that is shown."""
        return self._session

    def snapshot(self) -> ChatSnapshot:
        """Return the session and its last turns; none of a locked session."""
        session = self._session
        held = [] if session.locked else session.transcript.turns
        turns = page_of([self.turn_data(turn) for turn in held])
        return ChatSnapshot(
            seq=self.seq,
            session=self.session_data(),
            turns=turns,
            earlier=max(0, session.transcript.total - len(turns)) if held else 0,
            draft=self._draft,
            prompt=self._prompts.current,
            default=self._default.found,
        )

    def close(self) -> None:
        """Close the view; the session stays."""
        self._feed.close()
        self._models.close()
        super().close()

    # requests

    def _tell_unasked(self) -> None:
        # After a hello the page can be heard, even if it was closed at once.
        if not self._greeted:
            super()._tell_unasked()

    @request
    async def on_hello(self) -> ChatSnapshot:
        """Find out which model answers by default, and send everything."""
        self._greeted = True
        self._default.find()
        return await super().on_hello()

    @request
    async def on_left(self) -> None:
        """Stop sending once no page shows the view."""
        await super().on_left()
        if self._shown <= 0:
            self._listened = False

    @request
    async def on_send(self, params: SendParams) -> None:
        """Ask a question."""
        if params.prompt is not None:
            await self.send_chosen(params.text, params.prompt.values)
        else:
            await self._ask(Question(params.text))

    @request
    async def on_retry(self, params: TurnParams) -> None:
        """Ask a turn's question again."""
        await self._ask(Question(None, replaces=params.turn))

    @request
    async def on_edit(self, params: EditParams) -> None:
        """Ask another question in the place of a turn's."""
        await self._ask(Question(params.text, replaces=params.turn))

    async def _ask(self, question: Question) -> None:
        blank = question.text is not None and not question.text.strip()
        if blank and question.library_prompt is None:
            message = "The question is empty."
            raise UsageError(message)
        session = self._session
        await session.begun(session.send(question))
        self._draft = ""
        if session.live is not None:
            self._models.learn(session.live.model)
        self._default.find()

    @request
    async def on_preview(self, params: PreviewParams) -> SentData:
        """Say what would be sent for a question; nothing is sent."""
        question = Question(params.text)
        if params.prompt is not None:
            question = await self._prompts.question(params.text, params.prompt.values)
        return await sent_data(await self._session.preview(question))

    @request
    async def on_prompts(self, params: PromptQuery) -> PromptChoices:
        """List prompts of the library."""
        return await choices(self._app, params.query)

    @request
    async def on_choose_prompt(self, params: NameParams) -> None:
        """Choose the prompt that the next question is asked with, or with "" none."""
        if params.name:
            await self._prompts.choose(params.name)
        else:
            self._prompts.drop()

    async def choose(
        self, prompt: Prompt, values: Mapping[str, str], text: str
    ) -> None:
        """Ask the next question with a prompt; `text` is one for the composer."""
        self._draft = text or self._draft
        await self._prompts.take(prompt, values, text)

    async def send_chosen(self, text: str, values: Mapping[str, str]) -> None:
        """Ask with the chosen prompt. Its system prompt holds for later turns, too."""
        session = self._session
        question = await self._prompts.question(text, values)
        await self._ask(question)
        self._prompts.drop()
        rendered = question.library_prompt
        if rendered is not None and rendered.system:
            options = {**session.options, "system": rendered.system}
            await session.configure(model=session.model, options=options)

    @request
    async def on_stop(self) -> None:
        """Stop the answer under way."""
        self._session.stop()

    @request
    async def on_delete(self, params: TurnParams) -> None:
        """Delete a turn, question and answer."""
        await self._session.delete_turn(params.turn)

    @request
    async def on_read(self, params: TurnParams) -> TurnText:
        """Read all of a turn."""
        turn = await self._session.read(params.turn)
        return TurnText(
            question=turn.prompt,
            text=turn.answer.text,
            thinking=turn.answer.thinking,
        )

    @request
    async def on_earlier(self, params: EarlierParams) -> TurnsData:
        """Read some of the turns before one."""
        turns = await self._session.earlier(params.before, _PAGE)
        return TurnsData(turns=page_of([self.turn_data(turn) for turn in turns]))

    @request
    async def on_models(self, params: ModelsParams) -> ModelGroups:
        """List the models that can be chosen, as far as they are known."""
        return ModelGroups(groups=self._models.groups(refresh=params.refresh))

    @request
    async def on_set_model(self, params: NameParams) -> None:
        """Choose the model that answers, or with "" the default."""
        name = params.name.strip()
        model = "/".join(self._app.providers.parse(name)) if name else None
        await self._session.configure(model=model, options=self._session.options)

    @request
    async def on_set_options(self, params: OptionsParams) -> None:
        """Set what questions are asked with."""
        await self._session.configure(
            model=self._session.model, options=params.options.model_dump()
        )

    @request
    async def on_sessions(self) -> SessionsData:
        """List the sessions that can be opened."""
        sessions = await self._app.chats.sessions()
        entries = [
            SessionEntry(
                name=each.name, used=each.used, turns=each.turns, model=each.model
            )
            for each in sessions
        ]
        return SessionsData(sessions=entries)

    @request
    async def on_new(self) -> None:
        """Show a new session, with the model and options of this one."""
        before = self._session
        session = await self._app.sessions.new()
        session.model, session.options = before.model, dict(before.options)
        self.show(session)

    @request
    async def on_open(self, params: NameParams) -> None:
        """Show another session."""
        self.show(await opened(self._app, params.name))

    @request
    async def on_rename(self, params: NameParams) -> None:
        """Rename the session."""
        await self._session.rename(params.name)

    @request
    async def on_encrypt(self) -> None:
        """Store the session encrypted."""
        await self._session.encrypt()

    @request
    async def on_decrypt(self) -> None:
        """Store the session in clear text."""
        await self._session.decrypt()

    @request
    async def on_remove(self) -> None:
        """Delete the session and show a new one."""
        await self._session.delete()
        if self._anew is not None:
            await self._anew

    @request
    async def on_inputs(self) -> InputsData:
        """List earlier questions, for the arrow keys."""
        return InputsData(inputs=await self._app.chats.questions(_INPUTS))

    @request
    async def on_draft(self, params: DraftParams) -> None:
        """Save the composer's text."""
        if not self._session.locked:
            self._draft = params.text

    # for the feed and the requests

    def turn_data(self, turn: Turn) -> TurnData:
        """Return a turn of the session."""
        data = turn_data(turn, self._session.live, self._app.redact)
        if data.error is None:
            return data
        error = with_missing_key(self._app, data.error, turn.model)
        return data.model_copy(update={"error": error})

    def session_data(self) -> SessionData:
        """Return the session."""
        model = self._session.model or self._default.model
        window = self._models.window(model)
        return session_data(self._session, window, self._app.notebook_name)

    def _tell_models(self, group: ModelGroup) -> None:
        self.tell(group)
        # This may tell the context window of the session's model.
        self.tell(self.session_data())

    def forget_texts(self) -> None:
        """Drop what was typed into a session that has locked. On the service loop."""
        self._draft = ""
        self._prompts.forget()

    def _hear_vault(self, event: Event) -> None:
        super()._hear_vault(event)
        if isinstance(event, VaultChanged):
            self._prompts.hear_vault(event.state)

    def begin_anew(self) -> None:
        """Show a new session, since this one was deleted. On the service loop."""
        self._anew = self._loop.create_task(self.on_new())

    def show(self, session: Session) -> None:
        """Show another session. On the service loop."""
        self._session = session
        self.forget_texts()
        self._feed.listen(session)
        self.tell_all()
