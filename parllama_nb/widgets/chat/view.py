"""The chat view: a conversation with a model."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ...chats.question import Question
from ...errors import UsageError
from ...events import Event, VaultChanged
from ...notebook.namespace import kernel_names
from .._base import View
from .._keys import with_missing_key
from .._requests import request
from ..model_choice import ModelChoice
from .all_sessions import AllSessionRequests
from .attaching import AttachmentRequests
from .composing import ComposerRequests
from .default_model import DefaultFinder
from .feed import ChatFeed
from .left_out import LeftOut
from .mentions import MentionRequests
from .protocol import (
    ChatEvent,
    ChatSnapshot,
    ModelGroup,
    ModelGroups,
    ModelsParams,
    SessionData,
    TurnData,
)
from .session_protocol import ChatTabs
from .sessions import SessionRequests
from .slash.command import SlashCall
from .slash.requests import SlashRequests
from .tabs import Tabs
from .transfers import TransferRequests
from .turns import TurnRequests
from .vision import Vision
from .wire import opening_text, page_of, session_data, turn_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...application import Parllama
    from ...chats.history.reading import Turn
    from ...chats.session import Session
    from ...prompting.library.prompt import Prompt
    from ...providers.spec import Spec

__all__ = ["ChatView"]


class ChatView(View[ChatSnapshot, ChatEvent]):
    """Shows one session, or another one that the user opens in it.

    It lives as long as its kernel: its page may be reloaded, and its tab closed and
    opened again. While no page shows it, nothing is sent.
    """

    bundle_name = "chat"
    groups = MappingProxyType(
        {
            "_turns": TurnRequests,
            "_sessions": SessionRequests,
            "_all_sessions": AllSessionRequests,
            "_composer": ComposerRequests,
            "_attached": AttachmentRequests,
            "_slash": SlashRequests,
            "_transfers": TransferRequests,
            "_mentions": MentionRequests,
        }
    )

    def __init__(self, app: Parllama, session: Session) -> None:
        self.without_widgets = app.redact(opening_text(session, app.notebook_name))
        self._session = session
        self._tabs = Tabs(session, app.events, self.tell_tabs)
        self._told: ChatTabs | None = None
        self._sessions = SessionRequests(app, self)
        self._all_sessions = AllSessionRequests(app, self)
        self._transfers = TransferRequests(app, self)
        names = kernel_names()
        self._mentions = MentionRequests(names)
        self._turns = TurnRequests(app, self, self._mentions.with_mentions)
        self._vision = Vision(app, self._tell_session)
        self._attached = AttachmentRequests(app, self, names.variables)
        self._composer = ComposerRequests(
            app, self, self._attached, self._mentions.with_mentions
        )
        self._slash = SlashRequests(
            SlashCall(
                app,
                self,
                self._composer,
                self._sessions,
                self._turns,
                self._transfers,
            )
        )
        self._greeted = False
        self._anew: asyncio.Task[Any] | None = None
        self._default = DefaultFinder(app, self.tell)
        self._left_out = LeftOut(lambda: self.tell(self._session_data()))
        self._models = ModelChoice(app, self._tell_models)
        self._feed = ChatFeed(self, session, app.events)
        super().__init__(app)
        self._loop.call_soon_threadsafe(self._feed.listen, session)
        self._loop.call_soon_threadsafe(self._tabs.listen)

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
            tabs=self._tabs.data,
            turns=turns,
            earlier=max(0, session.transcript.total - len(turns)) if held else 0,
            draft=self._composer.draft,
            prompt=self._composer.prompts.current,
            attached=self._attached.current,
            limits=self._attached.limits,
            default=self._default.found,
        )

    def close(self) -> None:
        """Close the view; the session stays."""
        self._feed.close()
        self._tabs.close()
        self._models.close()
        self._soon(self._left_out.close)
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

    async def ask(self, question: Question, session: Session) -> None:
        """Ask in a session, shown or not, and return when the turn has begun."""
        blank = question.text is not None and not question.text.strip()
        if blank and question.library_prompt is None and not question.attached:
            message = "The question is empty."
            raise UsageError(message)
        if session.deleted:
            message = "The conversation was deleted before the question was asked."
            raise UsageError(message, hint="Restore it, or ask in another one.")
        await session.begun(session.send(question))
        if session.live is not None:
            self._models.learn(session.live.model)
        self._default.find()

    @request
    async def on_stop(self) -> None:
        """Stop the answer under way."""
        self._session.stop()

    @request
    async def on_models(self, params: ModelsParams) -> ModelGroups:
        """List the models that can be chosen, as far as they are known."""
        return ModelGroups(groups=self._models.groups(refresh=params.refresh))

    # for the feed and the requests

    def turn_data(self, turn: Turn) -> TurnData:
        """Return a turn of the session."""
        data = turn_data(turn, self._session.live, self._app.redact)
        if data.error is None:
            return data
        error = with_missing_key(self._app, data.error, turn.model)
        return data.model_copy(update={"error": error})

    def session_data(self) -> SessionData:
        """Return the session; what it leaves out is found out anew, for a page."""
        if not self._listened:
            # All of the conversation would be read for nobody.
            self._left_out.forget()
        data = self._session_data()
        if self._listened:
            window = data.context_window
            self._left_out.look(self._session, self._default.model, window)
        return data

    def _session_data(self) -> SessionData:
        session, notebook = self._session, self._app.notebook_name
        known = self._models.info(self.model)
        data = session_data(session, self.spec, known, notebook)
        sees = self._vision.sees(self.model) if self._attached.has_images else None
        left_out = "" if session.locked else self._left_out.words
        return data.model_copy(update={"left_out": left_out, "sees": sees})

    @property
    def tabs(self) -> Sequence[Session]:
        """The sessions that are open in tabs, in order."""
        return self._tabs.sessions

    @property
    def model(self) -> str | None:
        """The model that answers, as far as it is known."""
        return self._session.model or self._default.model

    @property
    def spec(self) -> Spec | None:
        """The provider of the model."""
        return self._models.spec(self.model)

    def learn_models(self) -> None:
        """Find out which models there are."""
        self._models.groups()

    def _tell_models(self, group: ModelGroup) -> None:
        self.tell(group)
        # This may tell the context window of the session's model.
        self._tell_session()

    def _tell_session(self) -> None:
        self.tell(self.session_data())

    def forget_texts(self) -> None:
        """Drop what was typed and attached in closed tabs and in locked sessions."""
        self._composer.keep(self._tabs.readable)
        self._attached.keep(self._tabs.readable)

    def _hear_vault(self, event: Event) -> None:
        super()._hear_vault(event)
        if isinstance(event, VaultChanged):
            self._composer.prompts.hear_vault(event.state)

    async def choose(
        self, prompt: Prompt, values: Mapping[str, str], text: str
    ) -> None:
        """Ask the next question with a prompt; `text` is one for the composer."""
        await self._composer.choose(prompt, values, text)

    async def send_chosen(self, text: str, values: Mapping[str, str]) -> None:
        """Ask with the chosen prompt."""
        await self._composer.send_chosen(text, values)

    async def begun_anew(self) -> None:
        """Wait until a new session is shown, after this one was deleted."""
        if self._anew is not None:
            await self._anew

    def begin_anew(self) -> None:
        """Show another tab or a new session, as this was deleted. On the loop."""
        other = self._tabs.beside(self._session)
        if other is not None:
            self.show(other)
        else:
            self._anew = self._loop.create_task(self._sessions.begin())

    def show(self, session: Session) -> None:
        """Show another session, in a tab of its own. On the service loop."""
        attached = self._attached.current.attachments
        empty = self._composer.is_empty(self._session) and not attached
        self._tabs.show(session, empty=empty)
        self._session = session
        self.forget_texts()
        self._feed.listen(session)
        self.tell_all()

    async def close_tab(self, tab: str) -> None:
        """Close a tab; the session stays. A new session follows the last one."""
        session = self._tabs.get(tab)
        if session is None:
            return
        if session is self._session:
            other = self._tabs.beside(session)
            if other is not None:
                self.show(other)
            else:
                await self._sessions.begin()
        self._tabs.remove(session)
        self.tell_tabs()

    def tab(self, tab: str) -> Session | None:
        """Return the session of a tab; None if it is closed."""
        return self._tabs.get(tab)

    def session_of(self, tab: str) -> Session:
        """Return the session of a tab; "" is the one that is shown.

        Raises:
            UsageError: the tab is closed.

        """
        session = self._tabs.get(tab) if tab else self._session
        if session is None:
            message = "The conversation is closed."
            raise UsageError(message, hint="Open it again.")
        return session

    def tell_tabs(self) -> None:
        """Send the tabs, if they are other than they were. On the service loop."""
        data = self._tabs.data
        self.forget_texts()
        if data != self._told:
            self._told = data
            self.tell(data)
