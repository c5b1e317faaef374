"""Kills, races, damage and full disks lose no secret and change none unnoticed."""

from __future__ import annotations

import ast
import os
import random
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from parllama_nb.vaults.errors import VaultDamagedError, VaultError, VaultStorageError
from parllama_nb.vaults.storage.memory import MemoryDisk, MemoryStorage
from parllama_nb.vaults.vault import Vault

from . import reader
from .weak import PASSWORD, MakeVault, vault_at, weak_policy

ROOT = Path(__file__).parents[2]


def started(*arguments: object, **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.vaults.worker", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.fspath(ROOT)},
        text=True,
        **more,  # type: ignore[call-overload]
    )


# In the daily set and, where somebody asks for it, the whole of it.
PROCESSES = [
    pytest.param(4, 50, marks=pytest.mark.slow),
    pytest.param(8, 500, marks=[pytest.mark.long, pytest.mark.timeout(600)]),
]


@pytest.mark.parametrize(("processes", "writes"), PROCESSES)
def test_processes_that_write_at_once_lose_no_secret(
    vault: Vault, path: Path, processes: int, writes: int
) -> None:
    workers = [started("write", path, number, writes) for number in range(processes)]
    assert [worker.wait(500) for worker in workers] == [0] * processes
    assert len(vault.names()) == processes * writes
    found = reader.read(str(path), PASSWORD)
    assert found.secrets == {
        f"W{worker}_{number}": f"{worker}/{number}"
        for worker in range(processes)
        for number in range(writes)
    }


@pytest.mark.parametrize(("processes", "writes"), PROCESSES)
def test_processes_that_count_with_expected_versions_lose_no_step(
    vault: Vault, path: Path, processes: int, writes: int
) -> None:
    steps = writes * 2 // 5
    vault.set("N", "0")
    workers = [started("increment", path, steps) for _ in range(processes)]
    assert [worker.wait(500) for worker in workers] == [0] * processes
    assert vault.get("N").reveal() == str(processes * steps)


def killed(path: Path, count: int, seed: int) -> dict[str, int]:
    worker = started("kill", path, count, seed, stdout=subprocess.PIPE)
    output, _ = worker.communicate()
    assert worker.returncode == 0
    totals: dict[str, int] = ast.literal_eval(output)
    return totals


@pytest.mark.parametrize(
    ("kills", "seed"),
    [
        pytest.param(60, 1, marks=pytest.mark.slow),
        pytest.param(300, 1, marks=pytest.mark.long),
        pytest.param(1_000, 2, marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
    ],
)
def test_kills_lose_no_acknowledged_secret(path: Path, kills: int, seed: int) -> None:
    totals = killed(path, kills, seed)
    assert (totals["kills"], totals["lost"], totals["unreadable"]) == (kills, 0, 0)
    assert totals["acknowledged"] > kills
    # Some of them came in the middle of a write, or this shows nothing.
    assert totals["journals"] >= kills // 30


STRACE = shutil.which("strace")


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "unlink", "openat"])
def test_a_kill_at_any_system_call_loses_no_secret(
    vault: Vault, path: Path, call: str
) -> None:
    vault.set("BEFORE", "before")
    vault.close()
    whole = path.read_bytes()
    survived = 0
    for number in range(1, 80):
        path.write_bytes(whole)
        filters = ["-P", str(path), "-P", f"{path}-journal", "-P", str(path.parent)]
        done = subprocess.run(
            [
                *(str(STRACE), "-f", "-o", "/dev/null", *filters),
                *("-e", f"inject={call}:signal=SIGKILL:when={number}"),
                *(sys.executable, "-m", "tests.vaults.worker"),
                *("write", str(path), "0", "3"),
            ],
            cwd=ROOT,
            check=False,
        )
        found = reader_after(path)
        assert found["BEFORE"] == "before"
        survived += done.returncode == 0
        if done.returncode == 0:
            assert len(found) == 4
            break
    assert survived == 1


def reader_after(path: Path) -> dict[str, str]:
    opened = vault_at(path)
    try:
        opened.unlock(PASSWORD)
        assert opened.verify() == ""
        return {name: opened.get(name).reveal() for name in opened.names()}
    finally:
        opened.close()


