"""The public library of models: browsed, searched, and asked for sizes and updates.

Nothing is asked before a user does. Lists are kept for a day; where a new one cannot be
had, the kept one is given with its age and the reason.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from ...errors import (
    InvalidResponseError,
    ModelNotFoundError,
    ParllamaError,
    ProviderError,
    UsageError,
)
from ...fuzzy import near
from ...paths import directory
from ...providers.ollama.names import REGISTRY, ModelName
from ...providers.single_flight import Shared
from ...secret import Redactor
from .entries import Fetched, LibraryModel, LibraryTag, Reading
from .kept import KeptLists
from .links import SITE
from .pages import read_models, read_tags
from .registry import Manifest, Update, fetch_manifest
from .searching import fitting
from .web import Web, parts_of

__all__ = ["ADDRESS_VARIABLE", "PublicLibrary", "Sort"]

T = TypeVar("T")

Sort = Literal["popular", "newest"]

ADDRESS_VARIABLE = "OLLAMA_DOT_COM_URL"
"""The variable by which Ollama's own app is given another address of the site."""

_DAY = 24 * 3600.0
_PAUSE = 60.0
"""Seconds after a failure in which the site is only asked if the user says so."""

_LARGEST = 10 << 20
"""Bytes of a page; the list of the whole library has some 600,000."""

_PAGES = 10
"""Pages of one list that are read at most."""

_LABEL = "The model library"
_NAMESPACE = re.compile(r"\w[\w-]{0,79}", re.ASCII)


