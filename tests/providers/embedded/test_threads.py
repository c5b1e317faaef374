"""How many threads the engine takes on machines of every size."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parllama_nb.providers.embedded.engine import usable_threads


@pytest.mark.parametrize(
    ("cores", "quota", "threads"),
    [
        (1, "max 100000", 1),
        (2, "max 100000", 1),
        (4, "max 100000", 3),
        (8, "max 100000", 4),
        (64, "max 100000", 8),
        (64, "200000 100000", 1),
        (64, "50000 100000", 1),
        (64, "unreadable", 8),
    ],
)
def test_a_core_is_left_and_a_containers_limit_is_kept(
    monkeypatch: pytest.MonkeyPatch, cores: int, quota: str, threads: int
) -> None:
    monkeypatch.setattr(
        os, "sched_getaffinity", lambda _: set(range(cores)), raising=False
    )
    monkeypatch.setattr(Path, "read_text", lambda *_: quota)
    assert usable_threads() == threads
