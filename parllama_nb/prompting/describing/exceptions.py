"""Exceptions with the user's own frames: their lines, and the values these use."""

from __future__ import annotations

import ast
import functools
import linecache
import os
import re
import sysconfig
import textwrap
import traceback
from collections.abc import Iterator
from types import FrameType

from ...providers.token_estimate import text_tokens
from ..secret_names import HIDDEN, looks_secret
from .budget import cut, cut_line
from .kinds import summary
from .nested import scalar

__all__ = ["exception_text", "is_users_own"]

_AROUND = 2
"""Lines before and after the one that a frame is at."""

_FRAMES = 8
_CHAIN = 4
_VALUES = 8
_CELL = re.compile(r"<ipython-input-(\d+)-|ipykernel_\d+")
_INSTALLED = re.compile(r"[/\\](?:site|dist)-packages[/\\]")


def exception_text(error: BaseException, tokens: int) -> str:
    """Return an exception and what led to it, with the frames of the user's own code.

    Those of libraries are left out. The last frames matter most: the first ones are
    left out if there is no room for all.
    """
    head = _title(error, tokens // 2)
    left = tokens - text_tokens(head) - 16
    frames = []
    for text in _frames(error):
        left -= text_tokens(text)
        if left < 0:
            break
        frames.append(text)
    parts = [head]
    if frames:
        parts += ["In the user's own code, the last call first:", *frames]
    for cause, how in _causes(error):
        line = f"{how} {_title(cause, 60)}"
        left -= text_tokens(line)
        if left < 0:
            break
        parts.append(line)
    return "\n".join(parts)


def is_users_own(filename: str) -> bool:
    """Whether a file is a cell or a file of the user: not of Python, not installed."""
    if _CELL.search(filename):
        return True
    if filename.startswith("<") or _INSTALLED.search(filename):
        return False
    return not filename.startswith(_places()) and os.path.isfile(filename)  # noqa: PTH113


@functools.cache
def _places() -> tuple[str, ...]:
    """Where Python's own modules are, and ours."""
    paths = sysconfig.get_paths()
    ours = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120
    return (*(paths[name] + os.sep for name in ("stdlib", "platstdlib")), ours + os.sep)


def _title(error: BaseException, tokens: int) -> str:
    name = type(error).__name__
    if isinstance(error, SyntaxError) and error.text:
        where = f"line {error.lineno}: {error.text.rstrip()}"
        return cut(f"{name}: {error.msg}\n{where}", tokens)
    text = str(error)
    title = cut(f"{name}: {text}" if text else name, tokens)
    if isinstance(error, BaseExceptionGroup):
        inner = ", ".join(type(each).__name__ for each in error.exceptions[:8])
        title += f" [{inner}]"
    notes = getattr(error, "__notes__", ())
    return "\n".join([title, *(cut_line(str(note), 120) for note in notes[:3])])


def _causes(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    for _ in range(_CHAIN):
        cause = error.__cause__
        how = "Caused by"
        if cause is None and not error.__suppress_context__:
            cause, how = error.__context__, "While handling"
        if cause is None:
            return
        yield cause, how
        error = cause


def _frames(error: BaseException) -> Iterator[str]:
    """Give the user's frames as texts, the last one first."""
    walked = list(traceback.walk_tb(error.__traceback__))
    own = [
        (frame, line)
        for frame, line in walked
        if is_users_own(frame.f_code.co_filename)
    ]
    for frame, line in reversed(own[-_FRAMES:]):
        yield _frame(frame, line)


def _frame(frame: FrameType, line: int) -> str:
    code = frame.f_code
    lines = linecache.getlines(code.co_filename, frame.f_globals)
    first = max(line - _AROUND, code.co_firstlineno, 1)
    last = min(line + _AROUND, len(lines))
    shown = [lines[number - 1].rstrip("\n") for number in range(first, last + 1)]
    dedented = textwrap.dedent("\n".join(shown)).split("\n")
    numbered = [
        f"{'>' if number == line else ' '} {number} {cut_line(text, 160)}"
        if text.strip()
        else f"  {number}"
        for number, text in enumerate(dedented, first)
    ]
    place = _place(code.co_filename)
    within = "" if code.co_name == "<module>" else f", in {code.co_name}"
    values = _values(frame, lines[line - 1] if line <= len(lines) else "")
    return "\n".join([f"{place}{within}, line {line}:", *numbered, *values])


def _place(filename: str) -> str:
    match = _CELL.search(filename)
    if match is None:
        return os.path.basename(filename)  # noqa: PTH119
    return f"cell [{match[1]}]" if match[1] else "a cell"


def _values(frame: FrameType, line: str) -> list[str]:
    """Return the values of the local names that a line uses, the simple ones whole."""
    names = _names(line)
    space = dict(frame.f_locals)
    if frame.f_code.co_name == "<module>":
        names = [name for name in names if not callable(space.get(name))]
    found = []
    for name in names[:_VALUES]:
        if name not in space or callable(space[name]):
            continue
        value = space[name]
        text = scalar(value, 60) if _is_simple(value) else None
        shown = HIDDEN if looks_secret(name) else text or summary(value)
        found.append(f"{name} = {shown}")
    return [f"  with {', '.join(found)}"] if found else []


def _is_simple(value: object) -> bool:
    return value is None or type(value) in {str, int, float, bool, bytes, complex}


def _names(line: str) -> list[str]:
    """Return the names that a line of code uses, in their order."""
    text = line.strip()
    for tried in (text, f"{text}\n    pass", f"{text.removesuffix(':')}"):
        try:
            tree = ast.parse(tried)
        except (SyntaxError, ValueError):
            continue
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        nodes.sort(key=lambda node: (node.lineno, node.col_offset))
        return list(dict.fromkeys(node.id for node in nodes))
    return list(dict.fromkeys(re.findall(r"(?<![\w.\"'])[^\W\d]\w*", text)))
