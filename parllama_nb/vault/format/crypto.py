"""The cryptography of the vault: AES-256-GCM, HKDF, HMAC and Argon2id.

None of it is made here; `cryptography` has it all. What is here is how the vault uses
it: keys live in buffers that are overwritten, a cipher is built for an operation and
dropped after it, and a nonce is 96 random bits with each write, never a counter.

Sources: NIST SP 800-38D (GCM), RFC 5869 (HKDF; the keys are uniform, so it is the
expansion alone, as its section 3.3 allows), RFC 2104 (HMAC), RFC 9106 (Argon2).
"""

from __future__ import annotations

import hmac
import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from ..errors import VaultDamagedError, VaultError, WeakPasswordError

__all__ = [
    "KDF",
    "KEY_BYTES",
    "LONGEST_PASSWORD",
    "NONCE_BYTES",
    "SALT_BYTES",
    "TAG_BYTES",
    "Key",
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


def wipe(buffer: bytearray | memoryview) -> None:
    """Overwrite a buffer with zeros, where it lies."""
    buffer[:] = bytes(len(buffer))


class Key:
    """256 secret bits in a buffer of their own; `wipe` overwrites it."""

    __slots__ = ("_bits",)

    def __init__(self) -> None:
        self._bits = bytearray(KEY_BYTES)

    @classmethod
    def random(cls) -> Key:
        """A new key from the operating system's generator."""
        key = cls()
        try:
            # Straight into the buffer: `os.urandom` gives bytes that stay behind.
            with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123
                filled = source.readinto(key._bits)
        except OSError:
            filled = 0
        if filled != KEY_BYTES:
            key._bits[:] = os.urandom(KEY_BYTES)
        return key

    @classmethod
    def filled(cls, fill: Callable[[bytearray], object]) -> Key:
        """A key that `fill` writes into the buffer it is given."""
        key = cls()
        fill(key._bits)
        return key

    def derive(self, info: bytes) -> Key:
        """The key for one purpose."""
        expand = HKDFExpand(hashes.SHA256(), KEY_BYTES, info)
        return Key.filled(lambda buffer: expand.derive_into(self._bits, buffer))

    def seal(self, plaintext: Buffer, data: bytes, nonce: bytes | None = None) -> bytes:
        """Nonce, ciphertext and tag. `data` is bound to them; a nonce is for tests."""
        return self.sealer()(plaintext, data, nonce)

    def sealer(self) -> Callable[..., bytes]:
        """`seal` for many in a row; drop it afterwards."""
        cipher = AESGCM(self._bits)

        def seal(plaintext: Buffer, data: bytes, nonce: bytes | None = None) -> bytes:
            nonce = nonce or os.urandom(NONCE_BYTES)
            return nonce + cipher.encrypt(nonce, plaintext, data)

        return seal

    def seal_key(self, key: Key, data: bytes) -> bytes:
        """Another key, sealed."""
        return self.seal(key._bits, data)

    def open(self, blob: Buffer, data: bytes) -> bytearray:
        """What `seal` was given, in a buffer that the caller wipes.

        Raises:
            VaultDamagedError: it is not what was sealed with this key and this data.

        """
        plaintext = bytearray(max(0, len(blob) - NONCE_BYTES - TAG_BYTES))
        _open_into(AESGCM(self._bits), blob, data, plaintext)
        return plaintext

    def open_key(self, blob: Buffer, data: bytes) -> Key:
        """What `seal_key` was given.

        Raises:
            VaultDamagedError: it is not that.

        """
        if len(blob) != NONCE_BYTES + KEY_BYTES + TAG_BYTES:
            raise _damaged()
        open_into = self.opener()
        return Key.filled(lambda buffer: open_into(blob, data, buffer))

    def opener(self) -> Callable[[Buffer, bytes, bytearray | memoryview], None]:
        """`open` for many blobs in a row: `(blob, data, into)`; drop it afterwards.

        `into` has exactly the length of the plaintext.
        """
        cipher = AESGCM(self._bits)
        return partial(_open_into, cipher)

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
        """The bits, to be sealed as a part of something larger. Wipe the buffer."""
        buffer[:] = self._bits

    def wipe(self) -> None:
        """Forget it."""
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
        """Whether it costs a guesser no less than `floor`."""
        return (
            self.memory >= floor.memory
            and self.memory * self.passes >= floor.memory * floor.passes
        )

    def check(self) -> None:
        """Refuse what RFC 9106 excludes, and what a hostile file could cost.

        Raises:
            VaultDamagedError: parameters that no vault has.

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
        """The key of a password; takes about an eighth of a second on purpose.

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
            given = cast("bytes", password)
            return Key.filled(lambda buffer: argon2.derive_into(given, buffer))
        except MemoryError:
            message = f"There is no {self.memory // 1024} MiB of memory for the key."
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


def password_bytes(password: str | bytes | bytearray) -> bytearray:
    """A password as it goes into the KDF: NFC, UTF-8, nothing trimmed.

    What is plain ASCII already is copied as it is, so that no `str` of it is made.

    Raises:
        WeakPasswordError: it is empty, blank, too long, or no text.

    """
    raw, problem = bytearray(), ""
    if isinstance(password, bytes | bytearray) and password.isascii():
        raw += password
    else:
        try:
            text = password if isinstance(password, str) else password.decode()
            raw += unicodedata.normalize("NFC", text).encode()
        except UnicodeError:
            problem = "is no text"
        text = ""
    # A verbose traceback shows what the frame has where an error was raised.
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


def _open_into(
    cipher: AESGCM, blob: Buffer, data: bytes, into: bytearray | memoryview
) -> None:
    try:
        cipher.decrypt_into(blob[:NONCE_BYTES], blob[NONCE_BYTES:], data, into)
    except (InvalidTag, ValueError):
        pass
    else:
        return
    raise _damaged()


def _damaged() -> VaultDamagedError:
    return VaultDamagedError(
        "The vault is damaged, or was tampered with.",
        hint="%parllama vault restore brings back a backup.",
    )
