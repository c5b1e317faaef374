"""Passwords and secrets between a view and the kernel: sealed, and never in clear.

A message of a view passes the browser's own tools, a server and its logs, perhaps a
relay, and other clients may read it. So a view first asks for a public key
(`SealingKey`), which is good for one message. It encrypts its texts by AES-256-GCM with
a key that it makes for this message, and that key for the kernel by HPKE. A value that
is revealed comes back by HPKE under a public key that the asking view has made.

This keeps passwords out of logs and recordings. It does not protect from a server that
puts its own key in the place of the kernel's.

Sources: RFC 9180 (HPKE, base mode: P-256, HKDF-SHA256, AES-256-GCM), NIST SP 800-38D.
"""

from __future__ import annotations

import base64
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import ParllamaError
from ._protocol import SealedTexts, SealingKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.hpke import Suite

__all__ = ["SealingError", "SealingKeys", "required", "seal_for_view"]

_LABEL = "parllama_nb sealed 1"

# Keys that were handed out and not used yet, at most; a view uses its key at once.
_PENDING = 32

_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_BYTES = 32


class SealingError(ParllamaError):
    """A sealed message cannot be opened."""

    code = "sealing"


class SealingKeys:
    """The kernel's keys for messages of one view. Used on the service loop."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, EllipticCurvePrivateKey] = OrderedDict()

    def make(self) -> SealingKey:
        """Make a key for one message."""
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

        private = ec.generate_private_key(ec.SECP256R1())
        name = secrets.token_hex(16)
        self._keys[name] = private
        if len(self._keys) > _PENDING:
            self._keys.popitem(last=False)
        return SealingKey(key=name, public_key=_text(_point(private)))

    @contextmanager
    def opened(
        self, sealed: SealedTexts, request: str
    ) -> Iterator[dict[str, bytearray]]:
        """Return the texts of a request, in UTF-8; they are wiped when the block ends.

        Whoever hands them on to something that outlives the block makes a copy.

        Raises:
            SealingError: the key was used before, or the texts are for another request
                or were changed on the way.

        """
        opened: dict[str, bytearray] = {}
        key = bytearray()
        try:
            key = self._key_of(sealed, request)
            for name, text in sealed.texts.items():
                opened[name] = _decrypted(key, text, f"{request}/{name}".encode())
            yield opened
        finally:
            for buffer in (key, *opened.values()):
                buffer[:] = bytes(len(buffer))

    def _key_of(self, sealed: SealedTexts, request: str) -> bytearray:
        """Return the key that the view made for its texts."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        private = self._keys.pop(sealed.key, None)
        if private is None:
            raise _refused()
        try:
            wrapped = _bytes(sealed.wrapped)
            key = _suite().decrypt(wrapped, private, info=_info(request))
        except (InvalidTag, ValueError):
            key = b""
        if len(key) != _KEY_BYTES:
            raise _refused()
        return bytearray(key)


def seal_for_view(value: str, public_key: str, context: str) -> str:
    """Encrypt a value for the view that has sent this key; returns base64.

    Raises:
        SealingError: it is no key.

    """
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), _bytes(public_key)
        )
    except ValueError:
        raise _refused() from None
    return _text(_suite().encrypt(value.encode(), public, info=_info(context)))


def _info(context: str) -> bytes:
    """Bind what is sealed to its purpose, so that it cannot be put to another one."""
    return f"{_LABEL} {context}".encode()


def _suite() -> Suite:
    from cryptography.hazmat.primitives.hpke import (  # noqa: PLC0415 - not at load
        AEAD,
        KDF,
        KEM,
        Suite,
    )

    return Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _decrypted(key: bytearray, sealed: str, data: bytes) -> bytearray:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    raw = _bytes(sealed)
    text = bytearray(max(0, len(raw) - _NONCE_BYTES - _TAG_BYTES))
    try:
        AESGCM(key).decrypt_into(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], data, text)
    except (InvalidTag, ValueError):
        pass
    else:
        return text
    raise _refused()


def _refused() -> SealingError:
    return SealingError(
        "What was typed did not arrive as it was sent.", hint="Type it once more."
    )


def _point(private: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        PublicFormat,
    )

    return private.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise _refused() from None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def required(texts: Mapping[str, bytearray], name: str) -> bytearray:
    """Return one of the texts.

    Raises:
        SealingError: the message has none of this name.

    """
    text = texts.get(name)
    if text is None:
        raise _refused()
    return text
