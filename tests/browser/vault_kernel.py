"""The kernel's own half of the view of the vault, behind a page of the browser."""

from __future__ import annotations

import asyncio
import itertools
from functools import partial
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from parllama_nb.widgets._protocol import Request
from parllama_nb.widgets.vault.view import VaultView

from ..vaults.weak import weak_policy

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from parllama_nb.application import Parllama
    from parllama_nb.vaults.vault import Vault

    from ..widgets.recording import Page
    from .harness import Stub

__all__ = ["VaultKernel"]

# What the stub answers by itself.
_STUBBED = ("hello", "snapshot", "asset", "left")


class VaultKernel:
    """A real vault and its real view; each page of `show` speaks to that view."""

    def __init__(self, app: Parllama, recorded: Page) -> None:
        self._app, self._recorded = app, recorded
        self._ids = itertools.count(1)
        self._pages: list[tuple[Stub, int]] = []
        app.vault.policy = weak_policy()
        self.view = VaultView(app)

    @property
    def vault(self) -> Vault:
        """The vault, as a cell has it."""
        return self._app.vault

    def show(self, stub: Stub, **more: Any) -> Locator:
        """Open the view in a page; returns its region."""
        snapshot = self._ask("hello", {})["result"]
        for method in VaultView.requests.keys() - {*_STUBBED}:
            stub.answer(method, partial(self._answer, stub, method))
        self._pages.append((stub, len(self._recorded.events)))
        stub.widget(view="vault", snapshot=snapshot, **more)
        region = stub.page.get_by_role("region", name="Vault").last
        region.wait_for()
        expect(region.get_by_text("Looking at the vault…")).to_have_count(0)
        return region

    def look(self) -> None:
        """Have the view look at the vault, and tell all pages what it has told."""
        self._on_loop(self.view._look())
        for stub, _ in self._pages:
            for event in self._news(stub):
                stub.tell(event["event"], **event["data"])

    def _answer(
        self, stub: Stub, method: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        response = self._ask(method, params)
        return {**response, "events": self._news(stub)}

    def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        name = f"asked-{next(self._ids)}"
        request = Request(type="request", request_id=name, method=method, params=params)
        self._on_loop(self.view._answer(request, ()))
        response = self._recorded.response(name)
        return {key: response[key] for key in ("result", "error") if key in response}

    def _news(self, stub: Stub) -> list[dict[str, Any]]:
        """What the view has told since this page last heard of it."""
        for at, (page, heard) in enumerate(self._pages):
            if page is stub:
                events = self._recorded.events
                self._pages[at] = (stub, len(events))
                return events[heard:]
        return []

    def _on_loop(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._app.runtime.loop).result(30)
