"""The process that reads a PDF file. Started by `reading`; imports none of ours.

It reads a line of JSON from stdin, its limits, and then the file; and prints a line of
JSON for each thing that it finds: how many pages there are, each page's text, last
`done`. A page that cannot be read is named, and the next one is read.

A few kilobytes of a PDF file can become any amount of memory and time, so that the
system's own limits hold here: a page that needs more fails, and the kernel does not.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import signal
import sys
from typing import IO, Any

_DEEP = 5_000
"""Python's own frames for objects within objects; the stack of 8 MB has room for it."""


class OutOfTimeError(Exception):
    """A page took longer than it may."""


def _limit(memory: int, seconds: int) -> None:
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        # Whatever a file makes the library do, it writes nothing.
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            _, hard = resource.getrlimit(kind)
            known = hard != resource.RLIM_INFINITY
            resource.setrlimit(kind, (min(most, hard) if known else most, hard))


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        # Again and again: the library catches exceptions of all kinds, also ours.
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.5 if seconds else 0)


def _out_of_time(_signal: int, _frame: object) -> None:
    raise OutOfTimeError


def _say(out: IO[str], **line: Any) -> None:  # noqa: ANN401 - JSON
    out.write(json.dumps(line) + "\n")
    out.flush()


def _read(job: dict[str, Any], data: bytes, out: IO[str]) -> None:
    from pypdf import PdfReader  # noqa: PLC0415 - after the limits are set

    logging.disable(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        _say(out, failed="password")
        return
    count = len(reader.pages)
    title = ""
    with contextlib.suppress(Exception):
        title = str((reader.metadata and reader.metadata.title) or "")
    _say(out, pages=count, title=title[:300])
    left = job["characters"]
    for number in range(min(count, job["pages"])):
        try:
            _alarm(job["page_seconds"])
            text = reader.pages[number].extract_text()
            _alarm(0)
        except (Exception, RecursionError, MemoryError) as error:  # noqa: BLE001
            _alarm(0)
            _say(out, page=number + 1, failed=type(error).__name__)
            continue
        _say(out, page=number + 1, text=text[:left])
        left -= len(text)
        if left <= 0:
            break


def main() -> None:
    """Read a file from stdin and print what is in it."""
    source = sys.stdin.buffer
    job = json.loads(source.readline())
    _limit(job["memory"], job["seconds"])
    sys.setrecursionlimit(_DEEP)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _out_of_time)
    # What the library prints is not of the protocol.
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        _alarm(job["seconds"])
        _read(job, source.read(job["size"]), out)
        _say(out, done=True)
    except (Exception, RecursionError, MemoryError) as error:  # noqa: BLE001
        _alarm(0)
        _say(out, failed=type(error).__name__)


if __name__ == "__main__":
    main()
