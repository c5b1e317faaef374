"""Another cell while a `--background` answer streams."""

from __future__ import annotations

from collections.abc import Iterator

from .figures import Figure
from .rig import LOAD, Rig, ask, milliseconds

__all__ = ["measure"]

_CELL = "sum(range(1000))"


def measure(rig: Rig) -> Iterator[Figure]:
    beside = []
    with rig.page() as page:
        page.run(LOAD)
        page.run(ask("synthetic:20:0"))
        alone = [milliseconds(page, page.run(_CELL)) for _ in rig.times(40, 15)]
        asked = page.run(ask("synthetic-md:100000:1000", "--background"))
        assert asked.status == "ok", asked.text
        page.until(lambda: any(view.streamed for view in page.views.values()))
        for _ in rig.times(40, 15):
            beside.append(milliseconds(page, page.run(_CELL)))
            assert not asked.text.strip().endswith("</sub>"), "the answer is over"
    yield Figure(
        "a cell beside 1,000 tokens/s",
        "ms",
        beside,
        {"the same cell alone": alone},
        target=20,
    )
    yield Figure(
        "  the slowest of them",
        "ms",
        [max(beside)],
        {"the same cell alone": [max(alone)]},
    )
