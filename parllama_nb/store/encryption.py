"""How texts of the database are encrypted. The keys are the vault's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..errors import UsageError

__all__ = ["Decrypt", "Encryption", "Encryptor"]

Decrypt = Callable[[str, str], str]
"""Called with an encrypted text and its context. Returns the text."""


class Encryptor(Protocol):
    """Encrypts texts. It holds its own key, so it also works after the vault locks."""

    def __call__(self, text: str, context: str) -> str:
        """Return `text` encrypted and bound to `context`."""

    def wipe(self) -> None:
        """Forget the key."""


def _no_encryptor() -> Encryptor:
    message = "Nothing can be encrypted here: there is no vault."
    raise UsageError(message)


def _cannot_decrypt(encrypted: str, context: str) -> str:
    del encrypted, context
    message = "This is encrypted, and there is no vault here."
    raise UsageError(message)


@dataclass(frozen=True, slots=True)
class Encryption:
    """How texts are encrypted and decrypted.

    Both callables raise VaultLockedError while the vault is locked.
    """

    encryptor: Callable[[], Encryptor] = _no_encryptor
    decrypt: Decrypt = _cannot_decrypt
