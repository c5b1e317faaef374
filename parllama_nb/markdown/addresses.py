"""Addresses: those that stand in a text without any mark, and where a link may lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .scripts import in_word

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

__all__ = ["BARE", "DATA_IMAGE", "install", "link_target", "safe_url"]

# The `markup` of the tokens of an address without any mark.
BARE = "bare"

# Characters. A longer URL hides where it leads.
_LONGEST_URL = 4000
DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+\Z")
_BALANCED = re.compile(r"[^()]*(?:\([^()]*\)[^()]*)*\Z")

# Characters. Words of a text are shorter, and so is the time that looking takes.
_LONGEST_BARE = 2000
_BEGINNING = r"(?:https?://|www\.)"
# A full-width sign ends an address, and so does what may begin bold text after it.
_ADDRESS = re.compile(
    rf"{_BEGINNING}(?=[^\W_])(?:(?!\*\*|~~)[^\s<>`|\"\\\u2018-\u201f\u2026"
    r"\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65])"
    rf"{{1,{_LONGEST_BARE}}}",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\[[^\[\]]*\]|[\[\]]")
# Arabic has signs of its own, and so has Hindi.
_TRAILING = re.compile(
    r"(?:[?!.,:;*_~'\u060c\u061b\u061f\u06d4\u0964]|&[a-z\d]+;)+\Z", re.IGNORECASE
)
_NO_MORE = re.compile(rf"{_BEGINNING}\Z", re.IGNORECASE)
# Where the parser's rules have to look; all else is text.
_RULED = re.compile(
    rf"[\n!#$%&*+\-:<=>@\[\\\]^_`{{}}~]|(?P<address>{_BEGINNING})", re.IGNORECASE
)


def install(md: MarkdownIt) -> None:
    """Let a parser find addresses; their `link_open` has the markup `BARE`."""
    md.inline.ruler.before("text", "address", _address_rule)
    md.inline.ruler.at("text", _text_rule)
    md.validateLink = safe_url  # type: ignore[method-assign]


def safe_url(url: str) -> bool:
    """Whether a link may have this target: http, https, mailto or relative."""
    if DATA_IMAGE.match(url):
        return True
    # Decoded, because some front ends decode a relative link before they follow it.
    first = unquote(re.split(r"[/?#]", url, maxsplit=1)[0])
    scheme, colon, _ = first.partition(":")
    # No entities in it either, because nbconvert's parser decodes them twice.
    relative = not colon and "&" not in first
    allowed = relative or scheme.lower() in {"http", "https", "mailto"}
    return len(url) <= _LONGEST_URL and allowed


def link_target(url: str) -> str:
    """Return a URL as it stands in the parentheses of a link."""
    url = re.sub(r"[$*\\`<>\[\]{}|\"\s]", lambda m: f"%{ord(m[0]):02X}", url)
    if not _BALANCED.match(url):
        url = url.replace("(", "%28").replace(")", "%29")
    return re.sub(r"&(?=#?\w)", "&amp;", url)


def _closed(address: str) -> str:
    """Return the address up to a bracket that it has not opened, or does not close."""
    for match in _BRACKETS.finditer(address):
        if match.end() - match.start() == 1:
            return address[: match.start()]
    return address


def _address_end(text: str, at: int) -> int:
    """Return where the address that begins at `at` ends, or -1."""
    match = _ADDRESS.match(text, at)
    before = text[at - 1 : at] if at else ""
    if not match or in_word(before) or before == "_":
        return -1
    if match.end() - match.start() >= _LONGEST_BARE:
        return -1
    found, length = _closed(match[0]), -1
    while length != len(found):
        length = len(found)
        found = _TRAILING.sub("", found)
        if found.endswith(")") and found.count(")") > found.count("("):
            found = found[:-1]
    return -1 if _NO_MORE.match(found) else at + len(found)


def _address_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - its API
    if state.linkLevel or state.src[state.pos] not in "hHwW":
        return False
    end = _address_end(state.src, state.pos)
    if end < 0:
        return False
    from markdown_it.common.utils import unescapeAll  # noqa: PLC0415 - as in `sanitize`

    shown = unescapeAll(state.src[state.pos : end])
    url = f"http://{shown}" if shown[0] in "wW" else shown
    url = state.md.normalizeLink(url)
    if not safe_url(url):
        return False
    if not silent:
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": url}
        opening.markup = BARE
        state.push("text", "", 0).content = shown
        state.push("link_close", "a", -1).markup = BARE
    state.pos = end
    return True


def _text_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - its API
    """Skip what no rule has to look at."""
    match = _RULED.search(state.src, state.pos, state.posMax)
    if match and match.start() == state.pos and match["address"]:
        # It has been looked at, and is none.
        match = _RULED.search(state.src, match.end(), state.posMax)
    end = match.start() if match else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True
