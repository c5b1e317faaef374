"""Makes files as PAR LLAMA writes them, by the library's primitives alone."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["NEW", "OLD", "secrets_json"]

OLD, NEW = 100_000, 600_000


@functools.cache
def derived(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations, 32)


def sealed(key: bytes, text: str) -> str:
    nonce = os.urandom(12)
    both = AESGCM(key).encrypt(nonce, text.encode(), None)
    return base64.b64encode(nonce + both[-16:] + both[:-16]).decode()


def secrets_json(
    password: str,
    secrets: Mapping[str, str],
    *,
    iterations: int = NEW,
    exports: Mapping[str, bool] | None = None,
    salt: bytes | None = None,
) -> str:
    """The text of a file; before version 0.3.26 there was no `exports`."""
    salt = salt or os.urandom(16)
    key = derived(password, salt, iterations)
    found: dict[str, Any] = {
        "__salt__": base64.b64encode(salt).decode(),
        "__key__": sealed(key, password),
        "secrets": {name: sealed(key, value) for name, value in secrets.items()},
    }
    if exports is not None:
        found["export_to_env"] = dict(exports)
    return json.dumps(found, indent=2)
