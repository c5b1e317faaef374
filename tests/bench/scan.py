"""Notebooks searched for the secrets of a vault, beside reading them."""

from __future__ import annotations

import base64
import json
import random
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from parllama_nb.leaks.files import files_below
from parllama_nb.leaks.finder import Finder
from parllama_nb.leaks.hits import Found
from parllama_nb.leaks.scanning import scan
from parllama_nb.secret import Secret

from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

_LETTERS = string.ascii_letters + string.digits

_CHUNK = 1 << 20


def measure(rig: Rig) -> Iterator[Figure]:
    root = rig.directory / "notebooks"
    chance = random.Random(1)
    count = 40 if rig.quick else 200
    size = sum(_write(root / f"{n}.ipynb", chance) for n in range(count))
    megabytes = size / 1e6
    times = rig.times(7, 3)
    _read(root)  # into the cache of the system: what is measured is the search
    for secrets in (1, 20, 100):
        finder = Finder(_secret(n, chance) for n in range(secrets))
        ours, bare = [], []
        for _ in times:
            bare.append(_timed(lambda: _read(root)) / megabytes)
            ours.append(_timed(lambda f=finder: _scan(root, f)) / megabytes)  # type: ignore[misc]
        speed = 1000 / sorted(ours)[len(ours) // 2]
        yield Figure(
            f"a MB searched for {secrets} secrets",
            "ms",
            ours,
            {"reading it": bare},
            target=2,
            note=f"{count} notebooks, {megabytes:,.0f} MB: {speed:,.0f} MB/s",
        )


def _write(path: Path, chance: random.Random) -> int:
    """Write a notebook of 1 MB: code, tables, pictures. Returns its size."""
    path.parent.mkdir(exist_ok=True)
    cells = []
    for number in range(20):
        picture = base64.b64encode(chance.randbytes(27_000)).decode()
        row = "".join(f"<td>{chance.random():.6f}</td>" for _ in range(10))
        data = {"image/png": picture, "text/html": f"<tr>{row}</tr>" * 50}
        source = [f"df = load({number})\n", "df.groupby('name').mean()\n"]
        cells.append({"source": source, "outputs": [{"data": data}]})
    return path.write_text(json.dumps({"cells": cells}))


def _secret(number: int, chance: random.Random) -> Secret:
    return Secret(f"S{number}", "sk-proj-" + "".join(chance.choices(_LETTERS, k=48)))


def _scan(root: Path, finder: Finder) -> None:
    found = Found()
    files = files_below(root, everything=False, problem=print)
    assert not list(scan(files, finder, found))
    assert found.files


def _read(root: Path) -> None:
    for path in root.iterdir():
        with path.open("rb") as file:
            while file.read(_CHUNK):
                pass


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)
