"""A gigabyte to an Ollama server on loopback: sent, hashed, and cancelled.

The server takes what comes and keeps nothing, in a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from parllama_nb.events import Progress
from parllama_nb.local_models.creation import blobs
from parllama_nb.providers.ollama.client import OllamaClient
from parllama_nb.providers.spec import Timeouts
from parllama_nb.secret import Redactor

from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

_SPEED = 0.9
"""The least part of the floor's speed."""


def measure(rig: Rig) -> Iterator[Figure]:
    size = (256 if rig.quick else 1024) << 20
    path = rig.directory / "weights.gguf"
    block = os.urandom(1 << 20)
    with path.open("wb") as file:
        for _ in range(size >> 20):
            file.write(block)
    url = rig.server("tests.servers.blob_sink")
    hashed = [asyncio.run(_hash(path))]
    ours, bare = [], []
    for _ in rig.times(7, 3):
        bare.append(asyncio.run(_bare(url, path)))
        ours.append(asyncio.run(_ours(url, path)))
    target = statistics.median(bare) / _SPEED
    yield Figure(
        f"{size >> 20:,} MB, sent",
        "s",
        ours,
        {"bare aiohttp": bare},
        target,
        aim=f"{_SPEED} of its speed",
        note=f"hashed before, once: {hashed[0]:.2f} s",
    )
    cancelled = [asyncio.run(_cancel(url, path)) for _ in rig.times(5, 2)]
    yield Figure("a cancel in mid-upload", "ms", cancelled, target=300)
    path.unlink()


def _client(url: str) -> OllamaClient:
    return OllamaClient(url, None, Timeouts(), Redactor(), "Ollama")


async def _hash(path: Path) -> float:
    begun = time.perf_counter()
    await blobs.digest_of(path, lambda _: None)
    return time.perf_counter() - begun


async def _ours(url: str, path: Path) -> float:
    client = _client(url)
    await client.open()
    begun = time.perf_counter()
    await blobs.upload_blob(client, path, lambda _: None)
    taken = time.perf_counter() - begun
    await client.aclose()
    return taken


async def _bare(url: str, path: Path) -> float:
    async with aiohttp.ClientSession() as session:
        begun = time.perf_counter()
        with path.open("rb") as file:
            async with session.post(f"{url}/api/blobs/sha256:0", data=file) as response:
                assert response.status == 201
        return time.perf_counter() - begun


async def _cancel(url: str, path: Path) -> float:
    """Milliseconds from a cancel to the end, once some of the file is on its way."""
    client, under_way = _client(url), asyncio.Event()

    def report(progress: Progress) -> None:
        if progress.done > 50 << 20:
            under_way.set()

    task = asyncio.create_task(blobs.upload_blob(client, path, report))
    await under_way.wait()
    begun = time.perf_counter()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await client.retire()
    return 1000 * (time.perf_counter() - begun)
