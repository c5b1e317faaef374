"""Reads the text of a PDF file in a child process, from the kernel's side."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ...errors import UsageError
from ...events import Progress
from ...providers.single_flight import in_thread
from ...surrogates import without_surrogates

__all__ = ["PdfLimits", "PdfText", "read_pdf"]

_LONGEST_LINE = 8_000_000
"""Characters of a line that the child prints; a page's text is bounded before."""

_AGAIN = "Open it in a viewer, print it as PDF again, and attach that."
_TOO_MUCH = ("MemoryError", "OutOfTimeError", "RecursionError", "LimitReachedError")


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """What reading may take: bytes of memory, seconds for all and for one page."""

    memory: int = 1 << 30
    seconds: int = 60
    page_seconds: float = 20


@dataclass
class PdfText:
    """The text of a PDF file.

    `pages` is how many it has; `texts` has the text of each page that was read, by its
    number. `unread` has the pages that were tried in vain.
    """

    pages: int = 0
    title: str = ""
    texts: dict[int, str] = field(default_factory=dict)
    unread: dict[int, str] = field(default_factory=dict)
    failed: str = ""
    done: bool = False

    @property
    def text(self) -> str:
        """All text, each page under its number."""
        return "\n\n".join(
            f"[page {number}]\n{text.strip()}"
            for number, text in sorted(self.texts.items())
            if text.strip()
        )


async def read_pdf(  # noqa: PLR0913 - the last four by name
    data: bytes,
    name: str,
    *,
    pages: int,
    characters: int,
    limits: PdfLimits | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> PdfText:
    """Return the text of a PDF file. A cancel ends the child process.

    Args:
        data: the file.
        name: what errors call it.
        pages: how many are read at most.
        characters: how many are read at most.
        limits: what the child process may take.
        report: gets the progress, from another thread.

    Raises:
        UsageError: nothing of it can be read; the message says why.

    """
    limits = limits or PdfLimits()
    if importlib.util.find_spec("pypdf") is None:
        message = f"{name} cannot be read: a package is missing."
        raise UsageError(message, hint="Run `%pip install pypdf`, then try again.")
    job = {
        "memory": limits.memory + 4 * len(data),
        "seconds": limits.seconds,
        "page_seconds": limits.page_seconds,
        "pages": pages,
        "characters": characters,
        "size": len(data),
    }

    def run(stop: threading.Event) -> PdfText:
        return _Run(job, data, name, report).result(stop, limits.seconds)

    result = await in_thread(run)
    if not result.texts:
        raise _failure(result, name, limits)
    return result


class _Run:
    """One run of the child process, on a thread of its own."""

    def __init__(
        self,
        job: dict[str, Any],
        data: bytes,
        name: str,
        report: Callable[[Progress], None],
    ) -> None:
        self._job = job
        self._data = data
        self._name = name
        self._report = report
        self._found = PdfText()
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def result(self, stop: threading.Event, seconds: float) -> PdfText:
        process = subprocess.Popen(  # noqa: S603 - a program of ours
            # -P: no file of the current folder stands in for a module.
            [sys.executable, "-P", str(Path(__file__).with_name("child.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # An interrupt of the kernel's process group is not meant for it.
            start_new_session=True,
        )
        for work, pipe in ((self._feed, process.stdin), (self._take, process.stdout)):
            threading.Thread(target=work, args=(pipe,), daemon=True).start()
        # The child ends itself by its limits; this is for one that cannot.
        end = time.monotonic() + seconds + 1
        try:
            while not stop.is_set():
                try:
                    line = self._lines.get(timeout=0.1)
                except queue.Empty:
                    if time.monotonic() > end:
                        self._found.failed = "OutOfTimeError"
                        break
                    continue
                if not line:
                    break
                self._hear(json.loads(line))
        finally:
            process.kill()
            code = process.wait()
        if not self._found.done and not self._found.failed:
            self._found.failed = _end_in_words(code)
        return self._found

    def _feed(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError):  # it has ended
            pipe.write(json.dumps(self._job).encode() + b"\n")
            pipe.write(self._data)
        with contextlib.suppress(OSError):
            pipe.close()

    def _take(self, pipe: IO[bytes]) -> None:
        with pipe, contextlib.suppress(OSError, ValueError):
            while line := pipe.readline(_LONGEST_LINE):
                self._lines.put(line)
        self._lines.put(b"")

    def _hear(self, line: dict[str, Any]) -> None:
        found = self._found
        if "page" in line:
            number = int(line["page"])
            if "text" in line:
                found.texts[number] = without_surrogates(str(line["text"]))
            else:
                found.unread[number] = str(line["failed"])
            most = min(found.pages, self._job["pages"])
            self._report(Progress(f"Reading {self._name}", number, most, "items"))
        elif "pages" in line:
            found.pages, found.title = int(line["pages"]), str(line["title"]).strip()
        elif "failed" in line:
            found.failed = str(line["failed"])
        else:
            found.done = True


def _end_in_words(code: int) -> str:
    # SIGXCPU, or SIGKILL by the system; and what a crash of the interpreter gives.
    return "OutOfTimeError" if code == -24 else "MemoryError"  # noqa: PLR2004


def _failure(result: PdfText, name: str, limits: PdfLimits) -> UsageError:
    """Return the error of a file of which nothing was read."""
    reasons = {result.failed, *result.unread.values()} - {""}
    if "password" in reasons:
        message = f"{name} is encrypted with a password."
        return UsageError(message, hint="Save a copy without one, and attach that.")
    if "OutOfTimeError" in reasons:
        message = f"{name} cannot be read within {limits.seconds} seconds."
        return UsageError(message, hint=_AGAIN)
    if reasons.intersection(_TOO_MUCH):
        message = f"{name} cannot be read: it unfolds to more than fits in memory."
        return UsageError(message, hint=_AGAIN)
    if not result.pages and not reasons:
        message = f"{name} has no pages."
        return UsageError(message, hint=_AGAIN)
    message = f"{name} is damaged, or no PDF file that can be read."
    return UsageError(message, hint=_AGAIN)
