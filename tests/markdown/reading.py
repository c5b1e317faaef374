"""Reads from HTML what a page that holds it would do."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

MARKDOWN_TAGS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "br", "blockquote", "pre", "div"),
    *("em", "strong", "del", "s", "code", "a", "img", "span", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "code": {"class", "dir"},
    # Where code is highlighted.
    "div": {"class", "dir"},
    "pre": {"class"},
    "span": {"class", "dir", "style"},
    "ol": {"start"},
    "li": {"class"},
    "th": {"style", "align"},
    "td": {"style", "align"},
}
STYLE = re.compile(r"(?:display:block;)?text-align: ?(?:left|right|center)")
SCHEMES = ("http://", "https://", "mailto:")
DATA_IMAGES = tuple(
    f"data:image/{kind};base64," for kind in ("png", "jpeg", "gif", "webp")
)

# What a renderer makes of `- [ ]`, and nothing else.
CHECKBOX = re.compile(
    r'<input class="task-list-item-checkbox" type="checkbox" disabled(?: checked)?/>'
)


class Page(HTMLParser):
    """Collects what could run or load in `alive`, and the structure in `shape`.

    `prose` is the text outside of code, in the pieces in which MathJax reads it: each
    ends at a tag, unless that is a line break.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.alive: list[str] = []
        self.shape: list[object] = []
        self.stack: list[str] = []
        self.prose = [""]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"br", "hr", "img"}:
            self.stack.append(tag)
        if tag != "br":
            self.prose.append("")
        if tag not in MARKDOWN_TAGS:
            self.alive.append(f"<{tag}>")
        for name, value in attrs:
            allowed = name in ATTRIBUTES.get(tag, set())
            allowed = allowed or (tag[0] == "h" and name == "id")
            if not allowed:
                self.alive.append(f"{tag} {name}={value}")
            if name == "style" and not STYLE.fullmatch(value or ""):
                self.alive.append(f"style {value}")
            if name == "href" and not _may_lead(value or ""):
                self.alive.append(f"href {value}")
            if name == "src" and not (value or "").startswith(DATA_IMAGES):
                self.alive.append(f"src {value}")
        if tag != "span":
            self.shape.append((tag, tuple(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.prose.append("")
        while self.stack and self.stack.pop() != tag:
            pass
        if tag != "span":
            self.shape.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if not {"code", "pre"} & set(self.stack):
            self.prose[-1] += data
        text = data if "pre" in self.stack else " ".join(data.split())
        if not text:
            return
        if self.shape and isinstance(self.shape[-1], str) and self.shape[-1][0] == "=":
            joined = f"{self.shape.pop()} {text}"
            self.shape.append(joined)
        else:
            self.shape.append(f"={text}")

    def handle_comment(self, data: str) -> None:
        self.alive.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.alive.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.alive.append(f"<?{data}>")


def _may_lead(href: str) -> bool:
    """Whether a link may have this target, read as a browser reads it."""
    url = "".join(c for c in href if c not in "\t\n\r").lstrip(
        "".join(map(chr, range(33)))
    )
    first = url.lower().replace("%3a", ":").split("/")[0].split("?")[0].split("#")[0]
    return ":" not in first or url.lower().startswith(SCHEMES)


def commonmark(markdown: str) -> str:
    """Return CommonMark with tables as HTML, with every tag active."""
    md = MarkdownIt("commonmark", {"html": True})
    md.enable(["table", "strikethrough"])
    md.validateLink = lambda _url: True  # type: ignore[method-assign]
    return md.render(markdown)


def nbconvert(markdown: str) -> str:
    """Return the page that nbconvert writes, with every tag active."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    html = str(MarkdownWithMath(renderer=renderer).render(markdown))
    return CHECKBOX.sub("", html)


RENDERERS = {"commonmark": commonmark, "nbconvert": nbconvert}
