"""The names of models that somebody may have meant who named one that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from .names import canonical

__all__ = ["near_names"]

_MOST = 3


def near_names(name: str, names: Iterable[str]) -> list[str]:
    """Return models of the same family or of one that is written alike, three at most.

    The tag does not count: whoever mistypes it wants another one of the family.
    """
    there = [*names]
    families = list(dict.fromkeys(map(_family, there)))
    close = difflib.get_close_matches(_family(name), families, n=_MOST, cutoff=0.6)
    near = [each for family in close for each in there if _family(each) == family]
    return near[:_MOST]


def _family(name: str) -> str:
    """Return a model's name without its tag."""
    return canonical(name).rpartition(":")[0]