VALUES = {"OPENAI_API_KEY": "sk-1234567890", "B": "b" * 300, "Ключ": "π", "D": "d"}


@pytest.fixture
def disk() -> MemoryDisk:
    """A small vault of some 4 KB, locked."""
    disk = MemoryDisk()
    vault = Vault(MemoryStorage(disk), policy=weak_policy())
    vault.create(PASSWORD)
    with vault.batch() as batch:
        for name, value in VALUES.items():
            batch.set(name, value)
        for number in range(32):
            batch.set(f"N{number}", f"value {number}" * 4)
    vault.rotate(PASSWORD)
    vault.lock()
    return disk


def values_of(disk: MemoryDisk) -> dict[str, str]:
    vault = Vault(MemoryStorage(disk), policy=weak_policy())
    vault.unlock(PASSWORD)
    return {name: vault.get(name).reveal() for name in vault.names()}


# How many bits of each byte are flipped: one in the daily set, each at another place.
BITS = [
    pytest.param(1, marks=pytest.mark.slow),
    pytest.param(8, marks=pytest.mark.long),
]


def bits_of(blob: bytes, of_each_byte: int) -> Iterator[int]:
    for byte in range(len(blob)):
        for bit in range(of_each_byte):
            yield 8 * byte + (byte + bit) % 8


