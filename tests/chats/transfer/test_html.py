"""A page holds all it needs, and nothing in it can run or load anything."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from parllama_nb.chats.history.saved import SavedConversation
from parllama_nb.chats.transfer.html.page import write_html

from ...browser.xss_corpus import CORPUS
from .conversations import PICTURE, everything, told

_ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section"),
    *("footer", "h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "br", "hr"),
    *("details", "summary", "pre", "code", "em", "strong", "s", "a", "ul", "ol", "li"),
    *("blockquote", "table", "thead", "tbody", "tr", "th", "td", "img", "sub", "sup"),
}
_ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "dir", "style"),
    *("href", "rel", "src", "alt", "title", "start"),
}


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def faults(page: str) -> Iterator[str]:
    """What could run or load something, or leave its place."""
    for tag, attributes in Tags(page).tags:
        if tag not in _ALLOWED:
            yield f"<{tag}>"
        yield from (f"{tag} {name}" for name in attributes if name not in _ATTRIBUTES)
        source = attributes.get("src") or ""
        if source and not source.startswith("data:image/"):
            yield f"src {source:.60}"
        target = (attributes.get("href") or "").lower()
        scheme, colon, _ = target.partition(":")
        if colon and scheme not in {"http", "https", "mailto"}:
            yield f"href {target:.60}"
        style = attributes.get("style") or ""
        if "url" in style or "expression" in style:
            yield f"style {style:.60}"


@pytest.mark.parametrize("text", CORPUS)
def test_no_hostile_text_gets_into_a_page(text: str) -> None:
    saved = SavedConversation(
        text,
        (told(text, text, model=text, notes=(text,)),),
        1,
        options={"system": text},
    )
    page = write_html(saved)
    assert list(faults(page)) == []
    assert page.count("</html>") == 1


def test_a_page_has_no_script_and_a_policy_that_allows_none() -> None:
    page = write_html(everything())
    assert "<script" not in page
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page
    assert list(faults(page)) == []


def test_a_page_shows_the_branch_with_its_thinking_images_and_code() -> None:
    page = write_html(everything())
    assert f'<img src="{PICTURE}" alt="Image: PNG, 72 B">' in page
    assert "<summary>Thinking</summary>" in page
    assert "<summary>plan.pdf</summary>" in page
    assert '<span class="c1"># a comment</span>' in page
    assert "Left behind" not in page
    assert "2 turns, and 1 in other branches" in page
    assert "~/plans" not in page


def test_a_page_is_light_and_dark_and_light_on_paper() -> None:
    page = write_html(everything())
    assert "color-scheme: light dark" in page
    assert "@media screen and (prefers-color-scheme: dark)" in page
    assert "@media print" in page
