"""The parts of a page that are each about one thing: cards, rows, list items.

A page says by its links what it is about. A card is the largest part of the page whose
links all lead to the same thing, whatever elements it is made of and whatever their
classes are; so a page that was drawn anew is still read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from .markup import INLINE, Page
from .phrases import phrases_of

__all__ = ["Card", "Phrase", "cards_of", "hint_of"]

Key = TypeVar("Key", bound=Hashable)

_NAMES = "html head body main header footer nav aside form ul ol menu table thead tbody"

_AROUND = frozenset(["", *_NAMES.split()])
"""Elements that hold cards and are none."""

_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "summary"])

_HINT = re.compile(r"x-test-([a-z-]{1,40})")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a card: its words, the page's own name of it, and where it stands.

    `hint` is "pull-count" or such, "" without one. `text` is the whole text that it is
    of, and `paragraph` the element of that text's paragraph; `heading` says that it is
    in a heading.
    """

    words: str
    hint: str
    text: int
    paragraph: int
    heading: bool


@dataclass(slots=True)
class Card:
    """All that a page says about one thing, in order.

    `asides` are the texts of attributes, which may say what no text does.
    """

    phrases: list[Phrase] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)


def cards_of(
    page: Page, key_of: Callable[[Mapping[str, str]], Key | None]
) -> dict[Key, Card]:
    """Return the cards of a page by what they are about, in the order of the page.

    `key_of` tells from an element's attributes what it leads to, None if to nothing.
    Takes time linear in the length of the page.
    """
    elements = page.elements
    many = object()
    keys: list[object] = [key_of(each.attributes) for each in elements]
    ends = list(range(1, len(elements) + 1))
    # Whoever is within another comes after it, so this meets the inner ones first.
    for index in range(len(elements) - 1, 0, -1):
        parent = elements[index].parent
        ends[parent] = max(ends[parent], ends[index])
        if keys[index] is not None:
            known = keys[parent]
            same = known is None or known == keys[index]
            keys[parent] = keys[index] if same else many
    places = _places(page)
    cards: dict[Key, Card] = {}
    index = 0
    while index < len(elements):
        key = keys[index]
        if key is None:
            index = ends[index]
        elif key is many or elements[index].tag in _AROUND:
            index += 1
        else:
            card = cards.setdefault(key, Card())  # type: ignore[arg-type]
            _fill(card, page, places, slice(index, ends[index]))
            index = ends[index]
    return cards


def _places(page: Page) -> list[tuple[int, bool]]:
    """Return of each element which paragraph it is of, and if it is in a heading."""
    places = [(0, False)]
    for index, element in enumerate(page.elements[1:], 1):
        paragraph, heading = places[element.parent]
        if element.tag not in INLINE:
            paragraph = index
        places.append((paragraph, heading or element.tag in _HEADINGS))
    return places


def _fill(
    card: Card, page: Page, places: list[tuple[int, bool]], within: slice
) -> None:
    """Add what some elements say, of which the first holds the others."""
    for element in page.elements[within]:
        given = (element.attributes.get(name, "") for name in ("datetime", "title"))
        card.asides += filter(None, given)
    root = page.elements[within.start]
    for index in range(root.first, root.last):
        text = page.texts[index]
        hint = hint_of(page.elements[text.element].attributes)
        paragraph, heading = places[text.element]
        card.phrases += (
            Phrase(words, hint, index, paragraph, heading)
            for words in phrases_of(text.words)
        )


def hint_of(attributes: Mapping[str, str]) -> str:
    """Return the page's own name of what an element holds; "" without one."""
    for name, value in attributes.items():
        found = _HINT.fullmatch(name)
        if found:
            return found[1]
        if name in ("data-testid", "data-test", "itemprop"):
            return value.lower().replace("_", "-")[:40]
    return ""
