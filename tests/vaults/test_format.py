"""The format of docs/vault-format.md: vectors, a second reader, strict reading."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.vaults.errors import (
    VaultDamagedError,
    VaultVersionError,
    WeakPasswordError,
)
from parllama_nb.vaults.format import crypto, envelope, log
from parllama_nb.vaults.format.crypto import KDF, Key, password_bytes
from parllama_nb.vaults.format.envelope import from_text
from parllama_nb.vaults.format.keys import Keys
from parllama_nb.vaults.format.layout import (
    Header,
    Manifest,
    Slot,
    bucket_hash,
)
from parllama_nb.vaults.format.records import (
    SecretFields,
    pack_secret,
    record_data,
    record_head,
    unpack_secret,
)
from parllama_nb.vaults.storage import watermark
from parllama_nb.vaults.storage.memory import MemoryStorage
from parllama_nb.vaults.vault import Vault

from . import reader, vectors
from .weak import OTHER, PASSWORD, MakeVault, weak_policy

DATA = Path(__file__).parent / "data"
VECTORS: list[dict[str, Any]] = json.loads((DATA / "vectors.json").read_text())

# AES-256-GCM as we use it: a nonce of 96 bits and a tag of 128.
_OURS = {"Keylen": 256, "IVlen": 96, "Taglen": 128}


def key_of(text: str) -> Key:
    return Key.filled(
        lambda buffer: buffer.__setitem__(slice(None), bytes.fromhex(text))
    )


def header_of(vector: dict[str, Any]) -> Header:
    ids = (bytes.fromhex(vector[name]) for name in ("vault_id", "key_id"))
    return Header(*ids, vector.get("created", 0))


def password(vector: dict[str, Any]) -> bytes:
    return bytes(password_bytes(vector["text"]))


def argon2id(vector: dict[str, Any]) -> bytes:
    password, salt = (bytes.fromhex(vector[name]) for name in ("password", "salt"))
    return bytes(KDF(*vector["cost"]).derive(bytearray(password), salt)._bits)


def derive(vector: dict[str, Any]) -> bytes:
    return bytes(key_of(vector["key"]).derive(bytes.fromhex(vector["info"]))._bits)


def header(vector: dict[str, Any]) -> bytes:
    packed = header_of(vector).pack()
    assert Header.unpack(packed) == header_of(vector)
    return packed


def slot(vector: dict[str, Any]) -> bytes:
    kdf, salt = KDF(*vector["cost"]), bytes.fromhex(vector["salt"])
    data_key, nonce = key_of(vector["data_key"]), bytes.fromhex(vector["nonce"])
    bound = Slot.data(header_of(vector), kdf, salt)
    encrypted = key_of(vector["wrap"]).encrypt(data_key._bits, bound, nonce)
    made = Slot(kdf, salt, bytes.fromhex(vector["commitment"]), encrypted)
    assert Slot.unpack(made.pack()) == made
    opened = key_of(vector["wrap"]).decrypt_key(encrypted, bound)
    assert opened.same(data_key._bits)
    return made.pack()


def record(vector: dict[str, Any]) -> bytes:
    fields, head = SecretFields(*vector["fields"]), record_head(1, vector["version"])
    plaintext = pack_secret(fields, vector["value"].encode())
    found, start = unpack_secret(plaintext)
    assert (found, plaintext[start:].decode()) == (fields, vector["value"])
    bound = record_data(header_of(vector), bytes.fromhex(vector["record_id"]), head)
    nonce = bytes.fromhex(vector["nonce"])
    return head + key_of(vector["key"]).encrypt(plaintext, bound, nonce)


def manifest(vector: dict[str, Any]) -> bytes:
    stored = {
        bytes.fromhex(name): bytes.fromhex(value)
        for name, value in vector["records"].items()
    }
    buckets = {
        bucket: bucket_hash({k: v for k, v in stored.items() if k[0] == bucket})
        for bucket in {name[0] for name in stored}
    }
    seq, link = vector["anchor"]
    made = Manifest(
        vector["generation"],
        seq,
        bytes.fromhex(link),
        bytes.fromhex(vector["slot_hash"]),
        len(stored),
        buckets,
    )
    packed = made.pack()
    assert Manifest.unpack(packed) == made
    bound = Manifest.data(header_of(vector))
    return packed + key_of(vector["key"]).mac(bound + packed)


def audit_link(vector: dict[str, Any]) -> bytes:
    made = Header(bytes.fromhex(vector["vault_id"]), b"", 0)
    bound = log._bound(made, vector["seq"], bytes.fromhex(vector["before"]))
    message = bound + bytes.fromhex(vector["head"]) + vector["body"].encode()
    return log._link(message, key_of(vector["key"]) if vector["key"] else None)


def sealed(vector: dict[str, Any]) -> bytes:
    keys = Keys(header_of(vector), Key())
    keys.sealing = key_of(vector["key"])
    expected = bytes.fromhex(vector["expect"])
    plaintext = envelope.decrypt(keys, expected, vector["context"])
    assert plaintext == bytes.fromhex(vector["plaintext"])
    return expected


def mark(vector: dict[str, Any]) -> bytes:
    made, key, generation = (
        header_of(vector),
        key_of(vector["key"]),
        vector["generation"],
    )
    mac = key.mac(watermark._bound(made, made.key_id, generation))
    return watermark._LAYOUT.pack(made.key_id, generation, mac)


MAKERS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "password": password,
    "argon2id": argon2id,
    "derive": derive,
    "header": header,
    "slot": slot,
    "record": record,
    "manifest": manifest,
    "audit": audit_link,
    "sealed": sealed,
    "watermark": mark,
}


def test_there_are_vectors_of_every_kind() -> None:
    assert {vector["kind"] for vector in VECTORS} == MAKERS.keys()
    assert len(VECTORS) >= 60


def test_the_vectors_can_be_made_again() -> None:
    assert list(vectors.vectors()) == VECTORS


@pytest.mark.parametrize("number", range(len(VECTORS)))
def test_a_vector_gives_the_expected_bytes(number: int) -> None:
    vector = VECTORS[number]
    assert MAKERS[vector["kind"]](vector).hex() == vector["expect"]


def nist(name: str) -> Iterator[dict[str, str]]:
    """The vectors of NIST's CAVP that are of our parameters, as PyCA publishes them."""
    lengths: dict[str, int] = {}
    vector: dict[str, str] = {}
    path = files("cryptography_vectors") / "ciphers" / "AES" / "GCM" / name
    for line in [*path.read_text().splitlines(), ""]:
        if found := re.fullmatch(r"\[(\w+) = (\d+)\]", line):
            lengths[found[1]] = int(found[2])
        elif found := re.fullmatch(r"(\w+) = ?(\w*)", line):
            vector[found[1]] = found[2]
        elif line == "FAIL":
            vector[line] = ""
        elif not line and vector:
            if {name: lengths[name] for name in _OURS} == _OURS:
                yield vector
            vector = {}


