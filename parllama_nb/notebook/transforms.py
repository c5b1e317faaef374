"""Keeps our magics from being read as something else by IPython.

IPython takes a line that ends in a name and a question mark for a request for help, so
`%parllama ask What is a monad?` would show the help of `monad`. And it takes `%%` for a
cell magic on a cell's first line only, though a comment above changes nothing.
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
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["MAGIC", "MagicLine", "drop_comments_above", "install", "remove"]

MAGIC = "parllama"

_CELL = re.compile(rf"%%{MAGIC}(?![\w?])")

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
    ) -> None:
        super().__init__(start)
        self._transform = transform

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
                start = tokens[0].start
                if _asks_for_help(tokens[place + 1 :]):
                    break
                if tokens[0].string == "%":
                    return cls(start, EscapedCommand(start).transform)
                if tokens[place - 1].string == "=":
                    magic = MagicAssign(tokens[place].start)
                    return cls(start, magic.transform)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """Returns the lines with this one as a call of the magic."""
        return self._transform(lines)


def drop_comments_above(lines: list[str]) -> list[str]:
    """Returns a cell of ours from its magic on, if only comments are above it."""
    for number, line in enumerate(lines):
        if _CELL.match(line):
            return lines[number:]
        if line.strip() and not line.lstrip().startswith("#"):
            break
    return lines


def install(shell: InteractiveShell) -> None:
    """Make a shell read our lines as ours."""
    remove(shell)
    manager = shell.input_transformer_manager
    manager.cleanup_transforms.append(drop_comments_above)
    manager.token_transformers.append(MagicLine)


def remove(shell: InteractiveShell) -> None:
    """Undo `install`, also that of an earlier copy of this module."""
    manager = shell.input_transformer_manager
    for transforms, own in (
        (manager.cleanup_transforms, drop_comments_above),
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
