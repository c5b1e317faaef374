"""An HTML page as a flat list of elements and texts, in time linear in its length.

Not the parser of the standard library: its older releases take quadratic time on
hostile pages (CVE-2025-6069), and it raises on a character reference with thousands of
digits. Nothing here recurses, and no step looks back further than the last.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from dataclasses import dataclass, field

__all__ = ["INLINE", "Element", "Page", "Text"]

_MOST = 200_000
"""Elements of a page that are read, and texts; the longest real one has 6,000."""

_DEEPEST = 300
"""Elements within each other; those further in count as beside each other."""

_LONGEST_TEXT = 2000
_ATTRIBUTES = 40

_EMPTY = "area base br col embed hr img input link meta param source track wbr"
_WITHIN_LINES = "abbr b code em font i label s small span strong sub sup u"

_VOID = frozenset(_EMPTY.split())
_RAW = frozenset(["script", "style", "svg", "template", "textarea", "title"])
"""Elements whose content is no markup, or none that is shown."""

INLINE = frozenset(_WITHIN_LINES.split())
"""Elements whose end tag ends no element around them that is not one of these."""

_CLOSES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "a": (("a",), ()),
    "p": (("p",), ("a", "article", "div", "li", "main", "section", "table", "td")),
    "li": (("li",), ("ul", "ol", "menu")),
    "tr": (("tr",), ("table",)),
    "td": (("td", "th"), ("tr", "table")),
    "th": (("td", "th"), ("tr", "table")),
    "option": (("option",), ("select",)),
}
"""Elements that end one before them if its end is not written, and within what."""

_MARKUP = re.compile(r"<(?=[a-zA-Z/!?])")
_TAG = re.compile(r"/?([a-zA-Z][^\s/>]{0,60})")
_NAME = re.compile(r"""[^\s"'>/=]{1,80}""")
_VALUE = re.compile(r"[^\s>]*")
_EQUALS = re.compile(r"\s*=\s*")
_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class Element:
    """An element; its texts are those of the page from `first` up to `last`."""

    tag: str
    attributes: dict[str, str]
    parent: int
    first: int
    last: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text without needless spaces, and the element it stands in."""

    words: str
    element: int


@dataclass(slots=True)
class Page:
    """A page: its elements in the order they begin, and its texts in theirs.

    Element 0 is the page itself. `cut` says that its end is missing, or that it is too
    long to be read whole.
    """

    elements: list[Element] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    title: str = ""
    cut: bool = False

    @classmethod
    def of(cls, source: str) -> Page:
        """Read a page, whatever is wrong with it."""
        reader = _Reader(source)
        reader.run()
        return reader.page


class _Reader:
    """One reading of a page."""

    def __init__(self, source: str) -> None:
        self.page = Page([Element("", {}, -1, 0)])
        self._source = source
        self._open = [0]
        # Where in `_open` the elements of a name are, and those that are not inline.
        self._places: dict[str, list[int]] = defaultdict(list)
        self._blocks: list[int] = [0]
        self._began = False
        self._over = False
        # What does not occur after this place need not be looked for again.
        self._missing: dict[str, int] = {}

    def run(self) -> None:
        source, place, page = self._source, 0, self.page
        while place < len(source):
            if max(len(page.elements), len(page.texts)) > _MOST:
                page.cut = True
                break
            opening = _MARKUP.search(source, place)
            end = opening.start() if opening else len(source)
            self._text(place, end)
            place = self._markup(end) if opening else end
        page.cut = page.cut or (self._began and not self._over)
        for index in self._open:
            page.elements[index].last = len(page.texts)

    def _text(self, begin: int, end: int) -> None:
        words = _plain(self._source[begin:end])
        if words:
            self.page.texts.append(Text(words, self._open[-1]))

    def _markup(self, opening: int) -> int:
        """Read what begins with `<`; returns where it ends."""
        source = self._source
        if source.startswith("<!--", opening):
            end = self._find("-->", opening + 4)
            return end + 3 if end >= 0 else len(source)
        if source.startswith(("<!", "<?"), opening):
            end = self._find(">", opening)
            return end + 1 if end >= 0 else len(source)
        tag = _TAG.match(source, opening + 1)
        if tag is None:
            return opening + 1
        name = tag[1].lower()
        if source[opening + 1] == "/":
            end = self._find(">", tag.end())
            self._close(name)
            return end + 1 if end >= 0 else len(source)
        attributes, end = self._attributes(tag.end())
        self._begin(name, attributes)
        # A slash at the end of a tag means nothing in HTML, but for what is of XML.
        if name in _VOID or (name == "svg" and source[end - 2 : end] == "/>"):
            self._end_to(len(self._open) - 1)
            return end
        return self._raw(name, end) if name in _RAW else end

    def _attributes(self, place: int) -> tuple[dict[str, str], int]:
        """Read the attributes of a tag; returns them and where the tag ends."""
        source = self._source
        attributes: dict[str, str] = {}
        while place < len(source):
            if source[place] == ">":
                return attributes, place + 1
            name = _NAME.match(source, place)
            if name is None:
                place += 1
                continue
            place, value = name.end(), ""
            equals = _EQUALS.match(source, place)
            if equals is not None:
                value, place = self._value(equals.end())
            if len(attributes) < _ATTRIBUTES:
                attributes.setdefault(name[0].lower(), value)
        return attributes, place

    def _value(self, place: int) -> tuple[str, int]:
        """Read the value of an attribute; returns it and where it ends."""
        quote = self._source[place : place + 1]
        end = self._find(quote, place + 1) if quote in ("'", '"') else -1
        if end >= 0:
            return _plain(self._source[place + 1 : end]), end + 1
        found = _VALUE.match(self._source, place)
        end = found.end() if found else place
        return _plain(self._source[place:end]), end

    def _raw(self, name: str, place: int) -> int:
        """Pass over what is no markup; returns where its end tag begins."""
        end = self._find(f"</{name}", place)
        if end < 0:
            end = self._find(f"</{name.upper()}", place)
        if end < 0:
            # A page that is cut within a script has no more to say.
            self.page.cut = True
            return len(self._source) if name in ("script", "style") else place
        if name == "title":
            self.page.title = self.page.title or _plain(self._source[place:end])
        return end

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._began = self._began or name == "html"
        if name in _CLOSES:
            names, bounds = _CLOSES[name]
            place = max(map(self._at, names))
            if place > max(map(self._at, bounds), default=0):
                self._end_to(place)
        if len(self._open) > _DEEPEST:
            self._end_to(len(self._open) - 1)
        texts = len(self.page.texts)
        self.page.elements.append(Element(name, attributes, self._open[-1], texts))
        self._places[name].append(len(self._open))
        if name not in INLINE:
            self._blocks.append(len(self._open))
        self._open.append(len(self.page.elements) - 1)

    def _close(self, name: str) -> None:
        """End the innermost element of a name, unless its end tag is a stray one."""
        self._over = self._over or name == "html"
        place = self._at(name)
        if place > 0 and not (name in INLINE and place < self._blocks[-1]):
            self._end_to(place)

    def _end_to(self, place: int) -> None:
        """End all open elements from a place in `_open` on."""
        while len(self._open) > place:
            element = self.page.elements[self._open.pop()]
            element.last = len(self.page.texts)
            self._places[element.tag].pop()
            if self._blocks[-1] == len(self._open):
                self._blocks.pop()

    def _at(self, name: str) -> int:
        places = self._places.get(name)
        return places[-1] if places else -1

    def _find(self, text: str, place: int) -> int:
        """Return where a text is next, -1 if nowhere; looks in vain only once."""
        if text in self._missing and place >= self._missing[text]:
            return -1
        found = self._source.find(text, place)
        if found < 0:
            self._missing[text] = place
        return found


def _plain(source: str) -> str:
    """Return a text as it is shown, on one line and not too long."""
    words = _SPACE.sub(" ", source).strip()[:_LONGEST_TEXT]
    return _SPACE.sub(" ", html.unescape(words)).strip() if "&" in words else words
