"""The control panel: one tab for each of the other views, made when opened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ...commands.panel import TEXT
from ...errors import UsageError
from .._base import AnyView, View
from .._requests import request
from .protocol import Opened, OpenParams, PanelSnapshot, TabChosen, TabData

if TYPE_CHECKING:
    from ...application import Parllama
    from ..chat.view import ChatView
    from ..models.view import ModelBrowser
    from ..prompts.view import PromptBrowser

__all__ = ["TABS", "ControlPanel", "Tab"]


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab.

    `view` makes what is in it, on the service loop, from the app and the notebook's
    name. It imports what it makes, so that an unopened tab costs nothing.
    """

    name: str
    title: str
    view: Callable[[Parllama, str], Awaitable[AnyView]]


async def _chat(app: Parllama, notebook: str) -> AnyView:
    from ..chat.opening import opened  # noqa: PLC0415
    from ..chat.view import ChatView  # noqa: PLC0415

    return ChatView(app, await opened(app, notebook))


async def _compare(app: Parllama, notebook: str) -> AnyView:
    from ..compare.view import CompareView  # noqa: PLC0415

    last = app.comparisons.last or app.comparisons.empty(notebook)
    return CompareView(app, last)


async def _models(app: Parllama, notebook: str) -> AnyView:
    from ..models.view import ModelBrowser  # noqa: PLC0415

    del notebook
    return ModelBrowser(app)


async def _prompts(app: Parllama, notebook: str) -> AnyView:
    from ..prompts.view import PromptBrowser  # noqa: PLC0415

    del notebook
    return PromptBrowser(app)


async def _memory(app: Parllama, notebook: str) -> AnyView:
    from ..memory.view import MemoryView  # noqa: PLC0415

    del notebook
    return MemoryView(app)


async def _providers(app: Parllama, notebook: str) -> AnyView:
    from ..providers.view import ProviderOptions  # noqa: PLC0415

    del notebook
    return ProviderOptions(app)


async def _vault(app: Parllama, notebook: str) -> AnyView:
    from ..vault.view import VaultView  # noqa: PLC0415

    del notebook
    return VaultView(app)


async def _jobs(app: Parllama, notebook: str) -> AnyView:
    from ..jobs.view import JobsView  # noqa: PLC0415

    del notebook
    return JobsView(app)


async def _usage(app: Parllama, notebook: str) -> AnyView:
    from ..usage.view import UsageView  # noqa: PLC0415

    del notebook
    return UsageView(app)


async def _settings(app: Parllama, notebook: str) -> AnyView:
    from ..settings.view import SettingsView  # noqa: PLC0415

    del notebook
    return SettingsView(app)


TABS = (
    Tab("chat", "Chat", _chat),
    Tab("compare", "Compare", _compare),
    Tab("prompts", "Prompts", _prompts),
    Tab("memory", "Memory", _memory),
    Tab("models", "Models", _models),
    Tab("providers", "Providers", _providers),
    Tab("vault", "Vault", _vault),
    Tab("jobs", "Jobs", _jobs),
    Tab("usage", "Usage", _usage),
    Tab("settings", "Settings", _settings),
)
"""The tabs in the order in which they are shown."""


class ControlPanel(View[PanelSnapshot, TabChosen]):
    """Shows the tabs, each of which holds a view of its own."""

    bundle_name = "panel"
    without_widgets = TEXT

    def __init__(self, app: Parllama, notebook: str) -> None:
        self._notebook = notebook
        self._views: dict[str, asyncio.Future[AnyView]] = {}
        super().__init__(app)

    def snapshot(self) -> PanelSnapshot:
        """Return the tabs."""
        tabs = [TabData(name=tab.name, title=tab.title) for tab in TABS]
        return PanelSnapshot(seq=self.seq, tabs=tabs)

    def close(self) -> None:
        """Close the panel, and its tabs' views unless they are shown elsewhere."""
        self._soon(self._close_tabs)
        super().close()

    @request
    async def on_open(self, params: OpenParams) -> Opened:
        """Return the model id of a tab's view, which the first request makes."""
        view = await self._view(params.tab)
        return Opened(model_id=view.model_id)

    async def _view(self, name: str) -> AnyView:
        making = self._views.get(name)
        if making is None or _is_over(making):
            making = self._views[name] = asyncio.ensure_future(self._made(_tab(name)))
        # Shielded, since other requests may wait for the same view.
        return await asyncio.shield(making)

    async def _made(self, tab: Tab) -> AnyView:
        view = await tab.view(self._app, self._notebook)
        if tab.name == "models":
            cast("ModelBrowser", view).open_chat = self._chat_with
        elif tab.name == "prompts":
            cast("PromptBrowser", view).open_chat = self._empty_chat
        return view

    async def _empty_chat(self) -> ChatView:
        """Show the tab of the chat, with nothing asked in it yet; returns its view."""
        chat = cast("ChatView", await self._view("chat"))
        if chat.session.transcript.total or chat.session.answering:
            before = chat.session
            session = await self._app.sessions.new()
            session.model = before.model
            chat.show(session)
        self.tell(TabChosen(name="chat"))
        return chat

    async def _chat_with(self, model: str) -> str:
        """Show the tab of the chat, with this model; returns the session's name."""
        chat = cast("ChatView", await self._view("chat"))
        session = chat.session
        if session.transcript.total or session.answering:
            session = await self._app.sessions.new()
            session.model = model
            chat.show(session)
        else:
            await session.configure(model=model, options=session.options)
        self.tell(TabChosen(name="chat"))
        return session.name

    @request
    async def on_left(self) -> None:
        """Close the tabs' views once nobody shows the panel.

        The panel itself stays: a cell that was moved, or whose deletion was undone,
        shows it again, and then it opens its tabs again.
        """
        await super().on_left()
        if self._shown <= 0:
            self._close_tabs()

    def _close_tabs(self) -> None:
        while self._views:
            _, making = self._views.popitem()
            making.add_done_callback(_close)


def _is_over(making: asyncio.Future[AnyView]) -> bool:
    """Whether there is no view and none is being made."""
    if not making.done():
        return False
    if making.cancelled() or making.exception() is not None:
        return True
    return making.result().comm is None


def _close(made: asyncio.Future[AnyView]) -> None:
    if not made.cancelled() and made.exception() is None:
        made.result().close_soon()


def _tab(name: str) -> Tab:
    for tab in TABS:
        if tab.name == name:
            return tab
    message = f"The panel has no tab {name!r}."
    raise UsageError(message)
