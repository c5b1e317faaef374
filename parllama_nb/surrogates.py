"""Makes text that can be encoded.

A Python string may hold half a character: what `surrogateescape` makes of a byte that
is not UTF-8, in the name of a file for example, or a character that was cut in two. No
server, file or page can be given such a string.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar, cast

__all__ = ["without_surrogates"]

T = TypeVar("T")

_SURROGATES = re.compile("[\ud800-\udfff]+")


def without_surrogates(value: T) -> T:
    """Return a text, or JSON values, with U+FFFD for each surrogate on its own.

    Two that make a character become that character. Anything else in the value is
    returned as it is.
    """
    result: object = value
    if isinstance(value, str):
        result = value if value.isascii() else _SURROGATES.sub(_joined, value)
    elif isinstance(value, Mapping):
        result = {
            without_surrogates(key): without_surrogates(each)
            for key, each in value.items()
        }
    elif isinstance(value, list):
        result = [without_surrogates(each) for each in value]
    elif isinstance(value, tuple):
        result = tuple(without_surrogates(each) for each in value)
    return cast("T", result)


def _joined(match: re.Match[str]) -> str:
    return match[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
