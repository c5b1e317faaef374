"""The cryptography of the vault: AES-256-GCM, HKDF, HMAC and Argon2id.

All algorithms are those of `cryptography`. This module decides how the vault uses them:
keys live in buffers that are overwritten, a cipher is built for an operation and
dropped after it, and a nonce is 96 random bits with each write, never a counter.

Sources: NIST SP 800-38D (GCM), RFC 5869 (HKDF; the keys are uniform, so it is the
expansion alone, as its section 3.3 allows), RFC 2104 (HMAC), RFC 9106 (Argon2).
"""

from __future__ import annotations

import hmac
import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import cast

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from ..errors import VaultDamagedError, VaultError, WeakPasswordError, damaged

__all__ = [
    "KDF",
    "KEY_BYTES",
    "LONGEST_PASSWORD",
    "NONCE_BYTES",
    "SALT_BYTES",
    "TAG_BYTES",
    "Key",
    "Password",
    "password_buffer",
    "password_bytes",
    "wipe",
]

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SALT_BYTES = 16

LONGEST_PASSWORD = 1024
"""In bytes of UTF-8, after normalisation."""

Buffer = bytes | bytearray | memoryview

Password = str | bytes | bytearray
"""A password; the caller can wipe a `bytearray` of UTF-8."""


def wipe(buffer: bytearray | memoryview) -> None:
    """Overwrite a buffer with zeros, in place."""
    buffer[:] = bytes(len(buffer))


class Key:
    """A secret key of 256 bits in its own buffer; `wipe` overwrites it."""

    __slots__ = ("_bits",)

    def __init__(self) -> None:
        self._bits = bytearray(KEY_BYTES)

    @classmethod
    def random(cls) -> Key:
        """A new key from the operating system's generator."""
        key = cls()
        try:
            # Straight into the buffer: the bytes of `os.urandom` would stay in memory.
            with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123
                filled = source.readinto(key._bits)
        except OSError:
            filled = 0
        if filled != KEY_BYTES:
            key._bits[:] = os.urandom(KEY_BYTES)
        return key

    @classmethod
    def filled(cls, fill: Callable[[bytearray], object]) -> Key:
        """A key whose bits `fill` writes into the buffer that it gets."""
        key = cls()
        fill(key._bits)
        return key

    def derive(self, info: bytes) -> Key:
        """Derive the key for one purpose with HKDF-Expand."""
        expand = HKDFExpand(hashes.SHA256(), KEY_BYTES, info)
        return Key.filled(lambda buffer: expand.derive_into(self._bits, buffer))

    def encrypt(
        self, plaintext: Buffer, data: bytes, nonce: bytes | None = None
    ) -> bytes:
        """Encrypt, and authenticate `data` with it. Returns nonce, ciphertext and tag.

        Only tests give a nonce.
        """
        return self.encryptor()(plaintext, data, nonce)

    def encryptor(self) -> Callable[..., bytes]:
        """Return `encrypt` for many plaintexts in a row; drop it afterwards."""
        cipher = AESGCM(self._bits)

        def encrypt(
            plaintext: Buffer, data: bytes, nonce: bytes | None = None
        ) -> bytes:
            nonce = nonce or os.urandom(NONCE_BYTES)
            return nonce + cipher.encrypt(nonce, plaintext, data)

        return encrypt

    def encrypt_key(self, key: Key, data: bytes) -> bytes:
        """Encrypt another key with this one."""
        return self.encrypt(key._bits, data)

    def decrypt(self, blob: Buffer, data: bytes) -> bytearray:
        """Decrypt what `encrypt` returned, into a buffer that the caller wipes.

        Raises:
            VaultDamagedError: it was not encrypted with this key and this data.

        """
        plaintext = bytearray(max(0, len(blob) - NONCE_BYTES - TAG_BYTES))
        _decrypt_into(AESGCM(self._bits), blob, data, plaintext)
        return plaintext

    def decrypt_key(self, blob: Buffer, data: bytes) -> Key:
        """Decrypt what `encrypt_key` returned.

        Raises:
            VaultDamagedError: it was not encrypted with this key and this data.

        """
        if len(blob) != NONCE_BYTES + KEY_BYTES + TAG_BYTES:
            damaged()
        decrypt_into = self.decryptor()
        return Key.filled(lambda buffer: decrypt_into(blob, data, buffer))

    def decryptor(self) -> Callable[[Buffer, bytes, bytearray | memoryview], None]:
        """Return `(blob, data, into)` to decrypt many in a row; drop it afterwards.

        `into` has exactly the length of the plaintext.
        """
        cipher = AESGCM(self._bits)
        return partial(_decrypt_into, cipher)

    def mac(self, message: bytes) -> bytes:
        """HMAC-SHA-256 of a message."""
        return hmac.digest(self._bits, message, "sha256")

    def check(self, message: bytes, mac: Buffer) -> bool:
        """Whether a MAC is the message's, in constant time."""
        return hmac.compare_digest(self.mac(message), mac)

    def same(self, other: Buffer) -> bool:
        """Whether these are the key's bits, in constant time."""
        return hmac.compare_digest(self._bits, other)

    def copy_into(self, buffer: bytearray | memoryview) -> None:
        """Copy the bits into a buffer, which the caller wipes."""
        buffer[:] = self._bits

    def wipe(self) -> None:
        """Overwrite the bits."""
        wipe(self._bits)

    def __repr__(self) -> str:
        return "<Key>"


