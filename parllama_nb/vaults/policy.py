"""The rules of a vault: the cost of guessing, the lock, names and values."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from ..errors import UsageError
from .errors import SecretRefusedError
from .format.crypto import KDF, wipe
from .format.records import LONGEST_NAME, LONGEST_VALUE
from .timer import Limits

__all__ = ["DEFAULT_KDF", "Policy", "check_name", "value_bytes"]

DEFAULT_KDF: Final = KDF()

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one vault.

    If guessing the vault's password costs less than with `kdf`, the next unlock raises
    the cost.

    Raises:
        UsageError: `kdf` costs less than the default.

    """

    kdf: KDF = DEFAULT_KDF
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not self.kdf.at_least(DEFAULT_KDF):
            message = "A vault's key derivation cannot be made cheaper."
            raise UsageError(message)


def check_name(name: str) -> str:
    """Check the name of a secret. Returns it in NFC.

    Raises:
        SecretRefusedError: it is empty, too long, or has characters that do not show.

    """
    checked = unicodedata.normalize("NFC", name)
    problem = ""
    if not checked or checked != checked.strip():
        problem = "is empty, or begins or ends with a space"
    elif len(checked) > LONGEST_NAME:
        problem = f"is longer than {LONGEST_NAME} characters"
    elif _CONTROL.search(checked) or not _encodes(checked):
        problem = "has characters that cannot be shown"
    if not problem:
        return checked
    # Nothing may repeat it, not even a verbose traceback: it may be the secret itself.
    del name, checked
    message = f"The name of the secret {problem}."
    raise SecretRefusedError(message, hint="For example OPENAI_API_KEY.")


def value_bytes(value: str | bytes | bytearray) -> bytearray:
    """Encode a secret's value for the storage, in a buffer that the caller wipes.

    Raises:
        SecretRefusedError: it is empty, too long, or not text.

    """
    raw = bytearray()
    try:
        if isinstance(value, str):
            raw += value.encode()
        else:
            raw += value
            if not raw.isascii():
                raw.decode()
    except UnicodeError:
        problem = "is not text"
    else:
        problem = "" if raw else "is empty"
        if len(raw) > LONGEST_VALUE:
            problem = f"is longer than {LONGEST_VALUE // 1024} KiB"
    if not problem:
        return raw
    wipe(raw)
    del value
    message = f"The value of the secret {problem}."
    raise SecretRefusedError(message)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeError:
        return False
    return True
