"""Reads Fabric's patterns: from its own archive on the web, another, or a folder."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from ....errors import (
    ConnectionFailedError,
    InvalidResponseError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
    UsageError,
)
from ....providers.single_flight import in_thread
from ....surrogates import without_surrogates
from ...library.prompt import Prompt
from ..download import Downloader
from ..download_errors import disk_error
from ..files import place, reason_of
from ..kept_archives import Kept, KeptArchive
from ..source import Found, Problem, PromptSource, Report, SourceContext
from ..steps import Steps
from ..zip_files.archive import Limits, is_zip, opened
from .layout import PATTERN_FILES
from .patterns import SOURCE, pattern_texts
from .reading import prompts_of, texts_in_archive, texts_in_folder

__all__ = ["ADDRESS", "FabricSource"]

ADDRESS = "https://github.com/danielmiessler/fabric/archive/refs/heads/main.zip"

_LOCAL = "Or name a local zip: %parllama prompts import fabric FILE.zip"
_AGAIN = "Download it anew, or name a folder of patterns."
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

_REPOSITORY = re.compile(
    r"\A(https://github\.com/[\w.-]{1,100}/[\w.-]{1,100}?)(?:\.git)?/?\Z"
)
"""The page of a repository, which stands for the archive of its files."""

_DOWNLOADED, _EXTRACTED, _CACHED, _PARSED = 30, 50, 60, 90
"""Percent of the whole work at the end of each phase; the rest is importing."""

_UNREACHABLE = (
    ConnectionFailedError,
    InvalidResponseError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
)
"""After these errors what is kept is used: the next try may succeed."""


class FabricSource(PromptSource):
    """Fabric's patterns.

    Without a location, or for an address, the server is asked whether it has another
    version than the one that is kept; what is kept is used if it has not, or if it
    cannot be reached (`Found.from_cache` is then when that was fetched). With `refresh`
    it is downloaded in any case, and a server that cannot be reached is an error.

    `address` is where a reading without a location asks; `stall` is how many seconds a
    server may be silent.
    """

    name: ClassVar[str] = SOURCE
    title: ClassVar[str] = "Fabric"
    location: ClassVar[str] = "a zip archive (an address or a file) or a folder"
    needs_location: ClassVar[bool] = False
    writes: ClassVar[bool] = True

    def __init__(
        self,
        address: str = ADDRESS,
        *,
        limits: Limits | None = None,
        stall: float = 30.0,
    ) -> None:
        self._address = address
        self._limits = limits or Limits()
        self._stall = stall

    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        """Return the patterns at a location; see `PromptSource.read`."""
        steps = Steps(report)
        where = (location or "").strip() or self._address
        where = _REPOSITORY.sub(r"\1/archive/HEAD.zip", where)
        if _SCHEME.match(where):
            found = await self._from_address(where, steps, context, refresh=refresh)
        else:
            found = await _in_thread(partial(self._from_path, where, steps))

        def line(text: str) -> str:
            return " ".join(context.redact(without_surrogates(text)).split())

        problems = tuple(
            Problem(line(each.where), line(each.what)) for each in found.problems
        )
        return replace(found, problems=problems, origin=line(found.origin))

    def write(self, prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
        """Return prompts as patterns: NAME/system.md and, if need be, NAME/user.md.

        Raises:
            UsageError: a prompt is no pattern, for it has no system prompt or a
                conversation.

        """
        return pattern_texts(prompts)

    async def _from_address(
        self, url: str, steps: Steps, context: SourceContext, *, refresh: bool
    ) -> Found:
        folder = await asyncio.to_thread(context.cache_dir) / "prompts"
        archive = KeptArchive(folder, self.name, url)
        kept = None if refresh else await asyncio.to_thread(archive.get)
        failure: ProviderError | None = None
        found: Found | None = None
        try:
            found = await self._downloaded(url, archive, kept, steps)
        except _UNREACHABLE as error:
            if kept is None:
                raise
            failure = error
        if found is not None or kept is None:
            return found or Found(())
        try:
            found = await _in_thread(
                partial(self._from_archive, archive.path, _shown(url), steps)
            )
        except UsageError:
            # Damaged on disk: it is fetched anew, if that can be.
            await asyncio.to_thread(archive.forget)
            if failure is not None:
                raise failure from None
            return await self._downloaded(url, archive, None, steps) or Found(())
        return found if failure is None else replace(found, from_cache=kept.fetched)

    async def _downloaded(
        self, url: str, archive: KeptArchive, kept: Kept | None, steps: Steps
    ) -> Found | None:
        """Download an archive, keep it and read it; None if `kept` is still current."""
        steps.begin("Downloading", 0, _DOWNLOADED, "bytes")
        downloader = Downloader(
            self.title, hint=_LOCAL, largest=self._limits.archive, stall=self._stall
        )
        try:
            with archive.coming() as part:
                version = await downloader.fetch(
                    url, part, kept.version if kept else None, is_zip, steps.show
                )
                if version is None:
                    return None
                keep = partial(archive.keep, part, version)
                # Until the thread has ended, the file is not deleted below it.
                return await in_thread(
                    partial(self._from_archive, part, _shown(url), steps, keep=keep)
                )
        except OSError as error:
            failure = disk_error(error)
        finally:
            await downloader.aclose()
        raise failure

    def _from_archive(  # noqa: PLR0913 - what there is to say of an archive
        self,
        path: Path,
        origin: str,
        steps: Steps,
        stop: threading.Event,
        *,
        keep: Callable[[], None] | None = None,
        verify: bool = False,
    ) -> Found:
        """Read an archive; `keep` is called once it is known to be whole. Blocks.

        What is kept was verified as a whole when it came.
        """
        steps.begin("Extracting", _DOWNLOADED, _EXTRACTED, "items")
        with opened(
            path, origin, limits=self._limits, stop=stop, hint=_AGAIN
        ) as archive:
            texts = texts_in_archive(
                archive, path.stem, steps, verify=verify or keep is not None
            )
        if not texts.files:
            raise _without_patterns(origin)
        if keep is not None:
            steps.begin("Caching", _EXTRACTED, _CACHED)
            keep()
            steps.show(1, 1)
        steps.begin("Parsing", _CACHED, _PARSED, "items")
        return prompts_of(texts, origin, steps, stop)

    def _from_path(self, location: str, steps: Steps, stop: threading.Event) -> Found:
        """Read a file or a folder. Blocks."""
        path = place(location, self.location)
        if path.name.casefold() in PATTERN_FILES:
            path = path.parent
        origin = str(path)
        try:
            if path.is_file():
                return self._from_archive(path, origin, steps, stop, verify=True)
            if path.is_dir():
                steps.begin("Reading", _DOWNLOADED, _CACHED, "items")
                texts = texts_in_folder(path, steps, stop)
                if not texts.files:
                    raise _without_patterns(origin)
                steps.begin("Parsing", _CACHED, _PARSED, "items")
                return prompts_of(texts, origin, steps, stop)
            reason = "It is neither a file nor a folder."
        except OSError as error:
            reason = reason_of(error)
        message = f"{location!r:.300} cannot be read. {reason}"
        raise UsageError(message, hint=f"Name {self.location}.")


async def _in_thread(work: Callable[[threading.Event], Found]) -> Found:
    """Read in a thread; cancelling ends the wait at once and the reading soon."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(work, stop)
    finally:
        stop.set()


def _shown(url: str) -> str:
    """Return an address without what may be a secret in it."""
    return url.partition("?")[0].partition("#")[0]


def _without_patterns(origin: str) -> UsageError:
    message = f"{origin} holds no Fabric patterns."
    hint = "A pattern is a folder with a file system.md, as in data/patterns."
    return UsageError(message, hint=hint)
