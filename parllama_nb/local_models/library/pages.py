"""Reads the pages of the public library: a list of models, and the tags of one.

There is no API for them, and the pages were drawn anew several times: in July 2026 the
attributes `x-test-...` went, by which most programs had read them. So models and tags
are known by their links, `/library/MODEL:TAG` and `/USER/MODEL`, and all else by how
the phrases near them look; such attributes are used where there are any, classes never.
What could not be read is counted, and named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ...errors import InvalidResponseError
from ...providers.ollama.names import ModelName, is_cloud
from .cards import cards_of
from .entries import LibraryModel, LibraryTag, Reading
from .facts import labels_come_first, model_in, tag_in
from .links import SITE, Key, model_of, next_page, tag_of
from .markup import Page
from .phrases import count_of, labelled

__all__ = ["read_models", "read_tags"]

T = TypeVar("T")

_NONE = re.compile(r"no (models|results|matches)\b.{0,40}", re.IGNORECASE)

_OFTEN = 20
"""Models of which none has any size, or any capability, before that is strange."""


def read_models(
    source: str, *, site: str = SITE, page: int = 1
) -> Reading[LibraryModel]:
    """Read a list of models: the library, a user's models, or what a search found.

    Args:
        source: the page, or a part of it.
        site: the host that it is of.
        page: its number, where a list is spread over several.

    Raises:
        InvalidResponseError: it lists no model, and does not say that there is none.

    """
    document = Page.of(source)

    def key_of(attributes: Mapping[str, str]) -> Key | None:
        return model_of(attributes, site)

    cards = cards_of(document, key_of)
    first = labels_come_first(cards.values())
    found = [
        model_in(card, key, document, site, labels_first=first)
        for key, card in cards.items()
    ]
    # Other pages have links of this form, too: an article of the blog, perhaps.
    models = [each for each in found if each.namespace == "library" or _is_known(each)]
    if not models and not _says_none(document):
        raise _unreadable(document, source, site, "models")
    unread = [
        *_unread("descriptions", models, lambda each: bool(each.description)),
        *_unread("numbers of pulls", models, lambda each: each.pulls is not None),
        *_unread("numbers of tags", models, lambda each: each.tags is not None),
        *_unread("times of updates", models, lambda each: bool(each.updated)),
    ]
    if len(models) >= _OFTEN:
        if not any(each.sizes for each in models):
            unread.append("any sizes")
        if not any(each.capabilities for each in models):
            unread.append("any capabilities")
    return Reading(tuple(models), (*unread, *_cut(document)), next_page(document, page))


def read_tags(source: str, name: ModelName, *, site: str = SITE) -> Reading[LibraryTag]:
    """Read the tags of a model.

    Args:
        source: the page.
        name: the model; tags of others are left out.
        site: the host that the page is of.

    Raises:
        InvalidResponseError: it has no tag of the model.

    """
    document = Page.of(source)
    wanted = (name.namespace.lower(), name.model.lower())

    def key_of(attributes: Mapping[str, str]) -> Key | None:
        return tag_of(attributes, site, wanted[0])

    cards = {
        key: card
        for key, card in cards_of(document, key_of).items()
        if key[2] and (key[0].lower(), key[1].lower()) == wanted
    }
    if not cards:
        raise _unreadable(document, source, site, f"tags of {name.model}")
    tags = [tag_in(card, name.with_tag(key[2])) for key, card in cards.items()]
    latest = {tag.digest for tag in tags if tag.name.endswith(":latest")} - {""}
    tags = [replace(t, is_latest=True) if t.digest in latest else t for t in tags]
    local = [tag for tag in tags if not is_cloud(tag.name)]
    unread = [
        *_unread("sizes", local, lambda each: each.size is not None),
        *_unread("digests", tags, lambda each: bool(each.digest)),
        *_unread("context windows", tags, lambda each: each.context is not None),
        *_unread("kinds of input", tags, lambda each: bool(each.inputs)),
        *_unread("times of updates", tags, lambda each: bool(each.updated)),
    ]
    missing = _announced(document) - len(tags)
    if missing > 0:
        unread.insert(0, f"{missing} more tags")
    return Reading(tuple(tags), (*unread, *_cut(document)))


def _is_known(model: LibraryModel) -> bool:
    counted = (model.pulls, model.tags) != (None, None)
    return bool(counted or model.sizes or model.capabilities)


def _announced(page: Page) -> int:
    """Return how many tags a page says that it lists, 0 if it does not."""
    found = (labelled(text.words) for text in page.texts)
    counts = (count_of(value) for label, value in found if label in ("models", "tags"))
    return max(filter(None, counts), default=0)


def _says_none(page: Page) -> bool:
    """Whether a page says that there is no model, and not only might."""
    return any(
        _NONE.fullmatch(text.words)
        and "hidden" not in page.elements[text.element].attributes
        and "hidden" not in page.elements[text.element].attributes.get("class", "")
        for text in page.texts
    )


def _unread(
    what: str, entries: Sequence[T], is_read: Callable[[T], bool]
) -> Iterable[str]:
    """Say of how many entries something could not be read; nothing if of all."""
    missing = sum(not is_read(entry) for entry in entries)
    if missing:
        yield f"{what} ({missing} of {len(entries)})"


def _cut(page: Page) -> Iterable[str]:
    if page.cut:
        yield "what comes after its end, for it is cut off"


def _unreadable(page: Page, source: str, site: str, what: str) -> InvalidResponseError:
    """Return the error for a page on which nothing could be read."""
    title = f", titled {page.title[:60]!r}" if page.title else ""
    if "ollama" not in source.lower():
        return InvalidResponseError(
            f"{site} answered with a page that is not Ollama's{title}.",
            hint="A proxy or the login page of a network may stand before it; "
            f"open https://{site} in a browser.",
        )
    return InvalidResponseError(
        f"{site} answered with a page without {what} that can be read{title}.",
        hint="The site may have changed: `%pip install -U parllama_nb`. "
        "A model whose name is known can be pulled all the same.",
    )
