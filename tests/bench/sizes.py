"""What a page loads: the loader with each view, every other part once per page."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

from .figures import Figure
from .rig import STATIC, Rig

__all__ = ["measure"]

_TARGETS = {"loader": 4_096}
_OWN = 80_000
"""Bytes of a view by itself: what it has beside the parts it shares."""

_SHARED = {
    "katex": "Fetched with the first formula.",
    "highlight": "Fetched with the first code in a language.",
    "core": "",
    "kit": "",
}

_WHOLE = {"answer": 200_000, "chat": 260_000}
"""Bytes of a view with the parts it shares: what is there before it is shown."""


def measure(rig: Rig) -> Iterator[Figure]:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    content = {
        name: (STATIC / entry["file"]).read_bytes() for name, entry in manifest.items()
    }
    for name, entry in manifest.items():
        target = _TARGETS.get(name, None if name in _SHARED else _OWN)
        yield _figure(entry["file"], [content[name]], target, _SHARED.get(name, ""))
    for view, target in _WHOLE.items():
        names = [view, *reversed(manifest[view]["needs"])]
        files = [content[name] for name in names]
        yield _figure(" + ".join(names), files, target, "")


def _figure(what: str, files: list[bytes], target: int | None, note: str) -> Figure:
    packed = sum(len(gzip.compress(file, 9)) for file in files)
    size = sum(map(len, files))
    return Figure(what, "B", [size], {"gzip -9": [packed]}, target=target, note=note)
