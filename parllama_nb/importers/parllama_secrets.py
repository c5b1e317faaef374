"""Reads PAR LLAMA's `secrets.json`; never writes it.

The file is JSON: a salt, the password encrypted with itself, and values encrypted with
AES-256-GCM under PBKDF2-HMAC-SHA-256 of the password. In each encrypted text the tag
comes before the ciphertext. The file does not say how often PBKDF2 was applied: 600,000
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

from ..vaults.errors import (
    ImportFileError,
    VaultDamagedError,
    VaultError,
    WrongPasswordError,
)
from ..vaults.format.crypto import (
    KEY_BYTES,
    NONCE_BYTES,
    TAG_BYTES,
    Key,
    Password,
    wipe,
)
from ..vaults.policy import check_name, value_bytes
from .imported_secrets import ImportedSecrets

__all__ = ["ERAS", "needs_password", "read_secrets"]

ERAS: Final = (600_000, 100_000)
"""Iterations of PBKDF2, the more likely number first."""

_LARGEST = 16 << 20
_SALT_BYTES = 16
_MOST_SECRETS = 10_000


@dataclass(frozen=True, slots=True)
class _File:
    salt: bytes
    check: bytes | None
    encrypted: dict[str, bytes]
    exports: frozenset[str]


def needs_password(path: Path) -> bool:
    """Whether a file has a password; without one it has no secrets.

    Raises:
        ImportFileError: it cannot be read, or is not PAR LLAMA's.

    """
    return _parsed(path).check is not None


def read_secrets(path: Path, password: Password) -> ImportedSecrets:
    """Decrypt a file with PAR LLAMA's password, whatever version wrote it.

    Raises:
        ImportFileError: it cannot be read, or is not PAR LLAMA's.
        WrongPasswordError: it is not the file's password.

    """
    file = _parsed(path)
    if file.check is None:
        if file.encrypted:
            message = f"{path.name} has secrets and no password."
            raise ImportFileError(message, hint="PAR LLAMA could not open it either.")
        return ImportedSecrets({})
    raw = bytearray()
    with contextlib.suppress(UnicodeError):
        # As it was typed: PAR LLAMA neither trims nor normalises it.
        raw += password.encode() if isinstance(password, str) else password
    try:
        key = _key(file, raw)
    finally:
        wipe(raw)
    if key is None:
        message = f"The password does not open {path.name}."
        raise WrongPasswordError(
            message, hint="Type the password of PAR LLAMA's vault."
        )
    try:
        return _decrypt_all(file, key)
    finally:
        key.wipe()


def _decrypt_all(file: _File, key: Key) -> ImportedSecrets:
    values: dict[str, bytearray] = {}
    skipped: list[tuple[str, str]] = []
    for name, encrypted in file.encrypted.items():
        try:
            checked = check_name(name.strip())
            plaintext = _decrypt(key, encrypted)
            values[checked] = value_bytes(plaintext)
            wipe(plaintext)
        except VaultDamagedError:
            skipped.append((name, "it is damaged"))
        except VaultError as error:
            skipped.append((name, error.message))
    return ImportedSecrets(values, file.exports & values.keys(), tuple(skipped))


def _key(file: _File, password: bytearray) -> Key | None:
    """Return the key of the password, None if it is wrong."""
    for iterations in ERAS:
        key = _derived(password, file.salt, iterations)
        with contextlib.suppress(VaultDamagedError):
            check = _decrypt(key, file.check or b"")
            if hmac.compare_digest(check, password):
                wipe(check)
                return key
        key.wipe()
    return None


def _derived(password: bytearray, salt: bytes, iterations: int) -> Key:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC  # noqa: PLC0415

    kdf = PBKDF2HMAC(SHA256(), KEY_BYTES, salt, iterations)
    return Key.filled(lambda buffer: kdf.derive_into(password, buffer))


def _decrypt(key: Key, encrypted: bytes) -> bytearray:
    nonce, rest = encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:]
    # Move the tag to where the cipher expects it: the end.
    return key.decrypt(nonce + rest[TAG_BYTES:] + rest[:TAG_BYTES], b"")


def _parsed(path: Path) -> _File:
    try:
        if path.stat().st_size > _LARGEST:
            message = f"{path} is too large for a secrets.json of PAR LLAMA."
            raise ImportFileError(message)
        if not (path.is_file() or path.is_dir()):
            message = f"{path}: not a file."  # and reading may never end
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
        data: Any = json.loads(text)
        salt = _decoded(data["__salt__"])
        check = data["__key__"]
        # Before version 0.3.26 this did not exist, and all secrets were exported.
        exports = dict(data.get("export_to_env") or {})
        encrypted = {
            str(name): _decoded(value) for name, value in data["secrets"].items()
        }
        file = _File(
            salt,
            None if check is None else _decoded(check),
            encrypted,
            frozenset(
                name.strip()
                for name in encrypted
                if exports.get(name, True) is not False
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    else:
        if len(salt) == _SALT_BYTES and len(encrypted) <= _MOST_SECRETS:
            return file
    message = f"{path.name} is not a secrets.json of PAR LLAMA."
    raise ImportFileError(message)


def _decoded(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError from None
