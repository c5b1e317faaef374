"""Encryption of things that are kept elsewhere, with a key of the vault.

A sealed thing says which data key it belongs to, so that it opens after a rotation
too, and is bound to what it is: one cannot be put in another's place.
"""

from __future__ import annotations

import base64
import binascii

from .crypto import NONCE_BYTES, TAG_BYTES
from .errors import VaultDamagedError
from .format import ID_BYTES, LABEL
from .keys import Keys

__all__ = [
    "is_sealed",
    "is_sealed_text",
    "seal",
    "sealed_text",
    "text_sealed",
    "unseal",
]

_MAGIC = b"PLNBS\x01"
_HEAD = len(_MAGIC) + ID_BYTES
_TEXT = "pl-sealed:"


def seal(keys: Keys, plaintext: bytes | bytearray, context: str) -> bytes:
    """Encrypt and bind to `context`."""
    key_id = keys.header.key_id
    data = _data(keys, key_id, context)
    return _MAGIC + key_id + keys.sealing.seal(plaintext, data)


def unseal(keys: Keys, sealed: bytes, context: str) -> bytearray:
    """What was sealed, in a buffer that the caller may wipe.

    Raises:
        VaultDamagedError: it was changed, is something else, or another vault's.

    """
    key_id = sealed[len(_MAGIC) : _HEAD]
    key = keys.sealing_key(key_id) if is_sealed(sealed) else None
    if key is None:
        message = "This was not sealed by the vault that is unlocked."
        raise VaultDamagedError(message)
    return key.open(sealed[_HEAD:], _data(keys, key_id, context))


def is_sealed(blob: bytes) -> bool:
    """Whether this looks like something sealed."""
    return blob.startswith(_MAGIC) and len(blob) >= _HEAD + NONCE_BYTES + TAG_BYTES


def sealed_text(sealed: bytes) -> str:
    """Something sealed as a text, for where a text is kept."""
    return _TEXT + base64.b64encode(sealed).decode()


def is_sealed_text(text: str) -> bool:
    """Whether a text is something sealed."""
    return text.startswith(_TEXT)


def text_sealed(text: str) -> bytes:
    """What `sealed_text` was given.

    Raises:
        VaultDamagedError: it is no such text.

    """
    try:
        return base64.b64decode(text.removeprefix(_TEXT), validate=True)
    except (binascii.Error, ValueError):
        readable = False
    if not readable:
        message = "This was not sealed by a vault."
        raise VaultDamagedError(message)
    raise AssertionError


def _data(keys: Keys, key_id: bytes, context: str) -> bytes:
    return LABEL + b"sealed" + keys.header.vault_id + key_id + context.encode()
