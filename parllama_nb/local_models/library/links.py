"""What the elements of the library's pages lead to: models, tags, further pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from .cards import hint_of
from .markup import Page

__all__ = ["SITE", "Key", "model_of", "next_page", "tag_of"]

SITE = "ollama.com"

Key = tuple[str, str, str]
"""Namespace, model and tag; the tag is "" for the model itself."""

_USER, _MODEL = r"\w[\w-]{0,79}", r"\w[\w.-]{0,79}"
_PATH = re.compile(rf"/({_USER})/({_MODEL})(?::({_MODEL}))?(?:/.*)?", re.ASCII)
_COMMAND = re.compile(
    rf"(?:ollama (?:run|pull) )?(?:({_USER})/)?({_MODEL}):({_MODEL})", re.ASCII
)
_NAME = re.compile(rf"(?:({_USER})/)?({_MODEL})", re.ASCII)

_PAGES = (
    "api assets blog connect docs download install models pricing public search "
    "settings static v2"
)
_NO_USERS = frozenset(_PAGES.split())
"""How paths begin that are of no user."""

_LINKS = ("href", "hx-get", "data-href", "data-url", "data-next")
_NEXT = re.compile(r"[?&]page=(\d{1,4})(?:&|$)")


def model_of(attributes: Mapping[str, str], site: str) -> Key | None:
    """Return the model that an element links to or is the title of, if any."""
    key = _linked(attributes, site)
    if key is None and "model-title" in hint_of(attributes):
        found = _NAME.fullmatch(attributes.get("title", ""))
        key = (found[1] or "library", found[2], "") if found else None
    return None if key is None else (key[0], key[1], "")


def tag_of(attributes: Mapping[str, str], site: str, namespace: str) -> Key | None:
    """Return the tag, or the model, that an element links to or is a command for.

    `namespace` is meant by a command that has none.
    """
    key = _linked(attributes, site)
    if key is None:
        found = _COMMAND.fullmatch(attributes.get("value", ""))
        key = (found[1] or namespace, found[2], found[3]) if found else None
    return key


def next_page(page: Page, number: int) -> int | None:
    """Return the number of the next page if there is a link to it."""
    for element in page.elements:
        for name in _LINKS:
            found = _NEXT.search(element.attributes.get(name, ""))
            if found and int(found[1]) == number + 1:
                return number + 1
    return None


def _linked(attributes: Mapping[str, str], site: str) -> Key | None:
    for name in _LINKS:
        link = attributes.get(name)
        if not link:
            continue
        try:
            parts = urlsplit(link)
        except ValueError:
            continue
        if parts.netloc.lower() not in ("", site, SITE, f"www.{SITE}"):
            continue
        found = _PATH.fullmatch(unquote(parts.path))
        if found and found[1].lower() not in _NO_USERS:
            return found[1], found[2], found[3] or ""
    return None
