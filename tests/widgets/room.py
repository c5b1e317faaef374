"""What tests of views share: an app, a page, the loop both live on, what is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from parllama_nb.application import Parllama
from parllama_nb.widgets._base import AnyView

from ..virtual_time import VirtualLoop
from .recording import Page

__all__ = ["Room", "Shown", "answer", "pass_time"]

T = TypeVar("T")


class Shown:
    """What a page shows: a snapshot, and the events that came after it.

    A subclass says what is shown after a snapshot and after each other event.
    """

    def __init__(self, snapshot: dict[str, Any] | None = None) -> None:
        self.seq = -1
        if snapshot is not None:
            self.take(snapshot)

    def take(self, snapshot: dict[str, Any]) -> None:
        """Show a snapshot, unless more is known already."""
        if snapshot["seq"] >= self.seq:
            self.seq = snapshot["seq"]
            self.show(snapshot)

    def hear(self, event: dict[str, Any]) -> None:
        """Show an event, unless it is known already."""
        if event["seq"] <= self.seq:
            return
        assert event["seq"] == self.seq + 1, "an event is missing"
        self.seq = event["seq"]
        if event["event"] == "snapshot":
            assert event["data"]["seq"] == self.seq
            self.show(event["data"])
        elif event["event"] != "lock":  # what every view hears of the vault
            self.change(event["event"], event["data"])

    def show(self, snapshot: dict[str, Any]) -> None:
        raise NotImplementedError

    def change(self, event: str, data: dict[str, Any]) -> None:
        raise NotImplementedError

    @staticmethod
    def change_answer(answer: dict[str, Any], event: str, data: dict[str, Any]) -> None:
        """What becomes of an answer by an event that is of one."""
        quiet = {"notice": "", "progress": None}
        match event:
            case "delta":
                text = answer[data["kind"]] + data["text"]
                answer |= {**quiet, "state": "streaming", data["kind"]: text}
            case "notice":
                answer["notice"] = data["text"]
            case "progress":
                answer["progress"] = data
            case "settled":
                answer |= {"error": None, **quiet, **data}
            case other:
                raise AssertionError(other)


class Room:
    """An app, a page and the loop both live on."""

    def __init__(self, app: Parllama, page: Page, loop: VirtualLoop) -> None:
        self.app, self.page, self.loop = app, page, loop
        app.model = "fake/scripted"

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    def pass_time(self, seconds: float = 0.0) -> None:
        self.run(asyncio.sleep(seconds))

    def until(self, reached: Callable[[], bool]) -> None:
        """Let time pass until what the page was sent makes it so."""

        async def wait() -> None:
            while not reached():
                self.page.changed.clear()
                await self.page.changed.wait()

        self.run(wait())

    def over(self, source: str, running: Callable[[], bool]) -> None:
        """Let time pass until events of a source make that nothing runs."""
        changed = asyncio.Event()

        async def wait() -> None:
            remove = self.app.events.listen(source, lambda _: changed.set())
            while running():
                changed.clear()
                await changed.wait()
            remove()

        self.run(wait())

    def ask(self, view: AnyView, method: str, **params: Any) -> dict[str, Any]:
        """The response to a request, once it is there."""
        asked = self.page.ask(view, method, **params)
        self.until(lambda: bool(self.page.responses(asked)))
        return self.page.response(asked)

    def result(self, view: AnyView, method: str, **params: Any) -> dict[str, Any]:
        response = self.ask(view, method, **params)
        assert "error" not in response, response
        result: dict[str, Any] = response["result"]
        return result


def pass_time(loop: VirtualLoop, seconds: float = 0.1) -> None:
    loop.run_until_complete(asyncio.sleep(seconds))


def answer(
    page: Page, view: AnyView, loop: VirtualLoop, method: str, **params: Any
) -> dict[str, Any]:
    """The response to a request, which may wait for the disk."""
    request = page.ask(view, method, **params)

    async def answered() -> None:
        while not page.responses(request):
            page.changed.clear()
            await page.changed.wait()
        # What the app tells after it comes on the loop too.
        await asyncio.sleep(0.01)

    loop.run_until_complete(answered())
    return page.response(request)
