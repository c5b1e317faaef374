"""Keeps our magics from being read as something else by IPython.

IPython takes a line that ends in a name and a question mark for a request for help, so
`%parllama ask What is a monad?` would show the help of `monad`. It takes `%%` for a
cell magic on a cell's first line only, though a comment above changes nothing. And it
drops the prompts of a Python session from a cell, which a question may be about.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import (
    EscapedCommand,
    HelpEnd,
    MagicAssign,
    TokenTransformBase,
    cell_magic,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["MAGIC", "MagicLine", "install", "read_cell", "remove"]

MAGIC = "parllama"

# A copied cell may begin with a byte order mark, and its magic end with another space.
_BLANK = "\\s\\ufeff\\u200b"
_LINE = re.compile(rf"[\ufeff\u200b]+(?=%{MAGIC}\s)")
_CELL = re.compile(rf"[{_BLANK}]*(%%{MAGIC})(?![\w?])[^\S\r\n]?")
_COMMENT = re.compile(rf"[{_BLANK}]*(?:#|\Z)")
# What can stand before a magic on its line: nothing that `%` could divide.
_BEFORE = {"=", ":", ";", "return"}

Tokens = Sequence[tokenize.TokenInfo]


class MagicLine(TokenTransformBase):
    """A line of ours: `%parllama ...`, `name = %parllama ...`, `%time %parllama ...`.

    Where IPython's own transformers find something in the same place, this one comes
    first. `%parllama?` is theirs: it shows the help of the magic.
    """

    priority = HelpEnd.priority - 1

    def __init__(
        self,
        start: tuple[int, int],
        transform: Callable[[list[str]], list[str]],
        gap: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(start)
        self._transform = transform
        # Where the name of the magic ends.
        self._gap = gap

    @classmethod
    def find(cls, tokens_by_line: Sequence[Tokens]) -> MagicLine | None:
        """Returns the first line of ours; None if there is none."""
        for line in tokens_by_line:
            blocks = (tokenize.INDENT, tokenize.DEDENT)
            tokens = [token for token in line if token.type not in blocks]
            if _begins(tokens, "%", "%", MAGIC) and not _asks_for_help(tokens[2:]):
                return cls(tokens[0].start, _misplaced)
            for place in range(len(tokens)):
                if not _begins(tokens[place:], "%", MAGIC):
                    continue
                start, gap = tokens[0].start, tokens[place + 1].end
                if _asks_for_help(tokens[place + 1 :]):
                    break
                if tokens[0].string == "%":
                    return cls(start, EscapedCommand(start).transform, gap)
                shell = tokens[0].string == "!"
                if tokens[place - 1].string in _BEFORE and not shell:
                    magic = MagicAssign(tokens[place].start)
                    return cls(start, magic.transform, gap)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """Returns the lines with this one as a call of the magic."""
        if self._gap is not None:
            # To IPython only a space ends the name, neither a tab nor a wide one.
            row, column = self._gap[0] - 1, self._gap[1]
            line = lines[row]
            rest = re.sub(r"\A[^\S\r\n]", " ", line[column:])
            lines = [*lines[:row], line[:column] + rest, *lines[row + 1 :]]
        return self._transform(lines)


def read_cell(lines: list[str]) -> list[str]:
    """Returns a cell of ours as a call of the magic, with its body as written.

    Only comments may be above the magic. Any other cell is returned as it is, but for
    a byte order mark before a line of ours.
    """
    for number, line in enumerate(lines):
        if magic := _CELL.match(line):
            first = f"{magic[1]} {line[magic.end() :]}"
            return cell_magic([first, *lines[number + 1 :]])
        if not _COMMENT.match(line):
            break
    return [_LINE.sub("", line) for line in lines[:1]] + lines[1:]


# IPython asks whether a cell is complete as it is typed, and must see the magic then.
read_cell.has_side_effects = True  # type: ignore[attr-defined]


def install(shell: InteractiveShell) -> None:
    """Make a shell read our lines as ours."""
    remove(shell)
    manager = shell.input_transformer_manager
    # Before IPython's own, which change the body.
    manager.cleanup_transforms.insert(0, read_cell)
    manager.token_transformers.append(MagicLine)


def remove(shell: InteractiveShell) -> None:
    """Undo `install`, also that of an earlier copy of this module."""
    manager = shell.input_transformer_manager
    for transforms, own in (
        (manager.cleanup_transforms, read_cell),
        (manager.token_transformers, MagicLine),
    ):
        transforms[:] = [each for each in transforms if not _is_same(each, own)]


def _is_same(one: Any, other: Any) -> bool:  # noqa: ANN401 - functions or classes
    # By name, because a module that was reloaded defines its functions anew.
    names = (other.__module__, other.__qualname__)
    return (getattr(one, "__module__", ""), getattr(one, "__qualname__", "")) == names


def _begins(tokens: Tokens, *texts: str) -> bool:
    return [token.string for token in tokens[: len(texts)]] == [*texts]


def _asks_for_help(tokens: Tokens) -> bool:
    """Whether a question mark stands right behind the name of the magic."""
    name, *rest = tokens
    return bool(rest) and rest[0].string == "?" and rest[0].start == name.end


def _misplaced(lines: list[str]) -> list[str]:
    # Nothing of the cell is run; the command explains why.
    del lines
    return [f"get_ipython().run_line_magic({MAGIC!r}, '%%{MAGIC}')\n"]
