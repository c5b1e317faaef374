"""Removes a line that may hold a secret from IPython's history.

The cell itself and messages already sent to the front end cannot be taken back.
"""

from __future__ import annotations

import contextlib
import linecache
import re
import sqlite3
from typing import Any

__all__ = ["forget_input"]

_PLACE = "# a line that may have held a secret was here"
_INPUT = re.compile(r"_i+|_i\d+")


def forget_input(shell: Any, line: str) -> None:  # noqa: ANN401 - IPython's, of many versions
    """Remove every cell that holds a line from `In`, `_i` and the history file.

    Cells are identified by their text, because their numbers differ from list to list.
    """
    line = line.strip()
    history = shell.history_manager
    raw, parsed = history.input_hist_raw, history.input_hist_parsed
    for number, cell in enumerate(raw):
        if line in cell:
            raw[number] = _PLACE
            if number < len(parsed):
                parsed[number] = _PLACE
    # The next cell's _i is not among the user's variables yet.
    for name in ("_i00", "_i", "_ii", "_iii"):
        if line in getattr(history, name, ""):
            setattr(history, name, _PLACE)
    for name, value in list(shell.user_ns.items()):
        if _INPUT.fullmatch(name) and isinstance(value, str) and line in value:
            shell.user_ns[name] = _PLACE
    # Tracebacks show source lines from here.
    for name, entry in list(linecache.cache.items()):
        if len(entry) > 1 and line in "".join(entry[2]):
            del linecache.cache[name]
    with contextlib.suppress(sqlite3.Error, AttributeError, KeyError):
        _forget_on_disk(history, line)


def _forget_on_disk(history: Any, line: str) -> None:  # noqa: ANN401
    # Write pending lines first, or they would be written after the deletion.
    history.writeout_cache()
    database = history.db
    with database:
        # Overwrites deleted content with zeros.
        database.execute("PRAGMA secure_delete = ON")
        database.execute(
            "DELETE FROM history WHERE session = ? "
            "AND instr(source || char(10) || source_raw, ?)",
            (history.session_number, line),
        )
