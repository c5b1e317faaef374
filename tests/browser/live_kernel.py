"""The kernel's own half of a view, behind a page of the browser."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from parllama_nb.application import Parllama
    from parllama_nb.widgets._base import AnyView

    from ..widgets.recording import Page
    from .harness import Stub

__all__ = ["LiveKernel"]


class LiveKernel:
    """A real app; a page of `show` speaks to a real view of it."""

    def __init__(self, app: Parllama, recorded: Page) -> None:
        self.app = app
        self._recorded = recorded
        self._heard = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something on the service loop."""
        loop = self.app.runtime.loop
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    def show(self, stub: Stub, view: AnyView, **options: Any) -> None:
        """Open a view in a page."""
        self._heard = len(self._recorded.sent)
        stub.page.expose_function(
            "kernel_says",
            lambda message, buffers: self._recorded.say(
                view, message, buffers=[base64.b64decode(each) for each in buffers]
            ),
        )
        stub.page.expose_function("kernel_told", lambda: self._told(view))
        stub.page.evaluate(
            """async (options) => {
              await import("/live_kernel.js");
              return openLive(options);
            }""",
            {"view": view.bundle_name, **options},
        )

    def _told(self, view: AnyView) -> list[tuple[Any, list[str]]]:
        """What the view has sent since the page last heard of it."""
        sent = self._recorded.sent
        news, self._heard = sent[self._heard :], len(sent)
        return [
            (data["content"], [base64.b64encode(each).decode() for each in buffers])
            for comm_id, kind, data, buffers in news
            if kind == "comm_msg"
            and data.get("method") == "custom"
            and view.comm is not None
            and comm_id == view.comm.comm_id
        ]