@dataclass(frozen=True, slots=True)
class KDF:
    """Argon2id's parameters: memory in KiB, passes over it, lanes side by side.

    The second recommendation of RFC 9106 (64 MiB, 3 passes, 4 lanes) is what a new
    vault gets.
    """

    memory: int = 65_536
    passes: int = 3
    lanes: int = 4

    def at_least(self, floor: KDF) -> bool:
        """Whether a guess costs no less than with `floor`."""
        return (
            self.memory >= floor.memory
            and self.memory * self.passes >= floor.memory * floor.passes
        )

    def check(self) -> None:
        """Refuse what RFC 9106 excludes, and what a hostile file could demand.

        Raises:
            VaultDamagedError: no vault has such parameters.

        """
        possible = (
            1 <= self.passes <= _MOST_PASSES
            and 1 <= self.lanes <= _MOST_LANES
            and 8 * self.lanes <= self.memory <= _MOST_MEMORY
            and self.memory * self.passes <= _MOST_WORK
        )
        if not possible:
            message = "The vault asks for a key derivation that no vault has."
            raise VaultDamagedError(message)

    def derive(self, password: bytearray, salt: bytes) -> Key:
        """Derive the key of a password; takes about an eighth of a second on purpose.

        Raises:
            VaultError: there is not enough memory.

        """
        self.check()
        try:
            argon2 = Argon2id(
                salt=salt,
                length=KEY_BYTES,
                iterations=self.passes,
                lanes=self.lanes,
                memory_cost=self.memory,
            )
            # Its types say bytes; any buffer will do.
            typed = cast("bytes", password)
            return Key.filled(lambda buffer: argon2.derive_into(typed, buffer))
        except MemoryError:
            message = f"The key derivation needs {self.memory // 1024} MiB of memory."
            hint = "Free some memory and try again."
        except UnsupportedAlgorithm:
            message = "The OpenSSL that cryptography uses here has no Argon2id."
            hint = "%pip install -U cryptography"
        raise VaultError(message, hint=hint)


_MOST_MEMORY = 1_048_576  # KiB
_MOST_PASSES = 64
_MOST_LANES = 64
# KiB times passes: about five seconds.
_MOST_WORK = 3_145_728


def password_bytes(password: Password) -> bytearray:
    """Encode a password for the KDF: NFC, UTF-8, nothing trimmed.

    ASCII bytes are copied as they are, so that no `str` of the password is made.

    Raises:
        WeakPasswordError: it is empty, blank, too long, or not text.

    """
    raw, problem = bytearray(), ""
    if isinstance(password, bytes | bytearray) and password.isascii():
        raw += password
    else:
        try:
            text = password if isinstance(password, str) else password.decode()
            raw += unicodedata.normalize("NFC", text).encode()
        except UnicodeError:
            problem = "is not text"
        text = ""
    # A verbose traceback shows the variables of the frame that raised.
    del password
    blank = not raw.strip() or (not raw.isascii() and not raw.decode().strip())
    if not problem and blank:
        problem = "is empty"
    elif len(raw) > LONGEST_PASSWORD:
        problem = f"is longer than {LONGEST_PASSWORD} bytes"
    if not problem:
        return raw
    wipe(raw)
    message = f"The password {problem}."
    raise WeakPasswordError(message)


@contextmanager
def password_buffer(password: Password) -> Iterator[bytearray]:
    """The password as `password_bytes` encodes it, until the block ends; then wiped.

    Raises:
        WeakPasswordError: it is empty, blank, too long, or not text.

    """
    # A verbose traceback shows the variables of its frames: hide this one.
    __tracebackhide__ = True
    raw = password_bytes(password)
    del password
    try:
        yield raw
    finally:
        wipe(raw)


def _decrypt_into(
    cipher: AESGCM, blob: Buffer, data: bytes, into: bytearray | memoryview
) -> None:
    try:
        cipher.decrypt_into(blob[:NONCE_BYTES], blob[NONCE_BYTES:], data, into)
    except (InvalidTag, ValueError):
        pass
    else:
        return
    damaged()
