"""After a lock no key of the vault is in the memory of the process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from parllama_nb.vaults.format.layout import Slot
from parllama_nb.vaults.vault import Vault

from .test_faults import started
from .weak import PASSWORD
from .worker import MASK

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/PID/mem")


def found_in(pid: int, keys: list[bytes]) -> int:
    """How often any of the keys is in the memory of a process that stands still."""
    count = 0
    pattern = re.compile(b"|".join(re.escape(key) for key in keys))
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            span, mode, *_ = line.split()
            if not mode.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                piece = memory.read(end - start)
            except (OSError, ValueError):
                continue
            count += len(pattern.findall(piece))
    return count


def told(worker: subprocess.Popen[str], word: str) -> list[bytes]:
    assert worker.stdout is not None
    first, *keys = worker.stdout.readline().split()
    assert first == word
    return [bytes(bit ^ MASK for bit in bytes.fromhex(key)) for key in keys]


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param(20, marks=pytest.mark.slow),
        pytest.param(100, marks=pytest.mark.long),
    ],
)
def test_a_lock_leaves_no_key_in_memory(vault: Vault, path: Path, locks: int) -> None:
    vault.rotate(PASSWORD)
    vault.close()
    worker = started(
        "memory", path, locks, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert worker.stdin is not None
    copies: list[int] = []
    slot = vault.storage.read(lambda reader: reader.get(b"s"))
    assert slot
    # It stands in the file, for all to read.
    commitment = Slot.unpack(slot).commitment
    for turn in range(locks):
        keys = told(worker, "open")
        assert len(keys) == 5
        if turn < 3:
            # Or the search would find nothing of anything.
            assert all(found_in(worker.pid, [key]) >= 1 for key in keys)
        print(file=worker.stdin, flush=True)
        wiped = {*told(worker, "locked")}
        assert {*keys} < wiped
        assert commitment in wiped
        # The password's root, its wrap key, the data key, and two of an earlier one.
        assert len(wiped - {*keys, commitment}) == 5
        copies.append(found_in(worker.pid, [*wiped - {commitment}]))
        print(file=worker.stdin, flush=True)
    worker.communicate()
    assert worker.returncode == 0
    assert copies == [0] * locks
