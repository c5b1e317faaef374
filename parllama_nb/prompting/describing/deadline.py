"""Work with values of the notebook, which may take for ever, print or raise."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

__all__ = ["within"]

T = TypeVar("T")

_MOST = 8
"""Threads at work at once; more have not ended in time, and wait in foreign code."""


class _TooLateError(BaseException):
    """Ends the work of a thread that nobody waits for any more."""


async def within(seconds: float, work: Callable[[], T]) -> T:
    """Run some work on a thread of its own; what it prints is dropped.

    Work that is late is asked to end, which it does with the next line of Python. The
    thread does not keep Python from ending.

    Raises:
        TimeoutError: it has not ended in time.

    """
    if _at_work() >= _MOST:
        raise TimeoutError
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    ending = threading.Lock()
    ended = False

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def run() -> None:
        nonlocal ended
        result: T | None = None
        failure: BaseException | None = None
        # Twice, since the request to end may come between the lines.
        with contextlib.suppress(_TooLateError), contextlib.suppress(_TooLateError):
            try:
                with _muted():
                    result = work()
            except _TooLateError:
                failure = TimeoutError()
            except BaseException as error:  # noqa: BLE001 - not to end our thread
                failure = _handed_on(error)
            with ending:
                ended = True
            # The loop may have been closed meanwhile.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, result, failure)

    thread = threading.Thread(target=run, name=_NAME, daemon=True)
    thread.start()
    try:
        return await asyncio.wait_for(future, seconds)
    finally:
        with ending:
            # A thread that has ended may have given its number to another one.
            if not ended and thread.ident is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread.ident), ctypes.py_object(_TooLateError)
                )


def _handed_on(error: BaseException) -> Exception:
    """Return what is raised to the caller, whom no foreign code may end."""
    plain = isinstance(error, Exception) and not isinstance(error, StopIteration)
    if plain:
        return error  # type: ignore[return-value]
    name = type(error).__name__
    return type(name, (RuntimeError,), {})(str(error))  # type: ignore[no-any-return]


_NAME = "parllama_nb-describing"


def _at_work() -> int:
    return sum(thread.name == _NAME for thread in threading.enumerate())


class _Muted:
    """A stream that drops what certain threads write, and passes on all else."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - a kernel's, or any other
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, unless the thread is one that describes."""
        if threading.get_ident() in _silent:
            return len(text)
        return int(self._stream.write(text) or 0)

    def writelines(self, lines: list[str]) -> None:
        """Write some texts, unless the thread is one that describes."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the stream's own
        return getattr(self._stream, name)


_silent: set[int] = set()
_swapping = threading.Lock()


@contextlib.contextmanager
def _muted() -> Iterator[None]:
    """Drop what this thread prints; a cell that runs meanwhile prints as ever."""
    me = threading.get_ident()
    with _swapping:
        _silent.add(me)
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is not None and not isinstance(stream, _Muted):
                setattr(sys, name, _Muted(stream))
    try:
        yield
    finally:
        with _swapping:
            _silent.discard(me)
            for name in ("stdout", "stderr") if not _silent else ():
                stream = getattr(sys, name)
                # A cell may have put a stream of its own in the place of ours.
                if isinstance(stream, _Muted):
                    setattr(sys, name, stream._stream)  # noqa: SLF001 - of this module
