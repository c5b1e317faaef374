"""What the control panel and the kernel send each other."""

from __future__ import annotations

from pydantic import Field

from .._protocol import EventData, Snapshot, Wire

__all__ = ["OpenParams", "Opened", "PanelSnapshot", "TabChosen", "TabData"]


class OpenParams(Wire):
    """Which tab's view is wanted."""

    tab: str = Field(max_length=64)


class Opened(Wire):
    """The view of a tab is there; the page mounts the model of this id."""

    model_id: str


class TabData(Wire):
    """One tab of the panel."""

    name: str
    title: str


class TabChosen(EventData):
    """A tab that is to be shown, as what is in another one asks for."""

    event = "tab"
    name: str


class PanelSnapshot(Snapshot):
    """All of a panel: its tabs, in order. What is in them are views of their own."""

    tabs: list[TabData]
