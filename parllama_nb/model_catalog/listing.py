"""The models of one provider, as they are known."""

from __future__ import annotations

from dataclasses import dataclass

from ..providers.spec import ModelInfo

__all__ = ["ModelList"]


@dataclass(frozen=True, slots=True)
class ModelList:
    """The models of a provider as they are known.

    `fetched` is when they were listed, in seconds since the epoch, and None if never.
    `failure` says why they could not be listed since, and `code` is that of the error;
    what was known before is kept. `missing` says what the provider wants before it can
    be asked at all. `hint` says what to do about the one or the other.
    """

    provider: str
    models: tuple[ModelInfo, ...] = ()
    fetched: float | None = None
    failure: str = ""
    code: str = ""
    missing: str = ""
    hint: str = ""

    @property
    def note(self) -> str:
        """What a reader of the list should know, in a few words; "" for nothing."""
        if self.missing or not self.failure:
            return self.missing
        return f"stale: {self.failure}" if self.models else self.failure
