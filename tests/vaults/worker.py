"""Processes that write to a vault, are killed at it, or are looked into.

python -m tests.vaults.worker MODE PATH ...
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from parllama_nb.vaults.errors import VaultConflictError
from parllama_nb.vaults.format.crypto import Key
from parllama_nb.vaults.vault import Vault

from .weak import OTHER, PASSWORD, vault_at

MASK = 0xA5


def write(path: Path, worker: str, count: str) -> None:
    """Keep so many secrets of its own."""
    vault = unlocked(path)
    for number in range(int(count)):
        vault.set(f"W{worker}_{number}", f"{worker}/{number}")


def increment(path: Path, count: str) -> None:
    """Count up, each time expecting the version that was read."""
    vault = unlocked(path)
    left = int(count)
    while left:
        (entry,) = [each for each in vault.entries() if each.name == "N"]
        value = int(vault.get("N").reveal())
        with contextlib.suppress(VaultConflictError):
            # Between the two reads another may have been: then the version is old.
            vault.set("N", str(value + 1), expect=entry.version)
            left -= 1


def prune(path: Path, worker: str, count: str) -> None:
    """Keep so many secrets of its own, and unlock before each: the log stays short."""
    vault = vault_at(path, log_entries=lambda: 20)
    for number in range(int(count)):
        vault.lock()
        vault.unlock(PASSWORD)
        vault.set(f"W{worker}_{number}", f"{worker}/{number}")


def unlocked(path: Path) -> Vault:
    vault = vault_at(path)
    vault.unlock(PASSWORD)
    return vault


def kill(path: Path, count: str, seed: str) -> None:
    """Kill a writer at so many moments; look at the vault after each."""
    chance = random.Random(int(seed))
    vault = vault_at(path)
    vault.create(PASSWORD)
    vault.close()
    kept: dict[str, str] = {}
    passwords = [PASSWORD]
    totals = {"kills": 0, "acknowledged": 0, "lost": 0, "unreadable": 0, "journals": 0}
    for turn in range(int(count)):
        acknowledged = _killed(path, turn, passwords[-1], chance)
        totals["kills"] += 1
        totals["journals"] += Path(f"{path}-journal").exists()
        vault = vault_at(path)
        for line in acknowledged:
            what, name, value = line.split(" ", 2)
            if what == "set":
                kept[name] = value
            elif what == "removed":
                kept.pop(name, None)
            else:
                passwords.append(value)
        totals["acknowledged"] += len(acknowledged)
        password = _opens(vault, passwords)
        if password is None:
            totals["unreadable"] += 1
            continue
        passwords.append(password)
        names = {*vault.names()}
        for name, value in kept.items():
            # The one that was under way when the kill came may be there or not.
            if name not in names or vault.get(name).reveal() < value:
                totals["lost"] += 1
        if vault.verify():
            totals["unreadable"] += 1
        # Keep it small, so that each turn costs the same.
        with vault.batch() as batch:
            for name in names:
                batch.remove(name)
        kept.clear()
        vault.close()
    print(totals)


def _opens(vault: Vault, passwords: list[str]) -> str | None:
    for password in dict.fromkeys([passwords[-1], PASSWORD, OTHER]):
        with contextlib.suppress(Exception):
            vault._access.attempts.succeeded()
            vault.unlock(password)
            return password
    return None


def _killed(path: Path, turn: int, password: str, chance: random.Random) -> list[str]:
    """What a writer had acknowledged when it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            _busy(path, turn, password, lambda line: os.write(writing, line.encode()))
        os._exit(1)
    os.close(writing)
    select.select([reading], [], [], 30)
    time.sleep(chance.random() * 0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    said = b""
    while piece := os.read(reading, 65_536):
        said += piece
    os.close(reading)
    return said.decode().splitlines()


def _busy(path: Path, turn: int, password: str, say: Callable[[str], object]) -> None:
    vault = vault_at(path)
    vault.unlock(password)
    number = 0
    while True:
        number += 1
        name, value = f"T{turn}_{number % 5}", f"{number:08}"
        if number % 7 == 0:
            with vault.batch() as batch:
                for each in range(20):
                    batch.set(f"B{turn}_{each}", value)
            say("".join(f"set B{turn}_{each} {value}\n" for each in range(20)))
        if number % 11 == 0:
            vault.rotate(password)
        if number % 13 == 0:
            new = OTHER if password == PASSWORD else PASSWORD
            vault.change_password(password, new)
            password = new
            say(f"password - {new}\n")
        vault.set(name, value)
        say(f"set {name} {value}\n")


def memory(path: Path, turns: str) -> None:
    """Unlock, use and lock; say which keys there were, so that they can be looked for.

    They are told masked, and kept nowhere else: a copy made by the looking would be
    found by it.
    """
    wiped: list[bytearray] = []
    really = Key.wipe

    def watched(key: Key) -> None:
        if any(key._bits):
            wiped.append(bytearray(bit ^ MASK for bit in key._bits))
        really(key)

    Key.wipe = watched  # type: ignore[method-assign]
    vault = vault_at(path)
    for _ in range(int(turns)):
        wiped.clear()
        vault.unlock(PASSWORD)
        vault.set("A", "a")
        vault.get("A")
        vault.seal(b"text", "a")
        vault.verify()
        unlocked = vault._access.unlocked
        assert unlocked is not None
        keys = unlocked.keys
        own = (keys.records, keys.manifest, keys.audit, keys.sealing, keys.watermark)
        masked = [bytearray(bit ^ MASK for bit in key._bits) for key in own]
        print("open", *(each.hex() for each in masked), flush=True)
        sys.stdin.readline()
        del unlocked, keys, own
        vault.lock()
        print("locked", *(each.hex() for each in wiped), flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    modes: dict[str, Callable[..., None]] = {
        "write": write,
        "prune": prune,
        "increment": increment,
        "kill": kill,
        "memory": memory,
    }
    modes[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
