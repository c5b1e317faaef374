"""Secrets of a file that is to be imported."""

from __future__ import annotations

from dataclasses import dataclass

from ..vaults.format.crypto import wipe

__all__ = ["ImportedSecrets"]


@dataclass(frozen=True, slots=True)
class ImportedSecrets:
    """The secrets of one file; whoever reads it wipes them.

    `exports` are those that PAR LLAMA puts into the environment. `skipped` are those
    that a vault cannot store, each with the reason. `unresolved` are those whose values
    refer to a variable, as `${NAME}`, that the file does not have.
    """

    values: dict[str, bytearray]
    exports: frozenset[str] = frozenset()
    skipped: tuple[tuple[str, str], ...] = ()
    unresolved: frozenset[str] = frozenset()

    def wipe(self) -> None:
        """Overwrite the values."""
        for value in self.values.values():
            wipe(value)

    def __repr__(self) -> str:
        return f"<ImportedSecrets {len(self.values)} secrets>"
