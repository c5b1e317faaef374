"""Tracebacks as their readers need them: without the frames of IPython and of ours."""

from __future__ import annotations

import linecache
import traceback
from types import FrameType, TracebackType

__all__ = ["is_ipythons", "user_lines"]

_OURS = f"{__name__.partition('.')[0]}."


def is_ipythons(frame: FrameType) -> bool:
    """Whether a frame runs code of IPython or of the kernel."""
    return _module(frame).startswith(("IPython.", "ipykernel."))


def user_lines(frames: TracebackType | None) -> list[str]:
    """Return the user's lines that led to our first frame, one string each.

    There are none if that is the only line of a cell.
    """
    lines = []
    for frame, number in traceback.walk_tb(frames):
        if _module(frame).startswith(_OURS):
            break
        if is_ipythons(frame):
            continue
        code = frame.f_code
        text = linecache.getline(code.co_filename, number, frame.f_globals).strip()
        is_cell = _module(frame) == "__main__" and code.co_name == "<module>"
        place = "" if is_cell else f"{code.co_name}, "
        lines.append(f"{place}line {number}: {text}")
    return [] if len(lines) == 1 and lines[0].startswith("line 1: ") else lines


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
