"""Fifty answered cells in one page: transfers of the bundle, size of the notebook."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..servers.synthetic import tokens
from .figures import Figure
from .rig import STATIC, Rig, ask

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["measure"]

_CELLS, _TOKENS = 50, 150

_PLAIN = f"""
from IPython.display import Markdown
from tests.servers.synthetic import tokens
Markdown("".join(tokens({_TOKENS}, markdown=True)))
"""


class _Transfers:
    """The bytes of the buffers in kernel messages of a page, by the messages."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def watch(self, page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framereceived", self._take))

    def _take(self, frame: str | bytes) -> None:
        size = _buffers(frame) if isinstance(frame, bytes) else 0
        if size:
            self.sizes.append(size)


def measure(rig: Rig) -> Iterator[Figure]:
    cells = [ask(f"synthetic-md:{_TOKENS}:0") for _ in range(_CELLS)]
    transfers = _Transfers()
    with rig.notebook(*cells, on_page=transfers.watch) as notebook:
        notebook.run_all()
        saved = notebook.save()
        size = notebook.path.stat().st_size
    text = "".join(tokens(_TOKENS, markdown=True))
    kept = sum(text == _plain(cell) for cell in saved["cells"])
    with rig.notebook(*[_PLAIN] * _CELLS) as notebook:
        notebook.run_all()
        plain = notebook.save()
        plain_size = notebook.path.stat().st_size
    for name in ("core.js", "answer.js", "katex.js", "highlight.js"):
        bundle = (STATIC / name).stat().st_size
        yield Figure(
            f"transfers of {name}", "", [transfers.sizes.count(bundle)], target=1
        )
    yield Figure("bytes of all transfers", "B", [sum(transfers.sizes)])
    yield Figure(
        "saved, per cell beside the text",
        "B",
        [_beside(saved, size, text)],
        {"Markdown(text) in a cell": [_beside(plain, plain_size, text)]},
        target=2_000,
        note=f"The answer counts once; of its {len(text.encode())} B a copy as plain "
        "text is beside it.",
    )
    yield Figure("cells whose answer is not in it", "", [_CELLS - kept], target=0)


def _buffers(frame: bytes) -> int:
    """The bytes of a message's buffers, by the websocket's v1 kernel protocol."""
    (count,) = struct.unpack_from("<Q", frame)
    offsets = struct.unpack_from(f"<{count}Q", frame, 8)
    # Channel, header, parent, metadata, content; then the buffers.
    return offsets[-1] - offsets[5] if count > 6 else 0


def _plain(cell: dict[str, Any]) -> str:
    found = [
        "".join(output.get("data", {}).get("text/plain", ""))
        for output in cell["outputs"]
    ]
    return "".join(found)


def _beside(saved: dict[str, Any], size: int, text: str) -> float:
    answered = [cell for cell in saved["cells"] if cell["outputs"]]
    sources = sum(len("".join(cell["source"]).encode()) for cell in saved["cells"])
    return (size - sources) / len(answered) - len(text.encode())
