"""The list of one provider's models."""

from __future__ import annotations

from dataclasses import dataclass

from ..providers.spec import ModelInfo

__all__ = ["ModelList"]


@dataclass(frozen=True, slots=True)
class ModelList:
    """The models of a provider.

    `fetched` is when they were listed, in seconds since the epoch, None if never.
    `failure` says why a later attempt failed, and `code` is that of the error; the
    earlier models stay. `missing` says what the provider needs before it can be asked.
    `hint` says what to do about either.
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
        """What is wrong with the list, in a few words; "" if nothing is."""
        if self.missing or not self.failure:
            return self.missing
        return f"stale: {self.failure}" if self.models else self.failure
