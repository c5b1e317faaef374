"""The page's half of the sealed channel, by the library's primitives alone."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

__all__ = ["Opener", "sealed_by"]

_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LABEL = "parllama_nb sealed 1"


def sealed_by(
    kernels: Mapping[str, str], request: str, texts: Mapping[str, str]
) -> dict[str, object]:
    """Seal texts for one request by the kernel's key, as its response gave it."""
    point = base64.b64decode(kernels["public_key"])
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    own = AESGCM.generate_key(256)
    wrapped = _SUITE.encrypt(own, public, info=f"{_LABEL} {request}".encode())
    return {
        "key": kernels["key"],
        "wrapped": base64.b64encode(wrapped).decode(),
        "texts": {
            name: _encrypted(own, text, f"{request}/{name}")
            for name, text in texts.items()
        },
    }


def _encrypted(key: bytes, text: str, data: str) -> str:
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), data.encode())
    return base64.b64encode(nonce + sealed).decode()


class Opener:
    """A page's key for a value that the kernel reveals."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return base64.b64encode(point).decode()

    def open(self, sealed: str, context: str) -> str:
        raw = base64.b64decode(sealed)
        info = f"{_LABEL} {context}".encode()
        return _SUITE.decrypt(raw, self._private, info=info).decode()