def test_nist_vectors_encrypt_alike() -> None:
    sealed = list(nist("gcmEncryptExtIV256.rsp"))
    assert len(sealed) == 375
    for vector in sealed:
        nonce, data, message, body, tag = (
            bytes.fromhex(vector[name]) for name in ("IV", "AAD", "PT", "CT", "Tag")
        )
        key = key_of(vector["Key"])
        assert key.encrypt(message, data, nonce) == nonce + body + tag


def test_nist_vectors_decrypt_or_fail_alike() -> None:
    opened = refused = 0
    for vector in nist("gcmDecrypt256.rsp"):
        nonce, data, body, tag = (
            bytes.fromhex(vector[name]) for name in ("IV", "AAD", "CT", "Tag")
        )
        key, blob = key_of(vector["Key"]), nonce + body + tag
        if "FAIL" in vector:
            refused += 1
            with pytest.raises(VaultDamagedError):
                key.decrypt(blob, data)
        else:
            opened += 1
            assert key.decrypt(blob, data) == bytes.fromhex(vector["PT"])
    assert (opened + refused, refused > 0) == (375, True)


def test_the_second_reader_reads_what_a_vault_writes(
    vault: Vault, path: Path, open_vault: MakeVault
) -> None:
    values = {f"N{n}": f"value {n} π\n" for n in range(40)}
    with vault.batch() as batch:
        for name, value in values.items():
            batch.set(name, value)
    sealed_before = vault.seal(b"text", "session 1")
    seal = vault.sealer()
    vault.set("N3", "again")
    vault.storage.write(lambda writer: None)
    vault.set_export("N4", export=True)
    vault.set_export("N4", export=True)
    vault.remove("N5")
    vault.rotate(PASSWORD)
    vault.change_password(PASSWORD, OTHER)
    vault.lock()
    outlasting = from_text(seal("text π", "session 1"))
    with pytest.raises(AssertionError, match="wrong password"):
        reader.read(str(path), PASSWORD)
    found = reader.read(str(path), OTHER)
    del values["N5"]
    assert found.secrets == values | {"N3": "again"}
    assert found.exported == {"N4"}
    vault.unlock(OTHER)
    assert found.versions == {each.name: each.version for each in vault.entries()}
    assert found.events == [each.event for each in vault.log()][:-1]
    assert reader.unsealed(found, sealed_before, "session 1") == b"text"
    assert reader.unsealed(found, outlasting, "session 1").decode() == "text π"
    assert reader.unsealed(found, vault.seal(b"x", "y"), "y") == b"x"


