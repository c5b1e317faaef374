"""Encryption of things that are kept elsewhere, with a key of the vault.

A sealed thing says which data key it belongs to, so that it opens after a rotation
too, and is bound to what it is: one cannot be put in another's place.
"""

from __future__ import annotations

import base64
import binascii

from ..errors import VaultDamagedError, VaultLockedError
from .crypto import KEY_BYTES, NONCE_BYTES, TAG_BYTES, Key
from .keys import Keys
from .layout import ID_BYTES, LABEL

__all__ = [
    "Sealer",
    "is_sealed",
    "is_sealed_text",
    "seal",
    "sealed_text",
    "text_sealed",
    "unseal",
]

_MAGIC = b"PLNBS\x01"
# Under a key of its own, which comes along sealed.
_MAGIC_OWN = b"PLNBS\x02"
_HEAD = len(_MAGIC) + ID_BYTES
_OWN = _HEAD + NONCE_BYTES + KEY_BYTES + TAG_BYTES
_TEXT = "pl-sealed:"
_OWN_KEY = LABEL + b"one-key"


class Sealer:
    """Seals texts under a random key of its own, so that it outlasts a lock.

    All it can open, had one its key, is what it has sealed itself; the vault opens that
    as it opens everything. Made by `Vault.sealer`; wipe it in the end.
    """

    def __init__(self, keys: Keys) -> None:
        key_id = keys.header.key_id
        self._key = Key.random()
        self._bound = keys.header.vault_id + key_id
        sealed = keys.sealing.seal_key(self._key, _OWN_KEY + self._bound)
        self._head = _MAGIC_OWN + key_id + sealed
        self._wiped = False

    def __call__(self, text: str, context: str) -> str:
        """A text, sealed and bound to `context`, as a text.

        Raises:
            VaultLockedError: it was wiped.

        """
        if self._wiped:
            message = "What seals this is wiped."
            raise VaultLockedError(message)
        data = LABEL + b"sealed" + self._bound + context.encode()
        plaintext = text.encode(errors="surrogatepass")
        return sealed_text(self._head + self._key.seal(plaintext, data))

    def wipe(self) -> None:
        """Forget its key."""
        self._wiped = True
        self._key.wipe()

    def __repr__(self) -> str:
        return "<Sealer>"


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
    data = _data(keys, key_id, context)
    if sealed.startswith(_MAGIC):
        return key.open(sealed[_HEAD:], data)
    own = key.open_key(sealed[_HEAD:_OWN], _OWN_KEY + keys.header.vault_id + key_id)
    try:
        return own.open(sealed[_OWN:], data)
    finally:
        own.wipe()


def is_sealed(blob: bytes) -> bool:
    """Whether this looks like something sealed."""
    heads = ((_MAGIC, _HEAD), (_MAGIC_OWN, _OWN))
    return any(
        blob.startswith(magic) and len(blob) >= head + NONCE_BYTES + TAG_BYTES
        for magic, head in heads
    )


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
