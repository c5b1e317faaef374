"""One browser for all tests, a fresh context for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .harness import FOREIGN, STATIC, Stub, launch, open_stub, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this directory needs the browser."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


# For a module and no longer: while Playwright runs, its event loop runs on the main
# thread, and tests of other modules want one of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not (STATIC / "manifest.json").exists():
        pytest.fail('the front end is not built: "npm run build" in js/')
    with sync_api.sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """Where the page is served."""
    with serve() as number:
        yield number


@pytest.fixture
def stub(browser: Browser, port: int) -> Iterator[Stub]:
    """A page that at the end must have had no error and called nobody."""
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    opened = open_stub(context, port)
    yield opened
    errors, foreign = opened.errors, opened.foreign
    context.close()
    assert errors == []
    assert foreign == []


@pytest.fixture
def plain_stub(browser: Browser, port: int) -> Iterator[Stub]:
    """The page over plain http: no clipboard, no crypto.subtle, no randomUUID."""
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    opened = open_stub(context, port, FOREIGN)
    yield opened
    errors, foreign = opened.errors, opened.foreign
    context.close()
    assert errors == []
    assert foreign == []
