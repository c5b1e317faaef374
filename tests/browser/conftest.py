"""One browser for all tests, a context for a module's, a fresh page for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..own_app import own_app
from ..widgets.recording import Page as Recorded
from .harness import FOREIGN, STATIC, Stub, launch, open_stub, serve
from .vault_kernel import VaultKernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this directory needs the browser."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


# For this folder and no longer: while Playwright runs, its event loop runs on the main
# thread, and tests of other folders want one of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not (STATIC / "manifest.json").exists():
        pytest.fail('the front end is not built: "npm run build" in js/')
    # The usual five seconds are short beside another worker.
    sync_api.expect.set_options(timeout=30_000)
    with sync_api.sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """Where the page is served."""
    with serve() as number:
        yield number


# A page in a context that there is costs half of one in a context of its own, and one
# in a process that there is costs less again: an empty page keeps it.
@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    context.new_page()
    return context


@pytest.fixture
def stub(context: BrowserContext, port: int) -> Iterator[Stub]:
    """A page that at the end must have had no error and called nobody."""
    yield from _watched(context, open_stub(context, port))


@pytest.fixture
def plain_stub(context: BrowserContext, port: int) -> Iterator[Stub]:
    """The page over plain http: no clipboard, no crypto.subtle, no randomUUID."""
    yield from _watched(context, open_stub(context, port, FOREIGN))


def _watched(context: BrowserContext, opened: Stub) -> Iterator[Stub]:
    yield opened
    errors, foreign = opened.errors, opened.foreign
    opened.page.close()
    context.clear_permissions()
    assert errors == []
    assert foreign == []


@pytest.fixture
def vault_kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[VaultKernel]:
    """A real vault and the kernel's view of it, for pages to show."""
    with own_app() as app:
        kernel = VaultKernel(app, Recorded(monkeypatch))
        yield kernel
        kernel.view.close()
