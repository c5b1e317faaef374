"""Makes the test vectors of the vault's format, without a line of the package.

    python -m tests.vaults.vectors > tests/vaults/data/vectors.json

What is random in a vault is here a hash of a number, so that they can be made again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .reader import LABEL, expand

Vector = dict[str, Any]

PASSWORDS = (
    *("correct horse", " spaces stay ", "cafe\u0301", "\u212b", "ﬁ", "パスワード"),
    *("🔑🗝", "\u1e9b\u0323", "tab\tinside", "x" * 64),
)


def some(name: str, length: int = 32) -> bytes:
    """Bytes that look random and are not."""
    out = b""
    while len(out) < length:
        out += hashlib.sha256(f"{name}/{len(out)}".encode()).digest()
    return out[:length]


def summed(blob: bytes) -> bytes:
    return blob + hashlib.sha256(blob).digest()


def vectors() -> Iterator[Vector]:
    yield from passwords()
    yield from keys()
    yield from heads()
    yield from records()
    yield from manifests()
    yield from logs()
    yield from others()


def passwords() -> Iterator[Vector]:
    for text in PASSWORDS:
        raw = unicodedata.normalize("NFC", text).encode()
        yield {"kind": "password", "text": text, "expect": raw.hex()}


def keys() -> Iterator[Vector]:
    for number, (memory, passes, lanes) in enumerate(
        [(8, 1, 1), (32, 3, 4), (64, 2, 2), (1024, 1, 1), (256, 8, 1), (65_536, 3, 4)]
    ):
        password, salt = some(f"p{number}", 5 + number), some(f"s{number}", 16)
        root = hash_secret_raw(password, salt, passes, memory, lanes, 32, Type.ID)
        yield {
            "kind": "argon2id",
            "password": password.hex(),
            "salt": salt.hex(),
            "cost": [memory, passes, lanes],
            "expect": root.hex(),
        }
    for number in range(3):
        root, vault_id, key_id = (some(f"{c}{number}", n) for c, n in ROOTS)
        for purpose, bound in [
            *((word, vault_id) for word in ("commit", "wrap")),
            *((word, vault_id + key_id) for word in PURPOSES),
        ]:
            yield {
                "kind": "derive",
                "key": root.hex(),
                "info": (LABEL + purpose.encode() + bound).hex(),
                "expect": expand(root, LABEL + purpose.encode() + bound).hex(),
            }


ROOTS = (("r", 32), ("v", 16), ("k", 16))
PURPOSES = ("records", "manifest", "audit", "sealing", "watermark")


def heads() -> Iterator[Vector]:
    for number, created in enumerate((0, 1_700_000_000_000, 2**63)):
        vault_id, key_id = some(f"v{number}", 16), some(f"k{number}", 16)
        blob = b"PLNBVLT\0\0\x01" + vault_id + key_id + created.to_bytes(8)
        yield {
            "kind": "header",
            "vault_id": vault_id.hex(),
            "key_id": key_id.hex(),
            "created": created,
            "expect": summed(blob).hex(),
        }
        wrap, data_key = some(f"w{number}"), some(f"d{number}")
        salt, nonce = some(f"s{number}", 16), some(f"n{number}", 12)
        cost = b"".join(n.to_bytes(4) for n in (8 << number, 1 + number, 1))
        bound = LABEL + b"slot" + vault_id + key_id + cost + salt
        sealed = nonce + AESGCM(wrap).encrypt(nonce, data_key, bound)
        blob = b"\x01\x01" + cost + salt + some(f"c{number}") + sealed
        yield {
            "kind": "slot",
            "vault_id": vault_id.hex(),
            "key_id": key_id.hex(),
            "created": created,
            "cost": [8 << number, 1 + number, 1],
            "salt": salt.hex(),
            "commitment": some(f"c{number}").hex(),
            "wrap": wrap.hex(),
            "data_key": data_key.hex(),
            "nonce": nonce.hex(),
            "expect": summed(blob).hex(),
        }


def records() -> Iterator[Vector]:
    secrets = [
        ("OPENAI_API_KEY", "sk-123"),
        ("Ключ", "π\n"),
        ("A", "x"),
        ("n" * 200, "v"),
    ]
    for number, (name, value) in enumerate(secrets * 2):
        key, vault_id, key_id = (some(f"{c}{number}", n) for c, n in ROOTS)
        record_id, nonce = some(f"i{number}", 16), some(f"n{number}", 12)
        version, export, created, modified = (
            number * 1000 + 1,
            number % 2,
            5,
            6 + number,
        )
        plaintext = bytes([export]) + created.to_bytes(8) + modified.to_bytes(8)
        plaintext += len(name.encode()).to_bytes(2) + name.encode() + value.encode()
        head = b"\x01" + version.to_bytes(8)
        bound = LABEL + b"record" + vault_id + key_id + record_id + head
        yield {
            "kind": "record",
            "key": key.hex(),
            "vault_id": vault_id.hex(),
            "key_id": key_id.hex(),
            "record_id": record_id.hex(),
            "nonce": nonce.hex(),
            "version": version,
            "fields": [name, bool(export), created, modified],
            "value": value,
            "expect": (
                head + nonce + AESGCM(key).encrypt(nonce, plaintext, bound)
            ).hex(),
        }


def manifests() -> Iterator[Vector]:
    for number in range(4):
        key, vault_id, key_id = (some(f"{c}{number}", n) for c, n in ROOTS)
        ids = [some(f"i{number}/{n}", 16) for n in range(number * 2)]
        stored = {each: some(each.hex(), 50) for each in ids}
        buckets: dict[int, bytes] = {}
        for each in sorted(ids):
            line = each + hashlib.sha256(stored[each]).digest()
            buckets[each[0]] = buckets.get(each[0], b"") + line
        packed = (7 + number).to_bytes(8) + (3).to_bytes(8) + some("l") + some("t")
        packed += len(ids).to_bytes(4) + len(buckets).to_bytes(2)
        for bucket in sorted(buckets):
            packed += bytes([bucket]) + hashlib.sha256(buckets[bucket]).digest()
        bound = LABEL + b"manifest" + vault_id + key_id
        yield {
            "kind": "manifest",
            "key": key.hex(),
            "vault_id": vault_id.hex(),
            "key_id": key_id.hex(),
            "generation": 7 + number,
            "anchor": [3, some("l").hex()],
            "slot_hash": some("t").hex(),
            "records": {each.hex(): value.hex() for each, value in stored.items()},
            "expect": (packed + hmac.digest(key, bound + packed, "sha256")).hex(),
        }


def logs() -> Iterator[Vector]:
    for number in range(6):
        key, vault_id, key_id = (some(f"{c}{number}", n) for c, n in ROOTS)
        maced = number % 2 == 0
        head = b"\x01" + key_id if maced else bytes(17)
        body = json.dumps({"event": f"event {number}"}).encode()
        seq, before = number + 1, some(f"b{number}") if number else bytes(32)
        message = LABEL + b"audit" + vault_id + seq.to_bytes(8) + before + head + body
        link = (
            hmac.digest(key, message, "sha256")
            if maced
            else hashlib.sha256(message).digest()
        )
        yield {
            "kind": "audit",
            "key": key.hex() if maced else None,
            "vault_id": vault_id.hex(),
            "seq": seq,
            "before": before.hex(),
            "head": head.hex(),
            "body": body.decode(),
            "expect": link.hex(),
        }


def others() -> Iterator[Vector]:
    for number, (plain, context) in enumerate(
        [
            (b"", ""),
            (b"text", "session 1"),
            ("π".encode(), "Ключ"),
            (some("x", 999), "a"),
        ]
    ):
        key, vault_id, key_id = (some(f"{c}{number}", n) for c, n in ROOTS)
        nonce = some(f"n{number}", 12)
        bound = LABEL + b"sealed" + vault_id + key_id + context.encode()
        sealed = nonce + AESGCM(key).encrypt(nonce, plain, bound)
        yield {
            "kind": "sealed",
            "key": key.hex(),
            "vault_id": vault_id.hex(),
            "key_id": key_id.hex(),
            "context": context,
            "plaintext": plain.hex(),
            "expect": (b"PLNBS\x01" + key_id + sealed).hex(),
        }
        generation = number * 1000
        bound = LABEL + b"watermark" + vault_id + key_id + generation.to_bytes(8)
        mark = key_id + generation.to_bytes(8) + hmac.digest(key, bound, "sha256")
        yield {
            "kind": "watermark",
            "key": key.hex(),
            "vault_id": vault_id.hex(),
            "key_id": key_id.hex(),
            "generation": generation,
            "expect": mark.hex(),
        }


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in vectors())
    sys.stdout.write(f"[\n{lines}\n]\n")
