"""Offers the names of conversations, of their folders and their tags to completion."""

from __future__ import annotations

from concurrent.futures import wait
from typing import TYPE_CHECKING, Any, TypeVar

from ...quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ...application import Parllama
    from ...chats.history.reading import SessionInfo

__all__ = ["offered_deleted", "offered_folders", "offered_names", "offered_tags"]

T = TypeVar("T")

# Seconds a completion may take.
_TIMEOUT = 0.4


def offered_names(app: Parllama) -> list[str]:
    """Returns the names of the conversations, in quotes where a line needs them."""
    return [quoted(info.name) for info in _infos(app)]


def offered_deleted(app: Parllama) -> list[str]:
    """Returns the names of those that can be restored, in quotes where need be."""
    return [quoted(each.name) for each in _soon(app, app.session_library.deleted())]


def offered_folders(app: Parllama) -> list[str]:
    """Returns the folders that there are, in quotes where a line needs them."""
    folders = {info.folder for info in _infos(app)} - {""}
    return [quoted(folder) for folder in sorted(folders, key=str.casefold)]


def offered_tags(app: Parllama) -> list[str]:
    """Returns the tags that there are, in quotes where a line needs them."""
    tags = {tag for info in _infos(app) for tag in info.tags}
    return [quoted(tag) for tag in sorted(tags, key=str.casefold)]


def _infos(app: Parllama) -> list[SessionInfo]:
    return _soon(app, app.session_library.sessions())


def _soon(app: Parllama, asking: Coroutine[Any, Any, list[T]]) -> list[T]:
    future = app.runtime.submit(asking)
    wait([future], _TIMEOUT)
    if not future.done() or future.exception() is not None:
        return []
    return future.result()