@pytest.mark.parametrize("of_each_byte", BITS)
def test_a_flipped_bit_of_a_stored_value_is_an_error(
    disk: MemoryDisk, of_each_byte: int
) -> None:
    whole, true = dict(disk.items), values_of(disk)
    encrypted = [key for key in whole if key[:1] in b"hsmr"]
    assert sum(len(whole[key]) for key in encrypted) >= 4096
    silent = []
    flipped = 0
    for key in encrypted:
        for bit in bits_of(whole[key], of_each_byte):
            bent = bytearray(whole[key])
            bent[bit // 8] ^= 1 << bit % 8
            disk.items = {**whole, key: bytes(bent)}
            flipped += 1
            try:
                values_of(disk)
            except VaultError:
                continue
            silent.append((key, bit))
    assert flipped >= of_each_byte * 4096
    assert silent == []
    disk.items = whole
    assert values_of(disk) == true


@pytest.mark.parametrize("of_each_byte", BITS)
def test_a_flipped_bit_of_a_storage_key_is_an_error(
    disk: MemoryDisk, of_each_byte: int
) -> None:
    whole = dict(disk.items)
    for key in [key for key in whole if key[:1] in b"hsmr"]:
        for bit in bits_of(key, of_each_byte):
            bent = bytearray(key)
            bent[bit // 8] ^= 1 << bit % 8
            disk.items = {k: v for k, v in whole.items() if k != key}
            disk.items[bytes(bent)] = whole[key]
            with pytest.raises(VaultError):
                values_of(disk)


def test_records_cannot_be_swapped_replayed_copied_or_dropped(
    disk: MemoryDisk,
) -> None:
    vault = Vault(MemoryStorage(disk), policy=weak_policy())
    old = dict(disk.items)
    vault.unlock(PASSWORD)
    vault.set("B", "new value")
    vault.lock()
    whole = dict(disk.items)
    ids = [key for key in whole if key[:1] == b"r"]
    (changed,) = [key for key in ids if old[key] != whole[key]]
    one, other = ids[:2]
    attempts = [
        {**whole, one: whole[other], other: whole[one]},
        {**whole, changed: old[changed]},
        {**whole, one: whole[other]},
        {**whole, b"r" + bytes(16): whole[one]},
        {key: value for key, value in whole.items() if key != one},
        {**whole, b"m": old[b"m"]},
        {**whole, b"s": old[b"s"], b"h": old[b"h"], b"m": old[b"m"]},
        {key: value for key, value in whole.items() if key != b"m"},
        {key: value for key, value in whole.items() if key != b"s"},
        {key: value for key, value in whole.items() if key != b"h"},
    ]
    for items in attempts:
        disk.items = items
        with pytest.raises(VaultDamagedError):
            values_of(disk)
    disk.items = whole
    assert values_of(disk)["B"] == "new value"


@pytest.mark.slow
def test_a_truncated_file_raises_an_error_or_is_complete(
    vault: Vault, path: Path, open_vault: MakeVault, tmp_path: Path
) -> None:
    with vault.batch() as batch:
        for number in range(100):
            batch.set(f"N{number}", "x" * 100)
    vault.close()
    whole = path.read_bytes()
    cut = tmp_path / "cut.db"
    errors = 0
    for part in range(200):
        cut.write_bytes(whole[: len(whole) * part // 200])
        other = open_vault(cut)
        try:
            other.unlock(PASSWORD)
        except VaultError:
            errors += 1
        else:
            # What was cut off was free.
            assert {other.get(name).reveal() for name in other.names()} == {"x" * 100}
            assert len(other.names()) == 100
        other.close()
    assert errors > 150


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(600, marks=pytest.mark.slow),
        pytest.param(4_600, marks=pytest.mark.long),
    ],
)
def test_a_hostile_file_is_a_vault_error_or_true(
    vault: Vault, path: Path, tmp_path: Path, count: int
) -> None:
    """With those of importers, items and backups, the long set has 10,000 inputs."""
    for name, value in VALUES.items():
        vault.set(name, value)
    vault.close()
    whole = path.read_bytes()
    chance = random.Random(5)
    bent = tmp_path / "bent.db"
    silent = errors = 0
    for turn in range(count):
        content = bytearray(whole)
        match turn % 4:
            case 0:
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            case 1:
                start = chance.randrange(len(content))
                content[start : start + chance.randint(1, 64)] = chance.randbytes(8)
            case 2:
                for _ in range(chance.randint(2, 60)):
                    content[chance.randrange(len(content))] = chance.randrange(256)
            case _:
                page = 4096 * chance.randrange(len(content) // 4096)
                other = 4096 * chance.randrange(len(content) // 4096)
                content[page : page + 4096] = content[other : other + 4096]
        bent.write_bytes(content)
        bent.with_name("bent.db-journal").unlink(missing_ok=True)
        opened = vault_at(bent)
        try:
            opened.unlock(PASSWORD)
            found = {name: opened.get(name).reveal() for name in opened.names()}
        except VaultError as error:
            errors += 1
            if error.__cause__ is not None or "\n" in str(error):
                silent += 1
        else:
            silent += found != VALUES
        finally:
            opened.storage.close()
    assert silent == 0
    assert errors > count // 5


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(1_000, marks=pytest.mark.slow),
        pytest.param(5_000, marks=pytest.mark.long),
    ],
)
def test_a_hostile_item_is_a_vault_error(disk: MemoryDisk, count: int) -> None:
    """Past SQLite, which would refuse most of it: what our own readers get."""
    whole, true = dict(disk.items), values_of(disk)
    chance = random.Random(9)
    errors = 0
    keys = [key for key in whole if key[:1] in b"hsmr"]
    for _ in range(count):
        key = chance.choice(keys)
        value = bytearray(whole[key])
        match chance.randrange(4):
            case 0:
                value = value[: chance.randrange(len(value))]
            case 1:
                value += chance.randbytes(chance.randint(1, 40))
            case 2:
                value = bytearray(chance.randbytes(chance.randint(0, 200)))
            case _:
                start = chance.randrange(len(value))
                value[start : start + 8] = chance.randbytes(8)
        disk.items = {**whole, key: bytes(value)}
        try:
            assert values_of(disk) == true
        except VaultError:
            errors += 1
    assert errors > count * 0.98


def in_child(code: str, path: Path) -> str:
    """What some lines print in a process of their own, a vault of `path` at hand."""
    before = (
        "import os, resource, signal\n"
        "from pathlib import Path\n"
        "from parllama_nb.vaults.errors import *\n"
        "from tests.vaults.weak import PASSWORD, OTHER, vault_at\n"
        f"path = Path({str(path)!r})\n"
        "vault = vault_at(path)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", before + textwrap.dedent(code)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.fspath(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_raises_an_error_and_leaves_the_vault_unchanged(
    vault: Vault, path: Path, open_vault: MakeVault
) -> None:
    vault.set("A", "a")
    vault.close()
    said = in_child(
        """
        vault.unlock(PASSWORD)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try:
            with vault.batch() as batch:
                for number in range(1000):
                    batch.set(f"N{number}", "x" * 1000)
        except VaultStorageError as error:
            print(error)
        print(vault.names(), vault.get("A").reveal())
        """,
        path,
    )
    assert re.search("disk|full", said)
    assert said.splitlines()[-1] == "['A'] a"
    again = open_vault()
    again.unlock(PASSWORD)
    assert again.names() == ["A"]


def test_a_forked_child_is_locked_and_can_unlock(vault: Vault, path: Path) -> None:
    vault.set("A", "a")
    said = in_child(
        """
        vault.unlock(PASSWORD)
        child = os.fork()
        if not child:
            print(vault.state, end=" ", flush=True)
            vault.unlock(PASSWORD)
            print(vault.get("A").reveal(), flush=True)
            vault.set("B", "of the child")
            os._exit(0)
        os.waitpid(child, 0)
        print(vault.state, vault.get("B").reveal())
        """,
        path,
    )
    assert said.splitlines() == ["locked a", "unlocked of the child"]


NOBODY = 65_534


@pytest.fixture
def of_nobody(vault: Vault, path: Path) -> Path:
    """A vault in a directory that user 65534 can reach."""
    if os.geteuid():
        pytest.skip("only root can become somebody else")
    vault.set("A", "a")
    vault.close()
    for parent in (path.parent, *path.parent.parents):
        if parent == Path(parent.anchor):
            break
        parent.chmod(parent.stat().st_mode | 0o011)
    return path


BECOME = """
import zxcvbn  # what is imported later, nobody can read
os.setgroups([]); os.setgid(65534); os.setuid(65534)
"""


def test_a_read_only_vault_is_read_and_its_write_error_gives_the_reason(
    of_nobody: Path,
) -> None:
    path = of_nobody
    os.chown(path, NOBODY, NOBODY)
    path.chmod(0o400)
    said = in_child(
        f"{BECOME}"
        """
try:
    vault.unlock(PASSWORD)
    print(vault.get("A").reveal(), "|", vault.warning)
    vault.set("B", "b")
except VaultStorageError as error:
    print(error)
print(vault.names())
""",
        path,
    )
    first, second, last = said.splitlines()
    assert first.startswith("a | The unlock could not be logged")
    assert "read-only" in second or "readonly" in second
    assert last == "['A']"


def test_a_vault_of_another_user_is_refused(of_nobody: Path) -> None:
    path = of_nobody
    path.chmod(0o644)
    said = in_child(
        f"{BECOME}"
        """
try:
    vault.unlock(PASSWORD)
except VaultStorageError as error:
    print(error)
""",
        path,
    )
    assert "belongs to another user" in said


def test_an_unwritable_directory_raises_a_storage_error(of_nobody: Path) -> None:
    path = of_nobody.with_name("new.db")
    said = in_child(
        f"{BECOME}"
        """
try:
    vault.create(PASSWORD)
except VaultStorageError as error:
    print(error)
""",
        path,
    )
    assert "Permission denied" in said
    assert not path.exists()


@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_a_failing_disk_raises_an_error_and_leaves_the_vault_unchanged(
    vault: Vault, path: Path, open_vault: MakeVault, call: str
) -> None:
    vault.set("A", "a")
    vault.close()
    code = (
        "from pathlib import Path\n"
        "from parllama_nb.vaults.errors import VaultStorageError\n"
        "from tests.vaults.weak import PASSWORD, vault_at\n"
        f"vault = vault_at(Path({str(path)!r}))\n"
        "vault.unlock(PASSWORD)\n"
        "try:\n"
        "    vault.set('B', 'b')\n"
        "except VaultStorageError as error:\n"
        "    print(error)\n"
        "print(vault.names())\n"
    )
    done = subprocess.run(
        [
            *(str(STRACE), "-f", "-o", "/dev/null", "-P", str(path)),
            *("-e", f"inject={call}:error=EIO:when=1+"),
            *(sys.executable, "-c", code),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.fspath(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "disk I/O error" in done.stdout, done.stderr
    assert done.stdout.splitlines()[-1] == "['A']"
    again = open_vault()
    again.unlock(PASSWORD)
    assert again.names() == ["A"]
    with pytest.raises(VaultStorageError):
        again.backup(path)
