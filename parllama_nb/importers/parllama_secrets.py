"""Reads PAR LLAMA's `secrets.json`; never writes it.

The file is JSON: a salt, the password sealed with itself, and values sealed with
AES-256-GCM under PBKDF2-HMAC-SHA-256 of the password. In each sealed text the tag
stands before the ciphertext. How often PBKDF2 was applied is not written down: 600,000
times since version 0.3.26, 100,000 before. Both are tried.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..vault.errors import (
    ImportFileError,
    VaultDamagedError,
    VaultError,
    WrongPasswordError,
)
from ..vault.format.crypto import KEY_BYTES, NONCE_BYTES, TAG_BYTES, Key, wipe
from ..vault.policy import check_name, value_bytes

__all__ = ["ERAS", "ImportedSecrets", "read_legacy"]

ERAS: Final = (600_000, 100_000)
"""Iterations of PBKDF2, the likelier first."""

_LARGEST = 16 << 20
_SALT_BYTES = 16
_MOST_SECRETS = 10_000


@dataclass(frozen=True, slots=True)
class ImportedSecrets:
    """Secrets of a file that is to be imported.

    `exports` are those that PAR LLAMA puts into the environment, which it does unless
    told not to. `skipped` are those that cannot be taken over, each with the reason.
    """

    values: dict[str, bytearray]
    exports: frozenset[str] = frozenset()
    skipped: tuple[tuple[str, str], ...] = ()

    def wipe(self) -> None:
        """Overwrite the values."""
        for value in self.values.values():
            wipe(value)

    def __repr__(self) -> str:
        return f"<ImportedSecrets {len(self.values)} secrets>"


@dataclass(frozen=True, slots=True)
class _File:
    salt: bytes
    check: bytes | None
    sealed: dict[str, bytes]
    exports: frozenset[str]


def needs_password(path: Path) -> bool:
    """Whether a file has a password at all; without one it has no secrets.

    Raises:
        ImportFileError: it is no file of PAR LLAMA's.

    """
    return _parsed(path).check is not None


def read_legacy(path: Path, password: str) -> ImportedSecrets:
    """Open a file with PAR LLAMA's password, of either era.

    Raises:
        ImportFileError: it cannot be read, or is no file of PAR LLAMA's.
        WrongPasswordError: that is not its password.

    """
    file = _parsed(path)
    if file.check is None:
        if file.sealed:
            message = f"{path.name} has secrets and no password."
            raise ImportFileError(message, hint="PAR LLAMA could not open it either.")
        return ImportedSecrets({})
    try:
        # As it was typed: PAR LLAMA neither trims nor normalises.
        raw = bytearray(password, "utf-8")
    except UnicodeError:
        raw = bytearray()
    try:
        key = _key(file, raw)
    finally:
        wipe(raw)
    if key is None:
        message = f"The password does not open {path.name}."
        raise WrongPasswordError(message, hint="It is PAR LLAMA's that is asked for.")
    try:
        return _opened(file, key)
    finally:
        key.wipe()


def _opened(file: _File, key: Key) -> ImportedSecrets:
    values: dict[str, bytearray] = {}
    skipped: list[tuple[str, str]] = []
    for name, sealed in file.sealed.items():
        try:
            shown = check_name(name.strip())
            plaintext = _open(key, sealed)
            values[shown] = value_bytes(plaintext)
            wipe(plaintext)
        except VaultDamagedError:
            skipped.append((name, "it is damaged"))
        except VaultError as error:
            skipped.append((name, error.message))
    return ImportedSecrets(values, file.exports & values.keys(), tuple(skipped))


def _key(file: _File, password: bytearray) -> Key | None:
    """The key under which the file's check opens to the password; None for none."""
    for iterations in ERAS:
        key = _derived(password, file.salt, iterations)
        with contextlib.suppress(VaultDamagedError):
            told = _open(key, file.check or b"")
            if hmac.compare_digest(told, password):
                wipe(told)
                return key
        key.wipe()
    return None


def _derived(password: bytearray, salt: bytes, iterations: int) -> Key:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC  # noqa: PLC0415

    kdf = PBKDF2HMAC(SHA256(), KEY_BYTES, salt, iterations)
    return Key.filled(lambda buffer: kdf.derive_into(password, buffer))


def _open(key: Key, sealed: bytes) -> bytearray:
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    # The tag goes where the cipher wants it: to the end.
    return key.decrypt(nonce + rest[TAG_BYTES:] + rest[:TAG_BYTES], b"")


def _parsed(path: Path) -> _File:
    try:
        if path.stat().st_size > _LARGEST:
            message = f"{path} is too large to be PAR LLAMA's."
            raise ImportFileError(message)
        text = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        return _read(path, text)
    message = f"{path}: {reason}."
    raise ImportFileError(message)


def _read(path: Path, text: bytes) -> _File:
    try:
        found: Any = json.loads(text)
        salt = _decoded(found["__salt__"])
        check = found["__key__"]
        secrets = found["secrets"]
        # Before version 0.3.26 there was no such thing, and all were exported.
        exports = dict(found.get("export_to_env") or {})
        sealed = {str(name): _decoded(value) for name, value in secrets.items()}
        file = _File(
            salt,
            None if check is None else _decoded(check),
            sealed,
            frozenset(
                name.strip() for name in sealed if exports.get(name, True) is not False
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    else:
        if len(salt) == _SALT_BYTES and len(sealed) <= _MOST_SECRETS:
            return file
    message = f"{path.name} is no secrets.json of PAR LLAMA's."
    raise ImportFileError(message)


def _decoded(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError from None
