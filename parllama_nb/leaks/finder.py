"""Finds many secrets in bytes at once, in each of their forms.

Of each form the first seven bytes hold four groups of four bytes, one of which begins
at a multiple of four wherever the form stands. So only every fourth place of the data
is looked at, in a table of all these groups: the time does not grow with the number of
secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from ..secret import Secret
from .forms import SHORTEST, forms

__all__ = ["Finder", "Match"]

_GROUP = 4
_LEAST = 2 * _GROUP - 1

# Bytes that are looked up at once, a multiple of four: what numpy makes of them stays
# in the processor's cache.
_BLOCK = 1 << 18

# A multiplier that spreads the groups over the table.
_SPREAD = np.uint32(2_654_435_761)
_LARGEST_TABLE = 24


class Match(NamedTuple):
    """Where in the data a secret stands. `names` are all secrets with this value."""

    start: int
    end: int
    names: tuple[str, ...]
    form: str


class Finder:
    """Finds the forms of some secrets.

    Attributes:
        too_short: the names of secrets that are not searched for.
        longest: the bytes of the longest form.

    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        short: list[str] = []
        names: dict[bytes, list[str]] = {}
        self._forms: dict[bytes, str] = {}
        for secret in secrets:
            value = secret.reveal()
            if len(value) < SHORTEST:
                short.append(secret.name)
                continue
            for written, form in forms(value).items():
                self._forms.setdefault(written, form)
                names.setdefault(written, []).append(secret.name)
        self._names = {written: tuple(each) for written, each in names.items()}
        self.too_short = tuple(short)
        self.longest = max(map(len, self._forms), default=0)
        self._brief = [each for each in self._forms if len(each) < _LEAST]
        self._groups: dict[int, list[tuple[bytes, int]]] = {}
        for written in self._forms:
            for place in range(_GROUP if len(written) >= _LEAST else 0):
                group = int.from_bytes(written[place : place + _GROUP], "little")
                self._groups.setdefault(group, []).append((written, place))
        self._make_table()

    def __repr__(self) -> str:
        return f"<Finder of {len(self._forms)} forms>"

    def find(self, data: bytes, most: int | None = None) -> Iterator[Match]:
        """Yield the matches in the data, in no particular order: `most` of each form.

        So one that is everywhere does not hide the others. None is all of them.
        """
        limit = len(data) if most is None else most
        seen: dict[bytes, int] = {}
        for start in range(0, len(data), _BLOCK):
            count = min(_BLOCK, len(data) - start) // _GROUP
            groups = np.frombuffer(data, "<u4", count, start)
            places = self._table[(groups * _SPREAD) >> self._shift].nonzero()[0]
            for place in places.tolist():
                for written, before in self._groups.get(int(groups[place]), ()):
                    begin = start + _GROUP * place - before
                    count = seen.get(written, 0)
                    if count < limit and begin >= 0 and data.startswith(written, begin):
                        seen[written] = count + 1
                        yield self._match(begin, written)
        for written in self._brief:
            count, begin = 0, data.find(written)
            while begin >= 0 and count < limit:
                count += 1
                yield self._match(begin, written)
                begin = data.find(written, begin + len(written))

    def first(self, data: bytes, most: int) -> list[Match]:
        """Return at most so many matches of each form, in the order of the data."""
        return sorted(self.find(data, most))

    def _match(self, begin: int, written: bytes) -> Match:
        names, form = self._names[written], self._forms[written]
        return Match(begin, begin + len(written), names, form)

    def _make_table(self) -> None:
        """Mark the groups in a table with some hundred places for each of them."""
        bits = min(_LARGEST_TABLE, len(self._groups).bit_length() + 8)
        self._shift = np.uint32(32 - bits)
        self._table = np.zeros(1 << bits, dtype=bool)
        groups = np.array([*self._groups], dtype=np.uint32)
        self._table[(groups * _SPREAD) >> self._shift] = True
