"""Encryption, with a key of the vault, of data that is stored elsewhere.

An envelope names the data key it belongs to, so that it can be decrypted after a
rotation too, and is bound to a context: one envelope cannot take another's place.
"""

from __future__ import annotations

import base64
import binascii

from ..errors import VaultDamagedError, VaultLockedError
from .crypto import KEY_BYTES, NONCE_BYTES, TAG_BYTES, Key, wipe
from .keys import Keys
from .layout import ID_BYTES, LABEL

__all__ = ["TextEncryptor", "decrypt", "encrypt", "from_text", "is_envelope", "to_text"]

_MAGIC = b"PLNBS\x01"
# Encrypted under a key of its own, which the envelope holds encrypted.
_MAGIC_OWN = b"PLNBS\x02"
_HEAD = len(_MAGIC) + ID_BYTES
_OWN = _HEAD + NONCE_BYTES + KEY_BYTES + TAG_BYTES
_TEXT = "pl-sealed:"
_OWN_KEY = LABEL + b"one-key"


class TextEncryptor:
    """Encrypts texts under a random key of its own, also after the vault has locked.

    Its key decrypts only what this object has encrypted; the vault decrypts that like
    any other envelope. `Vault.sealer` makes it; its owner wipes it.
    """

    def __init__(self, keys: Keys) -> None:
        key_id = keys.header.key_id
        self._key = Key.random()
        self._ids = keys.header.vault_id + key_id
        encrypted_key = keys.sealing.encrypt_key(self._key, _OWN_KEY + self._ids)
        self._head = _MAGIC_OWN + key_id + encrypted_key
        self._wiped = False

    def __call__(self, text: str, context: str) -> str:
        """Encrypt a text, bound to `context`. Returns the envelope as a text.

        Raises:
            VaultLockedError: this object was wiped.

        """
        if self._wiped:
            message = "The key that encrypts this was wiped."
            raise VaultLockedError(message)
        data = LABEL + b"sealed" + self._ids + context.encode()
        plaintext = text.encode(errors="surrogatepass")
        return to_text(self._head + self._key.encrypt(plaintext, data))

    def wipe(self) -> None:
        """Overwrite its key."""
        self._wiped = True
        self._key.wipe()

    def __repr__(self) -> str:
        return "<TextEncryptor>"


def encrypt(keys: Keys, plaintext: bytes | bytearray, context: str) -> bytes:
    """Encrypt, bound to `context`. Returns the envelope."""
    key_id = keys.header.key_id
    data = _data(keys, key_id, context)
    return _MAGIC + key_id + keys.sealing.encrypt(plaintext, data)


def decrypt(keys: Keys, envelope: bytes, context: str) -> bytearray:
    """Decrypt an envelope into a buffer that the caller may wipe.

    Raises:
        VaultDamagedError: it was changed, is not an envelope of this vault, or is bound
            to another context.

    """
    key_id = envelope[len(_MAGIC) : _HEAD]
    key = keys.sealing_key(key_id) if is_envelope(envelope) else None
    if key is None:
        message = "This was not encrypted by the vault that is unlocked."
        raise VaultDamagedError(message)
    data = _data(keys, key_id, context)
    if envelope.startswith(_MAGIC):
        return key.decrypt(envelope[_HEAD:], data)
    own = key.decrypt_key(
        envelope[_HEAD:_OWN], _OWN_KEY + keys.header.vault_id + key_id
    )
    try:
        return own.decrypt(envelope[_OWN:], data)
    finally:
        own.wipe()


def decrypt_text(keys: Keys, text: str, context: str) -> str:
    """`decrypt` for a text that a `TextEncryptor` has encrypted."""
    plaintext = decrypt(keys, from_text(text), context)
    try:
        return plaintext.decode(errors="surrogatepass")
    finally:
        wipe(plaintext)


def is_envelope(blob: bytes) -> bool:
    """Whether this looks like an envelope."""
    heads = ((_MAGIC, _HEAD), (_MAGIC_OWN, _OWN))
    return any(
        blob.startswith(magic) and len(blob) >= head + NONCE_BYTES + TAG_BYTES
        for magic, head in heads
    )


def to_text(envelope: bytes) -> str:
    """Encode an envelope as a text."""
    return _TEXT + base64.b64encode(envelope).decode()


def from_text(text: str) -> bytes:
    """Decode the envelope that `to_text` encoded.

    Raises:
        VaultDamagedError: the text is not an envelope.

    """
    try:
        return base64.b64decode(text.removeprefix(_TEXT), validate=True)
    except (binascii.Error, ValueError):
        pass
    message = "This was not encrypted by a vault."
    raise VaultDamagedError(message)


def _data(keys: Keys, key_id: bytes, context: str) -> bytes:
    return LABEL + b"sealed" + keys.header.vault_id + key_id + context.encode()
