"""How tests are shared out between workers: whole files, the slow ones first.

A file stays together, for what its tests share is made once. The tests in JupyterLab
stay together too, for their server. The last files are quick ones, so that no worker
waits long for the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest

__all__ = ["FileScheduling", "slow_first"]

_LAB = "tests/lab/"

_SLOW = (_LAB, "tests/kernel/", "tests/vaults/", "tests/providers/", "tests/browser/")


class FileScheduling(LoadScopeScheduling):
    """Gives a worker one file after the other, in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return _LAB if nodeid.startswith(_LAB) else nodeid.partition("::")[0]


def slow_first(items: list[pytest.Item]) -> None:
    """Sort tests by their folder; what has been shuffled within stays so."""
    ranks = {folder: rank for rank, folder in enumerate(_SLOW)}

    def rank(item: pytest.Item) -> int:
        found = (ranks[each] for each in _SLOW if item.nodeid.startswith(each))
        return next(found, len(ranks))

    items.sort(key=rank)
