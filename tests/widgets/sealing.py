"""Seals texts as a page does: really encrypted, so that the kernel opens them."""

from __future__ import annotations

import base64
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

__all__ = ["SUITE", "seal"]

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

_LABEL = "parllama_nb sealed 1"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def seal(
    key: dict[str, str], request: str, texts: dict[str, str], own: bytes = b""
) -> dict[str, Any]:
    """Texts sealed for a request, under a key that `sealing_key` has returned.

    `own` is the key that the page makes for them, by default a new one.
    """
    own = own or os.urandom(32)
    point = base64.b64decode(key["public_key"])
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    sealed = {}
    for name, text in texts.items():
        nonce = os.urandom(12)
        data = f"{request}/{name}".encode()
        sealed[name] = _text(nonce + AESGCM(own).encrypt(nonce, text.encode(), data))
    wrapped = SUITE.encrypt(own, public, info=f"{_LABEL} {request}".encode())
    return {"key": key["key"], "wrapped": _text(wrapped), "texts": sealed}
