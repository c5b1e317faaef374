"""Which cell a question comes from, also if a task or a thread asks it later.

The kernel knows which cell runs now. A task that an earlier cell has begun is in the
context of that cell, so each cell leaves a mark in its context. A thread has a context
of its own, and nothing says which cell has begun it; but a list of the threads that
were there before a cell says which ones it has not.
"""

from __future__ import annotations

import threading
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ..widgets._comm import Cell

__all__ = ["origin", "unwatch", "watch"]

_FOREIGN = "asked by a thread that an earlier cell began"

_cell: ContextVar[Cell] = ContextVar("_cell")
_older: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def origin() -> tuple[Cell, str]:
    """Return the cell that the caller's question comes from, and a remark.

    If that is not known it is the cell that runs now, and the remark says so; else "".
    """
    from ..widgets._comm import current_cell  # noqa: PLC0415 - not paid by %load_ext

    cell = _cell.get(None)
    if cell is not None:
        return cell, ""
    remark = _FOREIGN if threading.current_thread() in _older else ""
    return current_cell(), remark


def watch(shell: InteractiveShell) -> None:
    """Have each cell of a shell leave its mark."""
    unwatch(shell)
    shell.events.register("pre_run_cell", _begin)


def unwatch(shell: InteractiveShell) -> None:
    """Undo `watch`, also that of an earlier copy of this module."""
    callbacks = shell.events.callbacks["pre_run_cell"]
    callbacks[:] = [
        each for each in callbacks if getattr(each, "__module__", "") != __name__
    ]


def _begin(*_: object) -> None:
    from ..widgets._comm import current_cell  # noqa: PLC0415 - as above

    _cell.set(current_cell())
    _older.clear()
    _older.update(threading.enumerate())
