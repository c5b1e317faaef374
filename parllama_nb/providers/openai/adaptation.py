"""Changes a request for a server that refuses the name of an option.

Servers of the OpenAI wire format differ in what they call a limit of tokens, and some
refuse every name they do not know. Pure: a refusal in, what to change out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["Adaptation"]

OTHER_NAMES = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
    "seed": "random_seed",
    "random_seed": "seed",
}
"""The name that other servers have for an option."""

_OPTIONAL = ("stream_options",)
"""What can be left out without a change to the answer."""

_UNKNOWN = re.compile(
    r"un(supported|recogni[sz]ed|known|expected)|not (be )?(supported|recogni[sz]ed"
    r"|permitted|allowed|accepted|available)|n't (support|accept)|not (support|accept)"
    r"|extra_forbidden|extra (fields?|inputs?)|cannot find field|no longer|deprecated"
    r"|additional propert|no such|only allowed|invalid (argument|field|param)"
    r"|instead",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(unsupported|invalid) value|too (large|small|long|high|low|big)|exceed"
    r"|at (most|least)|(less|greater|smaller|larger|more) than|between|m(ax|in)imum"
    r"|out of range|must be (an? |one |in |[<>=\d])",
    re.IGNORECASE,
)
_ECHOED = ("input", "ctx", "url")
"""Fields of a complaint that repeat what was sent."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What to change of the body of a request.

    `renamed` maps names of options to those that the server knows.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def applied(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body as the server accepts it."""
        return {
            self.renamed.get(name, name): value
            for name, value in body.items()
            if name not in self.left_out
        }

    def after(self, refusal: object, body: Mapping[str, Any]) -> Adaptation | None:
        """Return what to change after a refusal; None if that would not help.

        Args:
            refusal: the body of the server's error, JSON or text.
            body: what was written, without any change.

        """
        for statement in _statements(refusal):
            for name in _OPTIONAL:
                if name in self.applied(body) and _refuses(statement, name):
                    return replace(self, left_out=self.left_out | {name})
            for name, other in OTHER_NAMES.items():
                # Renamed once already: the server knows neither name.
                if name not in body or name in self.renamed or other in body:
                    continue
                if _refuses(statement, name, other):
                    return replace(self, renamed={**self.renamed, name: other})
        return None


def _refuses(statement: str, name: str, other: str = "") -> bool:
    """Whether a server does not know an option, not only its value."""
    if not _has(statement, name) or not _UNKNOWN.search(statement):
        return False
    return bool(other and _has(statement, other)) or not _VALUE.search(statement)


def _has(statement: str, name: str) -> bool:
    return re.search(rf"(?<!\w){name}(?!\w)", statement) is not None


def _statements(part: object) -> Iterator[str]:
    """Yield what a refusal says, the values of each of its objects as one text."""
    if isinstance(part, Mapping):
        own = [value for name, value in part.items() if name not in _ECHOED]
        yield " ".join(_plain(own))
        for value in own:
            yield from _statements(value) if isinstance(value, Mapping | list) else ()
    elif isinstance(part, list):
        for each in part:
            yield from _statements(each)
    elif isinstance(part, str):
        yield part


def _plain(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))
        elif isinstance(value, str):
            yield value