class PublicLibrary:
    """The library at ollama.com, and the registries of models. On one event loop."""

    def __init__(  # noqa: PLR0913 - what may be another in a test
        self,
        redact: Redactor,
        *,
        base_url: str | None = None,
        mirrors: Mapping[str, str] | None = None,
        folder: Callable[[], Path] | None = None,
        now: Callable[[], float] = time.time,
        limit: float = 20.0,
    ) -> None:
        """Make the library; asks nothing.

        Args:
            redact: removes known secrets from a text.
            base_url: the site; None for that of the environment, else ollama.com.
            mirrors: addresses to ask instead of registries, by their hosts.
            folder: returns the directory for what is kept.
            now: returns seconds since the epoch.
            limit: how many seconds a request may take.

        """
        given = base_url or os.environ.get(ADDRESS_VARIABLE) or f"https://{SITE}"
        parts = parts_of(given.rstrip("/"))
        # No name and password go to a public site.
        self._site = parts.netloc.rpartition("@")[2].lower()
        self._base = parts._replace(netloc=self._site).geturl()
        self._mirrors = mirrors or {}
        self._now = now
        self._web = Web(redact, limit=limit)
        place = folder or (lambda: directory("cache") / "library")
        self._models = KeptLists(LibraryModel, place)
        self._tags = KeptLists(LibraryTag, place)
        self._running: Shared[Fetched[Any]] = Shared()
        # When a list could not be had, why, and what to do.
        self._failed: dict[str, tuple[float, str, str]] = {}

    async def search(
        self,
        query: str = "",
        *,
        capability: str | None = None,
        namespace: str = "library",
        sort: Sort = "popular",
        refresh: bool = False,
    ) -> Fetched[LibraryModel]:
        """Return models of the library, the best fitting first.

        Args:
            query: words that are in a model's name or description; "" for all models.
            capability: what it has to be capable of, as "vision".
            namespace: whose models: "library" for the official ones, a user's name, or
                "" for those of all users, which the site searches itself.
            sort: the order of models that fit equally well.
            refresh: ask the site even if its list is not a day old.

        Raises:
            UsageError: the namespace is not one.
            ModelNotFoundError: there is no such user.
            ProviderError: the site gave no list, and none is kept.

        """
        query = " ".join(query.split())
        if namespace:
            if not _NAMESPACE.fullmatch(namespace):
                text = f"{namespace!r} is not the name of a user of {SITE}."
                raise UsageError(text, hint="The official models are in `library`.")
            path = f"/{namespace}?{urlencode({'sort': sort})}"
        else:
            asked = {"q": query, "c": capability or "", "o": sort}
            path = f"/search?{urlencode({k: v for k, v in asked.items() if v})}"
        found = await self._fetched(
            self._models, path, lambda: self._list(path), refresh=refresh
        )
        if not namespace:
            return found
        return found.with_entries(fitting(found.entries, query, capability))

    async def tags(
        self, name: str | ModelName, *, refresh: bool = False
    ) -> Fetched[LibraryTag]:
        """Return the tags of a model, in the order of its page.

        Raises:
            UsageError: it is not the name of a model, or of one of another registry.
            ModelNotFoundError: the library has no such model.
            ProviderError: the site gave no list, and none is kept.

        """
        name = ModelName.parse(name) if isinstance(name, str) else name
        if not name.is_listed:
            text = f"{name.host} has no list of tags."
            raise UsageError(text, hint=f"Only models of {SITE} have one.")
        # The official ones are all in lower case, whatever a user has typed.
        official = name.namespace.lower() == "library"
        path = name.repository.lower() if official else name.repository
        path = f"/{quote(path)}/tags"
        return await self._fetched(
            self._tags, path, lambda: self._list_tags(path, name), refresh=refresh
        )

    async def manifest(self, name: str | ModelName) -> Manifest:
        """Return what a model consists of in its registry.

        Raises:
            UsageError: it is not the name of a model.
            ModelNotFoundError: the registry does not have it; the hint names near ones.
            ProviderError: the registry could not be asked.

        """
        name = ModelName.parse(name) if isinstance(name, str) else name
        try:
            return await fetch_manifest(self._web, name, mirrors=self._mirrors)
        except ModelNotFoundError as error:
            missing = error
        if name.host.lower() == REGISTRY:
            missing.hint = await self._near(name) or missing.hint
        raise missing

    async def update(self, name: str | ModelName, digest: str) -> Update:
        """Compare a model on a server, by the digest it lists, with its registry's.

        Raises:
            ModelNotFoundError: the registry does not have it, as it has none that was
                made here and not pushed.
            ProviderError: the registry could not be asked.

        """
        name = ModelName.parse(name) if isinstance(name, str) else name
        # Not by `manifest`: who checks all models wants no near names of each.
        manifest = await fetch_manifest(self._web, name, mirrors=self._mirrors)
        return Update(name, digest, manifest)

    async def aclose(self) -> None:
        """End what is under way, and all connections."""
        await self._running.aclose()
        await self._web.aclose()

    async def _fetched(
        self,
        kept: KeptLists[T],
        path: str,
        fetch: Callable[[], Awaitable[Reading[T]]],
        *,
        refresh: bool,
    ) -> Fetched[T]:
        """Return a list: a kept one that is fresh, else a new one, else any kept."""
        key = f"{self._base}{path}"
        old = await asyncio.to_thread(kept.read, key)
        if old is not None and not refresh:
            if 0 <= self._now() - old.fetched < _DAY:
                return old
            when, failure, hint = self._failed.get(key, (0.0, "", ""))
            if 0 <= self._now() - when < _PAUSE:
                return replace(old, failure=failure, hint=hint)

        async def renew(_: object) -> Fetched[T]:
            reading = await fetch()
            found = Fetched(reading.entries, self._now(), reading.unread)
            await asyncio.to_thread(kept.write, key, found)
            return found

        try:
            return await self._running.run(key, renew, _silently)
        except ModelNotFoundError:
            raise
        except ParllamaError as error:
            if old is None:
                raise
            failure, hint = error.message, error.hint or ""
        self._failed[key] = (self._now(), failure, hint)
        return replace(old, failure=failure, hint=hint)

    async def _list(self, path: str) -> Reading[LibraryModel]:
        """Read a list of models, on as many pages as it has."""
        found: dict[str, LibraryModel] = {}
        unread: list[str] = []
        failure: ProviderError | None = None
        page: int | None = 1
        while page is not None and page <= _PAGES:
            url = path if page == 1 else f"{path}&page={page}"
            try:
                source = await self._page(url)
                reading = await asyncio.to_thread(
                    read_models, source, site=self._site, page=page
                )
            except ProviderError as error:
                failure = error
                break
            before = len(found)
            for model in reading.entries:
                found.setdefault(model.name.lower(), model)
            unread += reading.unread
            # A site that gives the same page under every number has no next one.
            page = reading.next_page if len(found) > before else None
        if failure is None or page != 1:
            if page is not None:
                reason = f" ({failure.message})" if failure else ""
                unread.append(f"the models from page {page} on{reason}")
            return Reading(tuple(found.values()), tuple(dict.fromkeys(unread)))
        user = urlsplit(path).path.strip("/")
        if failure.status != HTTPStatus.NOT_FOUND:
            raise failure
        if user not in ("library", "search"):
            text = f"{_LABEL} has no user {user!r}."
            raise ModelNotFoundError(text)
        text = f"{_LABEL}: {self._site} has no page /{user} (404)."
        hint = "The site has changed, or is another; names can be pulled all the same."
        raise InvalidResponseError(text, hint=hint, status=failure.status)

    async def _list_tags(self, path: str, name: ModelName) -> Reading[LibraryTag]:
        failure: ProviderError
        try:
            source = await self._page(path)
            return await asyncio.to_thread(read_tags, source, name, site=self._site)
        except ProviderError as error:
            failure = error
        if failure.status == HTTPStatus.NOT_FOUND:
            text = f"{_LABEL} has no model {name.without_tag!r}."
            hint = await self._near_models(name)
            failure = ModelNotFoundError(text, hint=hint, status=failure.status)
        raise failure

    async def _page(self, path: str) -> str:
        url = f"{self._base}{path}"
        answer = await self._web.get(
            url, label=_LABEL, accept="text/html", largest=_LARGEST
        )
        return answer.text

    async def _near(self, name: ModelName) -> str | None:
        """Say which tags, or else which models, somebody may have meant."""
        try:
            found = await self.tags(name)
        except ModelNotFoundError as error:
            return error.hint
        except ParllamaError:
            return None
        names = [tag.name for tag in found.entries]
        meant = near(name.shortest, names, n=5) or names[:5]
        return f"It has {', '.join(meant)}, ..." if meant else None

    async def _near_models(self, name: ModelName) -> str | None:
        try:
            listed = await self.search()
        except ParllamaError:
            return None
        meant = near(name.model, [model.name for model in listed.entries])
        return f"Near it: {', '.join(meant)}." if meant else None


def _silently(_: object) -> None:
    """Take a progress that nobody shows: a page is there at once."""
