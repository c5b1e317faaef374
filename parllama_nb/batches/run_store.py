"""Stores the answers of batch runs on disk, so that no answer is paid for twice.

A run is identified by its call, a hash of all its questions. Its rows exist from its
first question to its end; a run that still exists without a living owner was
interrupted, and the same call resumes it.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sqlite3
import time
from collections import deque
from collections.abc import Iterable, Mapping

from ..chats.answer import Answer
from ..errors import StoreError, StoreUnavailableError
from ..store.database import Store

__all__ = ["Run", "RunStore"]

# Values in one statement that SQLite takes in every version that Python ships.
_AT_ONCE = 900


class Run:
    """One run in progress. Made by `RunStore.begin`.

    `known` holds the answers of an earlier run of the same call, by number. `failure`
    says why nothing more is saved; None if all is.
    """

    def __init__(self, store: Store, run_id: int, known: Mapping[int, Answer]) -> None:
        self.known = known
        self.failure: StoreError | None = None
        self._store = store
        self._id = run_id
        self._pieces: deque[tuple[int, Answer]] = deque()

    @classmethod
    def unsaved(cls, store: Store, failure: StoreUnavailableError) -> Run:
        """Makes a run of which nothing is saved, because there is no database."""
        run = cls(store, 0, {})
        run.failure = failure
        return run

    def save(self, number: int, answer: Answer) -> None:
        """Save an answer. One write stores all that are waiting by then."""
        if not self._id:
            return
        self._pieces.append((number, answer))
        writing = self._store.call(
            lambda connection: _write(connection, self._id, self._pieces),
            unless=lambda: not self._pieces,
        )
        writing.add_done_callback(lambda future: self._check(future.exception()))

    async def end(self, *, complete: bool) -> None:
        """End the run; one that is not `complete` can be resumed."""
        if not self._id:
            return

        def end(connection: sqlite3.Connection) -> None:
            if complete:
                connection.execute("DELETE FROM run WHERE id = ?", (self._id,))
            else:
                connection.execute(
                    "UPDATE run SET owner = NULL WHERE id = ?", (self._id,)
                )

        try:
            await asyncio.wrap_future(self._store.call(end))
        except StoreError as error:
            self._check(error)

    def _check(self, error: BaseException | None) -> None:
        if isinstance(error, StoreError) and self.failure is None:
            self.failure = error


class RunStore:
    """Runs and cached answers in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, call: str, *, resume: bool = True) -> Run:
        """Begin a run; with `resume` continue an interrupted one of the same call.

        Without a database the run is not saved. One that fails is an error, because it
        may hold answers that are paid for.

        Raises:
            StoreError: the database fails, or is locked.

        """

        def begin(connection: sqlite3.Connection) -> tuple[int, dict[int, Answer]]:
            rows = connection.execute(
                "SELECT id, owner FROM run WHERE call = ? ORDER BY id DESC", (call,)
            ).fetchall()
            left = [run_id for run_id, owner in rows if not _is_alive(owner)]
            if resume and left:
                run_id = left.pop(0)
                connection.execute(
                    "UPDATE run SET owner = ? WHERE id = ?", (_owner(), run_id)
                )
            else:
                run_id = connection.execute(
                    "INSERT INTO run (call, owner, created) VALUES (?, ?, ?)",
                    (call, _owner(), time.time()),
                ).lastrowid
            # Older runs of the same call are of no use any more.
            connection.executemany(
                "DELETE FROM run WHERE id = ?", [(other,) for other in left]
            )
            saved = connection.execute(
                "SELECT number, answer FROM run_answer WHERE run_id = ?", (run_id,)
            )
            return run_id, {number: _read(answer) for number, answer in saved}

        try:
            result = await asyncio.wrap_future(self._store.call(begin))
        except StoreUnavailableError as error:
            return Run.unsaved(self._store, error)
        assert result is not None  # noqa: S101 - only `unless` makes it None
        return Run(self._store, *result)

    async def cached(self, keys: Iterable[str]) -> dict[str, Answer]:
        """Returns the cached answers by their keys; none without a database."""
        wanted = list(dict.fromkeys(keys))

        def read(connection: sqlite3.Connection) -> dict[str, Answer]:
            answers: dict[str, Answer] = {}
            for at in range(0, len(wanted), _AT_ONCE):
                some = wanted[at : at + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT key, answer FROM cached_answer WHERE key IN ({marks})",  # noqa: S608
                    some,
                )
                answers |= {key: _read(answer) for key, answer in rows}
            return answers

        try:
            return await asyncio.wrap_future(self._store.call(read)) or {}
        except StoreUnavailableError:
            return {}

    def cache(self, key: str, answer: Answer) -> None:
        """Save an answer for later calls that ask the same."""
        text, now = json.dumps(answer.to_dict()), time.time()
        self._store.call(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO cached_answer VALUES (?, ?, ?)",
                (key, text, now),
            )
        )


def _write(
    connection: sqlite3.Connection, run_id: int, pieces: deque[tuple[int, Answer]]
) -> None:
    rows = []
    while pieces:
        number, answer = pieces.popleft()
        rows.append((run_id, number, json.dumps(answer.to_dict())))
    connection.executemany("INSERT OR REPLACE INTO run_answer VALUES (?, ?, ?)", rows)


def _read(answer: str) -> Answer:
    return Answer.from_dict(json.loads(answer))


def _owner() -> str:
    """Identifies this process, so that another one can tell whether it is alive."""
    return f"{platform.node()}\n{os.getpid()}\n{_started(os.getpid())}"


def _is_alive(owner: str | None) -> bool:
    """Whether a run's process is alive; on another machine it may be, so True."""
    if owner is None:
        return False
    node, pid, started = owner.split("\n")
    if node != platform.node():
        return True
    return _started(int(pid)) == float(started)


def _started(pid: int) -> float:
    """When a process started (seconds since the epoch); 0 if there is none.

    Needed because process ids are reused.
    """
    import psutil  # noqa: PLC0415 - comes with ipykernel

    try:
        return round(psutil.Process(pid).create_time(), 1)
    except psutil.Error:
        return 0.0
