"""An exported page runs nothing, loads nothing, and can be read by everybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from parllama_nb.chats.history.saved import SavedConversation
from parllama_nb.chats.transfer.html.page import write_html

from ..chats.transfer.conversations import everything, told
from .accessibility import axe_violations
from .xss_corpus import CORPUS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.mark.parametrize("guarded", [True, False], ids=["policy", "no policy"])
def test_no_hostile_text_runs_or_is_fetched_in_an_exported_page(
    browser: Browser, tmp_path: Path, *, guarded: bool
) -> None:
    # Without its policy, too: that is the second wall.
    turns = tuple(told(text, text, n) for n, text in enumerate(CORPUS, 1))
    page_text = write_html(SavedConversation("x", turns, len(turns)))
    if not guarded:
        page_text = _POLICY.sub("", page_text)
    path = tmp_path / "page.html"
    path.write_text(page_text, encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    page.evaluate(
        """() => {
          for (const node of document.querySelectorAll("main *")) node.focus?.();
          for (const details of document.querySelectorAll("details"))
            details.open = true;
        }"""
    )
    assert page.locator("section.answer").count() == len(CORPUS)
    assert page.evaluate("window.pwned ?? null") is None
    assert page.evaluate("document.baseURI") == path.as_uri()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 420])
def test_an_exported_page_is_accessible_light_and_dark_wide_and_narrow(
    browser: Browser, tmp_path: Path, scheme: str, width: int
) -> None:
    path = tmp_path / "page.html"
    path.write_text(write_html(everything()), encoding="utf-8")
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 900},
        bypass_csp=True,  # for axe alone
    )
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert axe_violations(page, "body") == []
    context.close()
