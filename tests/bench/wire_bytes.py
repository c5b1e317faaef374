"""Bytes on IOPub per token, the settled copy included."""

from __future__ import annotations

from collections.abc import Iterator

from ..kernel.page import Page
from ..servers.synthetic import tokens
from .figures import Figure
from .rig import LOAD, Rig, ask

__all__ = ["measure"]

_RATE = 1000


def measure(rig: Rig) -> Iterator[Figure]:
    with rig.page() as page:
        page.run(LOAD)
        page.run(ask("synthetic:20:0"))
        sizes = {
            count: [_bytes(page, count) / count for _ in rig.times(3, 1)]
            for count in (1000, 2000, 4000)
        }
    for count, per_token in sizes.items():
        text = "".join(tokens(count, markdown=True))
        twice = [2 * len(text.encode()) / count]
        yield Figure(
            f"per token, of {count:,} tokens",
            "B",
            per_token,
            {"the text itself, twice": twice},
            target=45 if count == 4000 else None,
        )
    yield Figure(
        "per token of 4,000 by that of 1,000",
        "",
        [last / first for first, last in zip(sizes[1000], sizes[4000], strict=True)],
        target=1.05,
        aim="linear",
        note="Without the bundle, which travels once per page: see `fifty`.",
    )


def _bytes(page: Page, count: int) -> int:
    begin = len(page.messages)
    before = set(page.views)
    run = page.run(ask(f"synthetic-md:{count}:{_RATE}"))
    assert run.status == "ok", run.text
    for new in set(page.views) - before:
        page.views[new].ask("left")
    # The view is closed after the cell; that is said on the wire too.
    page.until(lambda: all(page.views[new].closed for new in set(page.views) - before))
    return page.iopub_bytes(begin)
