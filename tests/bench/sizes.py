"""What a page loads: the loader with each view, the bundle once per page."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

from .figures import Figure
from .rig import STATIC, Rig

__all__ = ["measure"]

_TARGETS = {"loader": 4_000, "answer": 200_000, "katex": None}


def measure(rig: Rig) -> Iterator[Figure]:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    for name, entry in manifest.items():
        content = (STATIC / entry["file"]).read_bytes()
        yield Figure(
            entry["file"],
            "B",
            [len(content)],
            {"gzip -9": [len(gzip.compress(content, 9))]},
            target=_TARGETS.get(name),
            note="Fetched with the first formula." if name == "katex" else "",
        )
