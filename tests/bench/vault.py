"""The vault: what it costs beside the key derivation, which is dear on purpose."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from parllama_nb.vaults.format.crypto import KDF
from parllama_nb.vaults.vault import Vault

from ..vaults.weak import OTHER, PASSWORD, vault_at
from .figures import Figure
from .rig import ROOT, Rig

__all__ = ["measure"]

_IMPORT = (
    "import time; begun = time.perf_counter(); import parllama_nb.vaults.vault; "
    "print(1000 * (time.perf_counter() - begun))"
)
_BARE = (
    "import time; begun = time.perf_counter(); "
    "import cryptography.hazmat.primitives.ciphers.aead, sqlite3; "
    "print(1000 * (time.perf_counter() - begun))"
)


def measure(rig: Rig) -> Iterator[Figure]:
    directory = rig.directory / "vault"
    directory.mkdir()
    times = rig.times(9, 3)
    # The password of these costs nothing to try, so that what is measured is the rest.
    note = "Without the key derivation, which stands in its own line."
    kdf = [_timed(lambda: KDF().derive(bytearray(b"p"), bytes(16))) for _ in times]
    yield Figure("key derivation (Argon2id, 64 MiB)", "ms", kdf)
    for count, target in ((100, 5), (10_000, 50)):
        vault = _filled(directory / f"{count}.db", count)
        samples = []
        for _ in times:
            vault.lock()
            samples.append(_timed(lambda v=vault: v.unlock(PASSWORD)))  # type: ignore[misc]
        yield Figure(
            f"unlock, {count:,} secrets", "ms", samples, target=target, note=note
        )
        if count == 100:
            vault.close()
    numbers = itertools.count()
    samples = [
        _timed(lambda: vault.set(f"ONE{next(numbers)}", "sk-" + "x" * 40))
        for _ in times
    ]
    yield Figure("one added to 10,000", "ms", samples, target=25)
    names = [f"N{number}" for number in range(2_000)]
    samples = [
        1000 * _timed(lambda: [vault.get(name) for name in names]) / len(names)
        for _ in times
    ]
    yield Figure("get, at 10,000", "µs", samples, target=20)
    passwords = itertools.cycle((PASSWORD, OTHER))
    old = next(passwords)
    samples = []
    for _ in times:
        new = next(passwords)
        samples.append(_timed(lambda o=old, n=new: vault.change_password(o, n)))  # type: ignore[misc]
        old = new
    yield Figure("another password, at 10,000", "ms", samples, target=10, note=note)
    vault.close()
    samples = []
    for number in times:
        fresh = vault_at(directory / f"batch-{number}.db")
        fresh.create(PASSWORD)
        samples.append(_timed(lambda v=fresh: _fill(v, 10_000)))  # type: ignore[misc]
        fresh.close()
    yield Figure("10,000 added in one batch", "ms", samples, target=250)
    yield Figure(
        "import",
        "ms",
        [_printed(_IMPORT, directory) for _ in times],
        {"its libraries": [_printed(_BARE, directory) for _ in times]},
        target=80,
    )


def _filled(path: Path, count: int) -> Vault:
    vault = vault_at(path)
    vault.create(PASSWORD)
    _fill(vault, count)
    return vault


def _fill(vault: Vault, count: int) -> None:
    with vault.batch() as batch:
        for number in range(count):
            batch.set(f"N{number}", f"sk-{number:040}")


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


def _printed(code: str, compiled: Path) -> float:
    """What a fresh Python prints that finds everything compiled, as installed."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    return float(done.stdout)