def test_the_second_reader_refuses_a_changed_record(vault: Vault, path: Path) -> None:
    vault.set("A", "a")
    vault.lock()
    (key, value), *_ = vault.storage.read(lambda r: r.scan(b"r"))
    vault.storage.write(lambda writer: writer.put([(key, value[:-1] + b"\0")]))
    with pytest.raises(AssertionError):
        reader.read(str(path), PASSWORD)


def test_composed_and_decomposed_spellings_are_one_password() -> None:
    """Composed and decomposed, typed and read back, are the same key's."""
    letters = [
        chr(code)
        for code in range(0xC0, 0x2000)
        if unicodedata.normalize("NFD", chr(code)) != chr(code)
        and unicodedata.normalize("NFC", chr(code)) == chr(code)
    ][:200]
    assert len(letters) == 200
    for letter in letters:
        composed = f"{letter} horse battery {letter}"
        decomposed = unicodedata.normalize("NFD", composed)
        assert composed != decomposed
        assert password_bytes(composed) == password_bytes(decomposed)
        assert password_bytes(decomposed.encode()) == password_bytes(composed)
        disk = MemoryStorage()
        vault = Vault(disk, policy=weak_policy())
        vault.create(f"{composed} staple {PASSWORD}")
        vault.lock()
        vault.unlock(f"{decomposed} staple {PASSWORD}")


@pytest.mark.parametrize("other", ["ﬁ", "①"])
def test_a_compatibility_form_is_another_password(other: str) -> None:
    # Compatibility forms are not folded: NFC, not NFKC.
    folded = unicodedata.normalize("NFKC", other)
    assert password_bytes(other) != password_bytes(folded)


@pytest.mark.parametrize("password", ["", " ", "\t\n", "\u2003", "x" * 1025, "\ud800"])
def test_an_empty_long_or_broken_password_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        password_bytes(password)


@pytest.mark.parametrize(
    "kdf",
    [
        KDF(0, 1, 1),
        KDF(7, 1, 1),
        KDF(8, 0, 1),
        KDF(8, 1, 0),
        KDF(31, 1, 4),
        KDF(1_048_577, 1, 1),
        KDF(8, 65, 1),
        KDF(1024, 1, 65),
        KDF(1_048_576, 4, 1),
        KDF(2**32 - 1, 2**32 - 1, 2**32 - 1),
    ],
)
def test_a_key_derivation_above_its_caps_never_starts(
    kdf: KDF, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crypto, "Argon2id", None)
    with pytest.raises(VaultDamagedError):
        Slot.unpack(Slot(kdf, bytes(16), bytes(32), bytes(60)).pack())
    with pytest.raises(VaultDamagedError):
        kdf.derive(bytearray(b"x"), bytes(16))


def test_a_newer_format_raises_a_version_error() -> None:
    packed = bytearray(Header(bytes(16), bytes(16), 0).pack())
    packed[9] = 2
    with pytest.raises(VaultVersionError, match="newer"):
        Header.unpack(bytes(packed))
    with pytest.raises(VaultVersionError):
        Header.unpack(bytes(packed[:10]) + b"other things")


def test_a_key_does_not_show_its_bits() -> None:
    assert repr(Key.random()) == "<Key>"
    assert not Key.random().same(Key.random()._bits)
