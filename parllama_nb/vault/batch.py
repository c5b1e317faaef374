"""Changes to a vault that are gathered first, and kept all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .environment import check_export
from .format.crypto import wipe
from .policy import check_name, value_bytes
from .transaction import Transaction

__all__ = ["Batch"]


@dataclass(slots=True)
class Batch:
    """Changes that are kept together when the `with` block ends, or not at all."""

    version: int = 0
    """The version all it has written got, once it was kept."""
    _edits: list[Callable[[Transaction], None]] = field(
        default_factory=list, repr=False
    )
    _values: list[bytearray] = field(default_factory=list, repr=False)

    def set(
        self,
        name: str,
        value: str | bytes | bytearray,
        *,
        export: bool | None = None,
        expect: int | None = None,
    ) -> None:
        """As `Vault.set`.

        Raises:
            SecretRefusedError: a name or a value that cannot be kept.

        """
        __tracebackhide__ = True
        raw = value_bytes(value)
        del value
        self._values.append(raw)
        name = check_name(name)
        if export:
            check_export(name)
        self._edits.append(
            lambda draft: draft.set(name, raw, export=export, expect=expect)
        )

    def remove(self, name: str, *, expect: int | None = None) -> None:
        """As `Vault.remove`."""
        self._edits.append(lambda draft: draft.remove(name, expect=expect))

    def apply(self, draft: Transaction) -> None:
        """Make the changes."""
        for edit in self._edits:
            edit(draft)

    def wipe(self) -> None:
        """Overwrite the values it was given."""
        for raw in self._values:
            wipe(raw)

    def __bool__(self) -> bool:
        return bool(self._edits)
