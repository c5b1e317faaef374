"""The chat view: a conversation with a model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...chats.question import Question
from ...errors import ParllamaError, UsageError
from ...notebook.run import notebook_name
from .._base import Method, View, failure
from ..model_choice import ModelChoice
from .feed import ChatFeed
from .protocol import (
    ChatSnapshot,
    DefaultModel,
    DraftParams,
    EarlierParams,
    EditParams,
    ModelGroup,
    NameParams,
    OptionsParams,
    SendParams,
    SessionData,
    SessionEntry,
    TurnData,
    TurnParams,
)
from .wire import page_of, session_data, turn_data

if TYPE_CHECKING:
    from ...application import Parllama
    from ...chats.history.reading import Turn
    from ...chats.session import Session

__all__ = ["ChatView"]

# Turns that one answer to `earlier` holds at most.
_PAGE = 60

# Questions that the arrow keys lead through.
_INPUTS = 100


class ChatView(View):
    """Shows one session, and any other that is opened in it.

    It lives as long as its kernel: its page may be loaded again, and its tab closed
    and opened. While nobody shows it, nothing is sent.
    """

    bundle_name = "chat"
    without_widgets = (
        "The chat needs its kernel: %parllama chat opens it again, and "
        "%parllama last shows the newest answers."
    )

    def __init__(self, app: Parllama, session: Session) -> None:
        self._session = session
        self._draft = ""
        self._greeted = False
        self._anew: asyncio.Task[Any] | None = None
        self._default: DefaultModel | None = None
        self._choosing: asyncio.Task[None] | None = None
        self._models = ModelChoice(app, self._tell_models)
        self._feed = ChatFeed(self, app.events)
        super().__init__(app)
        self._loop.call_soon_threadsafe(self._feed.listen, session)

    @property
    def session(self) -> Session:
        """The session it shows."""
        return self._session

    def methods(self) -> dict[str, Method]:
        """As of every view, and those of a conversation."""
        return {
            **super().methods(),
            "send": self._say,
            "stop": self._stop,
            "retry": self._retry,
            "edit": self._edit,
            "delete": self._delete,
            "read": self._read,
            "earlier": self._earlier,
            "models": self._list_models,
            "set_model": self._set_model,
            "set_options": self._set_options,
            "sessions": self._sessions,
            "new": self._new,
            "open": self._open,
            "rename": self._rename,
            "encrypt": self._encrypt,
            "decrypt": self._decrypt,
            "remove": self._remove,
            "inputs": self._inputs,
            "draft": self._keep_draft,
        }

    def snapshot(self) -> ChatSnapshot:
        """The session and its last turns."""
        session = self._session
        turns = page_of([self.turn_data(turn) for turn in session.transcript.turns])
        return ChatSnapshot(
            seq=self.seq,
            session=self.session_data(),
            turns=turns,
            earlier=max(0, session.transcript.total - len(turns)),
            draft=self._draft,
            default=self._default,
        )

    def close(self) -> None:
        """Close it; the session goes on."""
        self._feed.close()
        self._models.close()
        super().close()

    # what is asked

    def _tell_unasked(self) -> None:
        # One that was closed at once is no page that cannot be heard.
        if not self._greeted:
            super()._tell_unasked()

    async def _hello(self, params: dict[str, Any]) -> dict[str, Any]:
        self._greeted = True
        self._find_default()
        return await super()._hello(params)

    async def _left(self, params: dict[str, Any]) -> dict[str, Any]:
        result = await super()._left(params)
        if self._shown <= 0:
            self._listened = False
        return result

    async def _say(self, params: dict[str, Any]) -> dict[str, Any]:
        return await self._ask(Question(SendParams.model_validate(params).text))

    async def _retry(self, params: dict[str, Any]) -> dict[str, Any]:
        turn = TurnParams.model_validate(params).turn
        return await self._ask(Question(None, replaces=turn))

    async def _edit(self, params: dict[str, Any]) -> dict[str, Any]:
        edit = EditParams.model_validate(params)
        return await self._ask(Question(edit.text, replaces=edit.turn))

    async def _ask(self, question: Question) -> dict[str, Any]:
        if question.text is not None and not question.text.strip():
            message = "The question is empty."
            raise UsageError(message)
        session = self._session
        await session.begun(session.send(question))
        self._draft = ""
        if session.live is not None:
            self._models.learn(session.live.model)
        self._find_default()
        return {}

    async def _stop(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        self._session.stop()
        return {}

    async def _delete(self, params: dict[str, Any]) -> dict[str, Any]:
        await self._session.delete_turn(TurnParams.model_validate(params).turn)
        return {}

    async def _read(self, params: dict[str, Any]) -> dict[str, Any]:
        turn = await self._session.read(TurnParams.model_validate(params).turn)
        return {
            "question": turn.prompt,
            "text": turn.answer.text,
            "thinking": turn.answer.thinking,
        }

    async def _earlier(self, params: dict[str, Any]) -> dict[str, Any]:
        before = EarlierParams.model_validate(params).before
        turns = await self._session.earlier(before, _PAGE)
        page = page_of([self.turn_data(turn) for turn in turns])
        return {"turns": [turn.model_dump(exclude_none=True) for turn in page]}

    async def _list_models(self, params: dict[str, Any]) -> dict[str, Any]:
        groups = self._models.groups(refresh=bool(params.get("refresh")))
        return {"groups": [group.model_dump(exclude_none=True) for group in groups]}

    async def _set_model(self, params: dict[str, Any]) -> dict[str, Any]:
        name = NameParams.model_validate(params).name.strip()
        model = "/".join(self._app.providers.parse(name)) if name else None
        await self._session.configure(model=model, options=self._session.options)
        return {}

    async def _set_options(self, params: dict[str, Any]) -> dict[str, Any]:
        options = OptionsParams.model_validate(params).options
        await self._session.configure(
            model=self._session.model, options=options.model_dump()
        )
        return {}

    async def _sessions(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        found = await self._app.chats.sessions()
        entries = [
            SessionEntry(
                name=each.name, used=each.used, turns=each.turns, model=each.model
            )
            for each in found
        ]
        return {"sessions": [entry.model_dump(exclude_none=True) for entry in entries]}

    async def _new(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        before = self._session
        session = await self._app.sessions.new()
        session.model, session.options = before.model, dict(before.options)
        self._show(session)
        return {}

    async def _open(self, params: dict[str, Any]) -> dict[str, Any]:
        name = NameParams.model_validate(params).name
        self._show(await self._app.sessions.open(name))
        return {}

    async def _rename(self, params: dict[str, Any]) -> dict[str, Any]:
        await self._session.rename(NameParams.model_validate(params).name)
        return {}

    async def _encrypt(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        await self._session.encrypt()
        return {}

    async def _decrypt(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        await self._session.decrypt()
        return {}

    async def _remove(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        await self._session.delete()
        if self._anew is not None:
            await self._anew
        return {}

    async def _inputs(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        return {"inputs": await self._app.chats.questions(_INPUTS)}

    async def _keep_draft(self, params: dict[str, Any]) -> dict[str, Any]:
        self._draft = DraftParams.model_validate(params).text
        return {}

    # what its feed and its requests need

    def turn_data(self, turn: Turn) -> TurnData:
        """A turn of its session."""
        return turn_data(turn, self._session.live, self._app.redact)

    def session_data(self) -> SessionData:
        """Its session."""
        default = self._default.model if self._default is not None else None
        model = self._session.model or default
        window = self._models.window(model)
        return session_data(self._session, window, notebook_name())

    def _tell_models(self, group: ModelGroup) -> None:
        self.tell("models", group)
        # The session's model may be among them, and its window known from now on.
        self.tell("session", self.session_data())

    def tell_all(self) -> None:
        """Tell everything anew. On the service loop."""
        self.tell("snapshot", self.snapshot_at(self.seq + 1))

    def begin_anew(self) -> None:
        """Show a new session, since this one is gone. On the service loop."""
        self._anew = self._loop.create_task(self._new({}))

    def _show(self, session: Session) -> None:
        self._session = session
        self._draft = ""
        self._feed.listen(session)
        self.tell_all()

    def _find_default(self) -> None:
        """Find out which model answers by default: a server may have to be asked."""
        if self._choosing is None or self._choosing.done():
            self._choosing = self._loop.create_task(self._choose())

    async def _choose(self) -> None:
        try:
            provider, model = await self._app.choose(None)
            found = DefaultModel(model=f"{provider.spec.name}/{model}")
        except ParllamaError as error:
            found = DefaultModel(error=failure(error, self._app.redact))
        if found != self._default:
            self._default = found
            self.tell("default", found)
