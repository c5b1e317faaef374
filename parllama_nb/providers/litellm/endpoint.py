"""Whom litellm asks for us, and one failure of it on its way to becoming an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import ProviderError
from ...secret import Redactor, Secret
from ..http.error_bodies import without_keys

__all__ = ["Asked", "Case"]

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom we asked for what, as far as an error has to tell."""

    label: str
    redact: Redactor
    keys: tuple[Secret, ...] = ()
    model: str | None = None
    begun: bool = False
    hints: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One failure: what the child says of an exception, and what had been asked.

    `kind` is the name of its class; `said` are the server's words, `causes` the names
    of the classes of what it came from.
    """

    asked: Asked
    kind: str
    status: int
    said: str
    causes: frozenset[str]
    retry_after: float | None

    def make(
        self, kind: type[ProviderError], text: str, *, hint: str | None = None
    ) -> ProviderError:
        """The error itself; a hint that `asked` has for its code comes first."""
        hints = self.asked.hints or {}
        return kind(
            _line(self.asked, text),
            hint=hints.get(kind.code, hint),
            status=self.status or None,
            retry_after=self.retry_after,
        )

    def told(self, instead: str) -> str:
        """The server's words as a sentence, or another where it has none."""
        return f"{self.said.rstrip('.')}." if self.said else instead


def _line(asked: Asked, text: str) -> str:
    """One clear line: the provider first, no secret, not too long."""
    text = asked.redact(text)
    for key in asked.keys or (None,):
        text = without_keys(text, key)
    text = " ".join(f"{asked.label}: {text}".split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
