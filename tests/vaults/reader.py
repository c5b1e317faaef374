"""A second reader of vaults, written from docs/vault-format.md and nothing else.

It shares no line with the package: argon2-cffi derives, hashlib and hmac do the rest,
and only AES-GCM is the same library's. It opens every vault that the tests write.

    python -m tests.vaults.reader FILE PASSWORD
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import sys
import unicodedata
from dataclasses import dataclass, field

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LABEL = b"parllama_nb/vault/1/"


@dataclass
class Read:
    """All that a vault holds."""

    vault_id: bytes
    key_id: bytes
    generation: int
    secrets: dict[str, str] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    versions: dict[str, int] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    sealing: dict[bytes, bytes] = field(default_factory=dict)


def expand(key: bytes, info: bytes) -> bytes:
    """HKDF-Expand of 32 bytes: a single block."""
    return hmac.digest(key, info + b"\x01", "sha256")


def decrypt(key: bytes, blob: bytes, data: bytes) -> bytes:
    return AESGCM(key).decrypt(blob[:12], blob[12:], data)


def summed(blob: bytes) -> bytes:
    assert hashlib.sha256(blob[:-32]).digest() == blob[-32:], "checksum"
    return blob[:-32]


def read(path: str, password: str) -> Read:
    """Open a vault and check everything in it."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        assert connection.execute("PRAGMA application_id").fetchone() == (0x504C5641,)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        items = dict(connection.execute("SELECT key, value FROM item"))
    finally:
        connection.close()
    return opened(items, password)


def opened(items: dict[bytes, bytes], password: str) -> Read:
    header = summed(items[b"h"])
    assert len(header) == 50
    assert header[:10] == b"PLNBVLT\0\0\x01"
    vault_id, key_id = header[10:26], header[26:42]

    slot = summed(items[b"s"])
    assert len(slot) == 122
    assert slot[:2] == b"\x01\x01"
    memory, passes, lanes = (int.from_bytes(slot[n : n + 4]) for n in (2, 6, 10))
    salt, commitment, wrapped = slot[14:30], slot[30:62], slot[62:]
    root = hash_secret_raw(
        unicodedata.normalize("NFC", password).encode(),
        salt,
        time_cost=passes,
        memory_cost=memory,
        parallelism=lanes,
        hash_len=32,
        type=Type.ID,
    )
    assert expand(root, LABEL + b"commit" + vault_id) == commitment, "wrong password"
    wrap = expand(root, LABEL + b"wrap" + vault_id)
    bound = LABEL + b"slot" + vault_id + key_id + slot[2:14] + salt
    data_key = decrypt(wrap, wrapped, bound)
    keys = {
        purpose: expand(data_key, LABEL + purpose.encode() + vault_id + key_id)
        for purpose in ("records", "manifest", "audit", "sealing")
    }

    manifest, mac = items[b"m"][:-32], items[b"m"][-32:]
    bound = LABEL + b"manifest" + vault_id + key_id
    assert hmac.digest(keys["manifest"], bound + manifest, "sha256") == mac
    found = Read(vault_id, key_id, int.from_bytes(manifest[:8]))
    anchor = int.from_bytes(manifest[8:16]), manifest[16:48]
    assert manifest[48:80] == hashlib.sha256(items[b"s"]).digest()
    records = {key[1:]: value for key, value in items.items() if key[:1] == b"r"}
    assert int.from_bytes(manifest[80:84]) == len(records)
    check_buckets(manifest[84:], records)

    audit = {key_id: keys["audit"]}
    found.sealing[key_id] = keys["sealing"]
    for record_id, value in records.items():
        bound = LABEL + b"record" + vault_id + key_id + record_id + value[:9]
        plaintext = decrypt(keys["records"], value[9:], bound)
        if value[0] == 2:
            assert len(plaintext) % 80 == 0
            for start in range(0, len(plaintext), 80):
                one = plaintext[start : start + 80]
                audit[one[:16]], found.sealing[one[:16]] = one[16:48], one[48:]
            continue
        assert value[0] == 1
        length = int.from_bytes(plaintext[17:19])
        name = plaintext[19 : 19 + length].decode()
        assert name not in found.secrets
        found.secrets[name] = plaintext[19 + length :].decode()
        found.versions[name] = int.from_bytes(value[1:9])
        if plaintext[0] & 1:
            found.exported.add(name)

    found.events = read_log(items, vault_id, audit, anchor)
    return found


def read_log(
    items: dict[bytes, bytes],
    vault_id: bytes,
    keys: dict[bytes, bytes],
    anchor: tuple[int, bytes],
) -> list[str]:
    events = []
    first, link = 1, bytes(32)
    log = sorted((key, value) for key, value in items.items() if key[:1] == b"a")
    for _, value in log:
        said = json.loads(value[49:])
        if value[0] and said["event"] == "pruned":
            first, link = said["first"], bytes.fromhex(said["before"])
    for number, (key, value) in enumerate(log, first):
        assert int.from_bytes(key[1:]) == number
        head, said, body = value[:17], value[17:49], value[49:]
        message = LABEL + b"audit" + vault_id + key[1:] + link + head + body
        link = (
            hmac.digest(keys[head[1:]], message, "sha256")
            if head[0]
            else hashlib.sha256(message).digest()
        )
        assert said == link, f"entry {number}"
        assert number != anchor[0] or link == anchor[1]
        assert number <= anchor[0] or not head[0]
        events.append(json.loads(body)["event"])
    assert first + len(log) > anchor[0]
    return events


def check_buckets(packed: bytes, records: dict[bytes, bytes]) -> None:
    count = int.from_bytes(packed[:2])
    assert len(packed) == 2 + 33 * count
    told = {packed[n]: packed[n + 1 : n + 33] for n in range(2, len(packed), 33)}
    hashes: dict[int, bytes] = {}
    for record_id in sorted(records):
        line = record_id + hashlib.sha256(records[record_id]).digest()
        hashes[record_id[0]] = hashes.get(record_id[0], b"") + line
    assert told == {n: hashlib.sha256(lines).digest() for n, lines in hashes.items()}


def unsealed(found: Read, blob: bytes, context: str) -> bytes:
    """Something that the vault has sealed and that is kept elsewhere."""
    assert blob[:6] in {b"PLNBS\x01", b"PLNBS\x02"}
    key_id = blob[6:22]
    key, body = found.sealing[key_id], blob[22:]
    if blob[5] == 2:
        bound = LABEL + b"one-key" + found.vault_id + key_id
        key, body = decrypt(key, body[:60], bound), body[60:]
    bound = LABEL + b"sealed" + found.vault_id + key_id + context.encode()
    return decrypt(key, body, bound)


if __name__ == "__main__":
    for secret in read(sys.argv[1], sys.argv[2]).secrets:
        print(secret)
