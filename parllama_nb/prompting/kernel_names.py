"""What a question can mention: the user's variables, cells and last error.

Whoever knows the kernel hands these in as callables, which are called from any thread,
also while a cell runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..secret import Redactor, Secret
from .secret_names import looks_secret
from .value_paths import is_dunder

__all__ = ["CellText", "KernelNames", "hiding"]

_SHORTEST = 8
"""Characters of a value that is hidden wherever it occurs."""


@dataclass(frozen=True, slots=True)
class CellText:
    """The source of a cell that has run, and its outputs as texts."""

    source: str
    outputs: tuple[str, ...] = ()


def _none(_number: int) -> CellText | None:
    return None


@dataclass(frozen=True, slots=True)
class KernelNames:
    """Where mentioned values come from.

    Attributes:
        variables: returns the names of the notebook with their values.
        hidden: returns those of them that are IPython's own, or a magic's.
        cell: returns the cell of an execution count; None if there is none.
        cells: returns the execution counts of the last cells, the newest first.
        error: returns the user's last exception.

    """

    variables: Callable[[], Mapping[str, object]] = dict
    hidden: Callable[[], Collection[str]] = tuple
    cell: Callable[[int], CellText | None] = _none
    cells: Callable[[], Sequence[int]] = tuple
    error: Callable[[], BaseException | None] = lambda: None

    def snapshot(self) -> dict[str, object]:
        """Return the variables of this moment, though a cell may change them."""
        variables = self.variables()
        while True:
            try:
                return {
                    name: value
                    for name, value in list(variables.items())
                    if isinstance(name, str) and not is_dunder(name)
                }
            except RuntimeError:
                # Their number has changed meanwhile.
                continue


def hiding(variables: Mapping[str, object]) -> Redactor:
    """Return a redactor of values whose names look secret, the environment's too.

    As long as it is held, `secret.redacted` replaces them in whatever else holds them:
    a frame, the output of a cell.
    """
    redactor = Redactor()
    for name, value in (*variables.items(), *os.environ.items()):
        if issubclass(type(value), str) and looks_secret(name):
            text = str(value).strip()
            if len(text) >= _SHORTEST and not any(map(str.isspace, text)):
                redactor.add(Secret(name, text))
    return redactor
