"""`%load_ext` over a bare kernel: time, memory, outputs, connections."""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from ..kernel.page import Page
from . import peers
from .figures import Figure
from .rig import LOAD, Rig, milliseconds

__all__ = ["measure"]

# In a kernel apart from the timed ones. Names are resolved in threads that outlive the
# cell, so the count is taken after a second.
_WATCH = """
import sys
_seen = []
sys.addaudithook(
    lambda event, _: _seen.append(event)
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto") else None
)
"""
_COUNT = "__import__('time').sleep(1) or len(_seen)"


def measure(rig: Rig) -> Iterator[Figure]:
    ours: dict[str, list[float]] = {"wall": [], "rss": []}
    bare: dict[str, list[float]] = {"wall": [], "rss": []}
    openai: dict[str, list[float]] = {"wall": [], "rss": []}
    outputs = []
    for _ in rig.times(7, 3):
        with rig.page() as page:
            page.run("pass")  # the kernel's own first cell is not what is measured
            _cell(page, "pass", bare)
            outputs.append(len(_cell(page, LOAD, ours)))
        with rig.page() as page:
            page.run("pass")
            _cell(page, "import openai", openai)
    with rig.page() as page:
        page.run(_WATCH)
        page.run(LOAD)
        connections = float(page.value(_COUNT))
    others: dict[str, dict[str, list[float]]] = {"wall": {}, "rss": {}}
    for peer in peers.available():
        samples: dict[str, list[float]] = {"wall": [], "rss": []}
        for _ in rig.times(5, 2):
            with rig.page(str(peer.python)) as page:
                page.run("pass")
                _cell(page, peer.load, samples)
        for kind, of_peers in others.items():
            of_peers[peer.name] = samples[kind]
    yield Figure(
        "wall",
        "ms",
        ours["wall"],
        {"`pass`": bare["wall"], "`import openai`": openai["wall"], **others["wall"]},
        target=100,
        note=peers.advice(),
    )
    yield Figure(
        "memory it adds (RSS)",
        "MB",
        ours["rss"],
        {"`pass`": bare["rss"], "`import openai`": openai["rss"], **others["rss"]},
        target=10,
    )
    yield Figure("outputs", "", outputs, target=0)
    yield Figure("connections and lookups", "", [connections], target=0)


def _cell(page: Page, code: str, into: dict[str, list[float]]) -> list[object]:
    process = psutil.Process(page.pid)
    before = process.memory_info().rss
    run = page.run(code)
    assert run.status == "ok", run.text
    into["wall"].append(milliseconds(page, run))
    into["rss"].append((process.memory_info().rss - before) / 1e6)
    return list(run.outputs)
