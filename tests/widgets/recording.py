"""A front end that keeps what it is sent, and says what a test lets it say."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from comm.base_comm import BaseComm

from parllama_nb.widgets import _detached
from parllama_nb.widgets._base import AnyView

if TYPE_CHECKING:
    import pytest

__all__ = ["Page"]


class _Recording(BaseComm):
    page: Page

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[bytes] | None = None,
        **keys: Any,
    ) -> None:
        self.page.sent.append((self.comm_id, msg_type, data or {}, buffers or []))
        self.page.changed.set()


class Page:
    """All comms that were opened since it was made, and all that went over them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[tuple[str, str, dict[str, Any], list[bytes]]] = []
        self.changed = asyncio.Event()
        self._ids = itertools.count(1)
        kind = type("Recording", (_Recording,), {"page": self})

        def open_comm(target_name: str, *, comm_id: str | None, **keys: Any) -> Any:
            return kind(target_name=target_name, comm_id=comm_id, **keys)

        monkeypatch.setattr(_detached, "open_comm", open_comm)
        # The layout all views share belongs to a page too.
        monkeypatch.setattr(_detached, "_layouts", [])

    def say(
        self,
        view: AnyView,
        content: object,
        method: str = "custom",
        buffers: Sequence[bytes] = (),
    ) -> None:
        """Something the page says, as it comes in from the kernel."""
        data = {"method": method, "content": content}
        given = [memoryview(each) for each in buffers]
        view.comm.handle_msg({"content": {"data": data}, "buffers": given})

    def ask(
        self,
        view: AnyView,
        method: str,
        request_id: str = "",
        *,
        buffers: Sequence[bytes] = (),
        **params: Any,
    ) -> str:
        request_id = request_id or f"r{next(self._ids)}"
        request = {"type": "request", "request_id": request_id, "method": method}
        self.say(view, {**request, "params": params}, buffers=buffers)
        return request_id

    def cancel(self, view: AnyView, request_id: str) -> None:
        self.say(view, {"type": "cancel", "request_id": request_id})

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What the views were told, in order."""
        return [
            data["content"]
            for _, kind, data, _ in self.sent
            if kind == "comm_msg" and data.get("method") == "custom"
        ]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == "event"]

    def responses(self, request_id: str) -> list[dict[str, Any]]:
        return [
            message
            for message in self.messages
            if message["type"] == "response" and message["request_id"] == request_id
        ]

    def response(self, request_id: str) -> dict[str, Any]:
        """The one response to a request."""
        (response,) = self.responses(request_id)
        return response

    def open(self) -> set[str]:
        """The comms that were opened and not closed."""
        opened = {comm for comm, kind, *_ in self.sent if kind == "comm_open"}
        return opened - {comm for comm, kind, *_ in self.sent if kind == "comm_close"}
