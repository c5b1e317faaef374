"""What a card of the library's pages says of a model or a tag, by its phrases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from ...providers.ollama.names import ModelName
from .cards import Card, Phrase
from .entries import LibraryModel, LibraryTag
from .links import Key
from .markup import Page
from .phrases import (
    CAPABILITIES,
    age_of,
    bytes_of,
    count_of,
    digest_of,
    inputs_of,
    label_of,
    labelled,
    parameters_of,
    tokens_of,
)

__all__ = ["labels_come_first", "model_in", "tag_in"]

T = TypeVar("T")

_SHORTEST = 20
"""Characters of a description of a single word."""

_LONGEST = 1000
_WORD = re.compile(r"[a-z][a-z0-9 _-]{1,30}")

_PROSE = ("p", "blockquote", "dd")
"""Elements whose facts are but words of their sentences."""


def labels_come_first(cards: Iterable[Card]) -> bool | None:
    """Whether "Tags" stands before its number or after it; None if both may be.

    In "9 Pulls 4 Tags" the 4 stands beside both: all cards of a page have to agree.
    """
    first = last = 0
    for card in cards:
        for one, other in pairwise(card.phrases):
            first += _is_counted(one) and _is_count(other)
            last += _is_count(one) and _is_counted(other)
    return None if first == last else first > last


def model_in(
    card: Card, key: Key, page: Page, site: str, *, labels_first: bool | None
) -> LibraryModel:
    """Return what a card says of a model."""
    namespace, model, _ = key
    description, prose = _description(card, page, {model, f"{namespace}/{model}"})
    phrases = [each for each in card.phrases if each.paragraph != prose]
    values = _labelled_values(phrases, labels_first=labels_first)
    capabilities: dict[str, None] = {}
    sizes: dict[str, None] = {}
    counts: list[int] = []
    for phrase in phrases:
        word, size = phrase.words.lower(), parameters_of(phrase.words)
        if phrase.heading or phrase.words == model:
            continue
        if word in CAPABILITIES or (
            "capability" in phrase.hint and _WORD.fullmatch(word)
        ):
            capabilities[word] = None
        elif size:
            sizes[size] = None
        elif phrase.words[-1] in "KM":
            counts += filter(None, [count_of(phrase.words)])
    pulls = count_of(values.get("pulls", ""))
    if pulls is None and counts:
        # A rounded count without a word beside it can only be this one.
        pulls = counts[0]
    return LibraryModel(
        namespace,
        model,
        _shown(description),
        tuple(capabilities),
        tuple(sizes),
        pulls,
        count_of(values.get("tags", "")),
        _shown(values.get("updated", "")) or _age(card),
        f"https://{site}/{namespace}/{model}",
    )


def tag_in(card: Card, name: ModelName) -> LibraryTag:
    """Return what a card says of a tag."""
    words = [each.words for each in card.phrases if each.words != name.tag]
    named = (tokens_of(word, named=True) for word in words)
    bare = (tokens_of(word, named=False) for word in words)
    values = _labelled_values(card.phrases)
    return LibraryTag(
        name.shortest,
        _first(map(digest_of, words)) or "",
        _first(map(bytes_of, words)),
        _first(named) or _first(bare),
        _first(map(inputs_of, words)) or (),
        _shown(values.get("updated", "")) or _age(card),
        "latest" in (word.lower() for word in words),
    )


def _labelled_values(
    phrases: Sequence[Phrase], *, labels_first: bool | None = None
) -> dict[str, str]:
    """Return the values whose meaning a hint or a label says."""
    values: dict[str, str] = {}
    for phrase in phrases:
        label, value = labelled(phrase.words)
        if label:
            values.setdefault(label, value)
        elif _hinted(phrase.hint):
            values.setdefault(_hinted(phrase.hint), phrase.words)
    for one, other in pairwise(phrases):
        mark, number = (one, other) if labels_first else (other, one)
        if labels_first is not None and _is_counted(mark) and _is_count(number):
            values.setdefault(label_of(mark.words), number.words)
    return {
        kind: value
        for kind, value in values.items()
        if kind == "updated" or count_of(value) is not None
    }


def _is_counted(phrase: Phrase) -> bool:
    return label_of(phrase.words) in ("pulls", "tags")


def _is_count(phrase: Phrase) -> bool:
    return count_of(phrase.words) is not None and not parameters_of(phrase.words)


def _hinted(hint: str) -> str:
    """Return what a page's own name of a value means; "" if it is another."""
    if "count" in hint or "pulls" in hint:
        return "pulls" if "pull" in hint else "tags" if "tag" in hint else ""
    return "updated" if "updated" in hint else ""


def _description(card: Card, page: Page, names: set[str]) -> tuple[str, int]:
    """Return the longest prose of a card, and the paragraph it fills, -1 if it shares.

    Prose is what no heading, hint or pattern says the meaning of.
    """
    facts = {each.paragraph for each in card.phrases if _is_fact(each)}
    lengths: Counter[tuple[int, int]] = Counter()
    texts: dict[tuple[int, int], dict[int, None]] = {}
    for phrase in card.phrases:
        paragraph = phrase.paragraph
        fills = paragraph not in facts or page.elements[paragraph].tag in _PROSE
        place = (paragraph, -1) if fills else (-1, phrase.text)
        texts.setdefault(place, {})[phrase.text] = None
        if not (phrase.heading or _is_fact(phrase) or phrase.words in names):
            lengths[place] += len(phrase.words)
    found = {
        place: " ".join(page.texts[index].words for index in texts[place])
        for place in lengths
    }
    long = {
        place: words
        for place, words in found.items()
        if " " in words or len(words) >= _SHORTEST
    }
    if not long:
        return "", -1
    best = max(long, key=lengths.__getitem__)
    return long[best], best[0]


def _is_fact(phrase: Phrase) -> bool:
    """Whether a phrase is one of those that stand beside a description."""
    words = phrase.words
    return bool(
        phrase.hint
        or label_of(words)
        or labelled(words)[0]
        or age_of(words)
        or parameters_of(words)
        or count_of(words) is not None
        or words.lower() in CAPABILITIES
    )


def _age(card: Card) -> str:
    """Return when a thing was updated: a text says it, or else an attribute."""
    words = (phrase.words for phrase in card.phrases)
    return _first(map(age_of, words)) or _first(map(age_of, card.asides)) or ""


def _shown(words: str) -> str:
    """Return a text of a page without characters that nobody sees, not too long."""
    return " ".join("".join(filter(str.isprintable, words[:_LONGEST])).split())


def _first(values: Iterable[T | None]) -> T | None:
    """Return the first value that is any."""
    return next(filter(None, values), None)
