"""The control panel: one tab for each of the other views, made when opened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Never

from ...commands.panel import TEXT
from ...errors import UsageError
from .._base import AnyView, View
from .._requests import request
from .protocol import Opened, OpenParams, PanelSnapshot, TabData

if TYPE_CHECKING:
    from ...application import Parllama

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
    from ..chat.view import ChatView  # noqa: PLC0415

    return ChatView(app, await app.sessions.open(notebook))


async def _compare(app: Parllama, notebook: str) -> AnyView:
    from ..compare.view import CompareView  # noqa: PLC0415

    last = app.comparisons.last or app.comparisons.empty(notebook)
    return CompareView(app, last)


async def _providers(app: Parllama, notebook: str) -> AnyView:
    from ..providers.view import ProviderOptions  # noqa: PLC0415

    del notebook
    return ProviderOptions(app)


async def _jobs(app: Parllama, notebook: str) -> AnyView:
    from ..jobs.view import JobsView  # noqa: PLC0415

    del notebook
    return JobsView(app)


async def _settings(app: Parllama, notebook: str) -> AnyView:
    from ..settings.view import SettingsView  # noqa: PLC0415

    del notebook
    return SettingsView(app)


TABS = (
    Tab("chat", "Chat", _chat),
    Tab("compare", "Compare", _compare),
    Tab("providers", "Providers", _providers),
    Tab("jobs", "Jobs", _jobs),
    Tab("settings", "Settings", _settings),
)
"""The tabs in the order in which they are shown."""


class ControlPanel(View[PanelSnapshot, Never]):
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
        name = params.tab
        making = self._views.get(name)
        if making is None or _is_over(making):
            making = asyncio.ensure_future(_tab(name).view(self._app, self._notebook))
            self._views[name] = making
        # Shielded, since other requests may wait for the same view.
        view = await asyncio.shield(making)
        return Opened(model_id=view.model_id)

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
