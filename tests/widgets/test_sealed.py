"""What a page seals: opened once, for its own request, and only as it was sent."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from parllama_nb.application import Parllama
from parllama_nb.widgets._protocol import SealedTexts
from parllama_nb.widgets._sealed import (
    SealingError,
    SealingKeys,
    required,
    seal_for_view,
)
from parllama_nb.widgets.providers.view import ProviderOptions

from ..virtual_time import VirtualLoop
from .recording import Page
from .room import answer
from .sealing import SUITE, seal

SECRET = "sentinel 0d2f — päss\u0301wörd 🔑"
TEXTS = {"value": SECRET, "password": "", "note": "x" * 5000}


def sealed(keys: SealingKeys, request: str, texts: dict[str, str]) -> SealedTexts:
    return SealedTexts(**seal(keys.make().model_dump(), request, texts))


def opened(keys: SealingKeys, box: SealedTexts, request: str) -> dict[str, str]:
    with keys.opened(box, request) as texts:
        return {name: text.decode() for name, text in texts.items()}


def test_what_was_sealed_is_opened_as_it_was() -> None:
    keys = SealingKeys()
    box = sealed(keys, "add_key", TEXTS)
    assert SECRET not in box.model_dump_json()
    assert opened(keys, box, "add_key") == TEXTS


def test_a_used_key_opens_nothing_more() -> None:
    keys = SealingKeys()
    key = keys.make().model_dump()
    first, second = (
        SealedTexts(**seal(key, "unlock", {"password": word})) for word in ("a", "b")
    )
    assert opened(keys, first, "unlock") == {"password": "a"}
    for box in (first, second):
        with pytest.raises(SealingError):
            opened(keys, box, "unlock")


def test_a_key_is_used_up_by_what_is_refused() -> None:
    keys = SealingKeys()
    key = keys.make().model_dump()
    box = SealedTexts(**seal(key, "unlock", {"password": "a"}))
    with pytest.raises(SealingError):
        opened(keys, box, "add_key")
    with pytest.raises(SealingError):
        opened(keys, box, "unlock")


def test_a_key_of_another_view_opens_nothing() -> None:
    ours, theirs = SealingKeys(), SealingKeys()
    with pytest.raises(SealingError):
        opened(ours, sealed(theirs, "unlock", TEXTS), "unlock")


@pytest.mark.parametrize("request_", ["unlock", "add_key2", "", "ADD_KEY"])
def test_texts_of_another_request_are_refused(request_: str) -> None:
    keys = SealingKeys()
    with pytest.raises(SealingError):
        opened(keys, sealed(keys, "add_key", TEXTS), request_)


def test_a_text_in_the_place_of_another_is_refused() -> None:
    keys = SealingKeys()
    box = sealed(keys, "add_key", {"value": "a", "password": "b"})
    swapped = {"value": box.texts["password"], "password": box.texts["value"]}
    with pytest.raises(SealingError):
        opened(keys, box.model_copy(update={"texts": swapped}), "add_key")


def test_a_text_that_is_missing_is_refused_where_it_is_needed() -> None:
    keys = SealingKeys()
    box = sealed(keys, "add_key", {"value": "a"})
    with (
        keys.opened(box, "add_key") as texts,
        pytest.raises(SealingError, match="did not arrive"),
    ):
        required(texts, "password")


def flipped(text: str, at: int, bit: int) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[at] ^= 1 << bit
    return base64.b64encode(raw).decode()


def test_no_bit_may_be_other_than_it_was_sent() -> None:
    keys, own = SealingKeys(), bytes(range(32))
    texts = {"password": "a secret"}
    example = seal(keys.make().model_dump(), "unlock", texts, own)
    lengths = {
        "wrapped": len(base64.b64decode(example["wrapped"])),
        "password": len(base64.b64decode(example["texts"]["password"])),
    }
    assert lengths == {"wrapped": 65 + 32 + 16, "password": 12 + 8 + 16}
    for part, length in lengths.items():
        for at in range(length):
            box = seal(keys.make().model_dump(), "unlock", texts, own)
            if part == "wrapped":
                box["wrapped"] = flipped(box["wrapped"], at, at % 8)
            else:
                box["texts"][part] = flipped(box["texts"][part], at, at % 8)
            with pytest.raises(SealingError):
                opened(keys, SealedTexts(**box), "unlock")


def any_text(chance: random.Random, like: str) -> str:
    """Something in the place of a text in base64: cut, mixed up, or nothing like it."""
    raw = base64.b64decode(like)
    ways = [
        lambda: "",
        lambda: like[: chance.randrange(len(like))],
        lambda: chance.randbytes(chance.randrange(300)).decode("latin-1"),
        lambda: base64.b64encode(chance.randbytes(chance.randrange(300))).decode(),
        lambda: base64.b64encode(raw[: chance.randrange(len(raw))]).decode(),
        lambda: base64.b64encode(raw + chance.randbytes(1)).decode(),
        lambda: base64.b64encode(
            b"\x04" + chance.randbytes(chance.choice([63, 64, 65, 112]))
        ).decode(),
        lambda: like.replace("A", "\u0130").replace("=", "") + "\u2028",
    ]
    return chance.choice(ways)()


def test_ten_thousand_random_messages_are_refused_and_raise_nothing_else() -> None:
    chance = random.Random(20_261_130)
    keys = SealingKeys()
    key = keys.make().model_dump()
    for _ in range(10_000):
        if not keys._keys:
            key = keys.make().model_dump()
        box = seal(key, "unlock", {"password": "p"})
        wrapped, text = box["wrapped"], box["texts"]["password"]
        which = chance.randrange(4)
        if which == 0:
            box["key"] = chance.choice(["", "0" * 32, key["key"][::-1], "\0"])
        if which in {1, 3}:
            box["wrapped"] = any_text(chance, wrapped)
        if which in {2, 3}:
            box["texts"]["password"] = any_text(chance, text)
        with pytest.raises(SealingError):
            opened(keys, SealedTexts(**box), "unlock")


@pytest.mark.parametrize(
    "change",
    [
        {"key": "k" * 65},
        {"wrapped": "w" * 1025},
        {"texts": {"t": "x" * 200_001}},
        {"texts": {f"t{n}": "" for n in range(5)}},
        {"more": 1},
    ],
)
def test_a_message_is_as_small_as_it_has_to_be(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SealedTexts(**({"key": "k", "wrapped": "w", "texts": {}} | change))


@pytest.mark.parametrize("fails", [False, True])
def test_the_texts_are_wiped_when_the_block_ends(fails: bool) -> None:
    keys = SealingKeys()
    box = sealed(keys, "add_key", TEXTS)
    seen: Mapping[str, bytearray] = {}
    ending = pytest.raises(UnicodeDecodeError) if fails else nullcontext()
    with ending, keys.opened(box, "add_key") as texts:
        seen = texts
        assert seen["value"].decode() == SECRET
        if fails:
            b"\xff".decode()
    assert {name: bytes(text) for name, text in seen.items()} == {
        name: bytes(len(text.encode())) for name, text in TEXTS.items()
    }


def test_a_key_that_nobody_uses_is_dropped_after_32_others() -> None:
    keys = SealingKeys()
    first, second = (sealed(keys, "unlock", {"password": "p"}) for _ in range(2))
    for _ in range(31):
        keys.make()
    # Of 33 keys the oldest is gone.
    with pytest.raises(SealingError):
        opened(keys, first, "unlock")
    assert opened(keys, second, "unlock") == {"password": "p"}


# RFC 9180, by its text and from primitives: what opens its test vector opens ours.


def hkdf_extract(salt: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), ikm, hashlib.sha256)


def hkdf_expand(prk: bytes, info: bytes, length: int) -> bytes:
    # One block is enough for all that is needed here.
    return hmac.digest(prk, info + b"\x01", hashlib.sha256)[:length]


def hpke_open(
    private: ec.EllipticCurvePrivateKey,
    encapsulated: bytes,
    ciphertext: bytes,
    *,
    info: bytes,
    aead: int,
    associated: bytes = b"",
) -> bytes:
    kem = b"KEM\x00\x10"
    suite = b"HPKE\x00\x10\x00\x01" + aead.to_bytes(2)

    def extract(name: bytes, label: bytes, ikm: bytes, salt: bytes = b"") -> bytes:
        return hkdf_extract(salt, b"HPKE-v1" + name + label + ikm)

    def expand(name: bytes, prk: bytes, label: bytes, more: bytes, size: int) -> bytes:
        labelled = size.to_bytes(2) + b"HPKE-v1" + name + label + more
        return hkdf_expand(prk, labelled, size)

    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encapsulated)
    shared_point = private.exchange(ec.ECDH(), theirs)
    own = private.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )
    prk = extract(kem, b"eae_prk", shared_point)
    shared = expand(kem, prk, b"shared_secret", encapsulated + own, 32)
    context = b"\x00" + extract(suite, b"psk_id_hash", b"")
    context += extract(suite, b"info_hash", info)
    secret = extract(suite, b"secret", b"", shared)
    key = expand(suite, secret, b"key", context, {1: 16, 2: 32}[aead])
    nonce = expand(suite, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, associated)


def test_hpke_is_that_of_the_rfc() -> None:
    # Appendix A.3.1, base mode, the first message. It is of AES-128, and has
    # associated data, which the library's HPKE does not take.
    private = ec.derive_private_key(
        0xF3CE7FDAE57E1A310D87F1EBBDE6F328BE0A99CDBCADF4D6589CF29DE4B8FFD2,
        ec.SECP256R1(),
    )
    encapsulated = bytes.fromhex(
        "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
        "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4"
    )
    ciphertext = bytes.fromhex(
        "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3a"
        "b2523f39513434"
    )
    info = b"Ode on a Grecian Urn"
    plain = hpke_open(
        private, encapsulated, ciphertext, info=info, aead=1, associated=b"Count-0"
    )
    assert plain == b"Beauty is truth, truth beauty"
    own = ec.generate_private_key(ec.SECP256R1())
    message = SUITE.encrypt(plain, own.public_key(), info=info)
    assert hpke_open(own, message[:65], message[65:], info=info, aead=2) == plain


def test_a_value_for_a_view_is_for_its_key_and_its_purpose() -> None:
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    key = base64.b64encode(point).decode()
    raw = base64.b64decode(seal_for_view(SECRET, key, "reveal NAME"))
    info = b"parllama_nb sealed 1 reveal NAME"
    assert hpke_open(own, raw[:65], raw[65:], info=info, aead=2).decode() == SECRET


@pytest.mark.parametrize("key", ["", "!", "AAAA", base64.b64encode(bytes(65)).decode()])
def test_a_value_is_sealed_for_no_key_that_is_none(key: str) -> None:
    with pytest.raises(SealingError):
        seal_for_view(SECRET, key, "reveal")


def test_a_view_hands_out_a_key_for_each_message_and_keeps_it_to_itself(
    page: Page, app: Parllama, loop: VirtualLoop
) -> None:
    view = ProviderOptions(app)
    first, second = (
        answer(page, view, loop, "sealing_key")["result"] for _ in range(2)
    )
    assert first["key"] != second["key"]
    assert first["public_key"] != second["public_key"]
    private = view._sealing._keys[first["key"]].private_numbers().private_value
    sent = json.dumps(page.messages)
    assert str(private) not in sent
    assert f"{private:x}" not in sent
    box = seal(first, "unlock", {"password": "p"}) | {"key": second["key"]}
    error = answer(page, view, loop, "unlock", sealed=box)["error"]
    assert error["code"] == "sealing"
    assert error["hint"] == "Type it once more."
    view.close()
    loop.run_until_complete(asyncio.sleep(0))
