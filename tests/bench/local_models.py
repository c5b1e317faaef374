"""Pulls: stopped, told of, and eight at once beside another cell.

The double of Ollama runs in a process of its own and writes a line of each pull every
10 ms, six times as often as a server does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ..kernel.page import Page, Run, View
from .figures import Figure
from .rig import LOAD, Rig, idle_at, milliseconds

__all__ = ["measure"]

_PULLS = 8
_CELL = "sum(range(1000))"
_SET = f"%parllama settings local_models.parallel_pulls {_PULLS}"

_LINES = 60_000
"""Ten minutes of lines, so that no pull ends by itself."""

_WATCHED = 3.0
"""Seconds over which messages are counted."""


def measure(rig: Rig) -> Iterator[Figure]:
    """Yield the times to idle, the messages a second, and a cell's round trip."""
    host = rig.server("tests.servers.ollama", "--step", "0.01")
    with rig.page(OLLAMA_HOST=host) as page:
        for code in (LOAD, "%parllama pull tiny", _SET):
            assert page.run(code).status == "ok"
        yield from _stopped(rig, page)
        yield from _alone(rig, page)
        yield from _together(rig, page)


def _stopped(rig: Rig, page: Page) -> Iterator[Figure]:
    ways: dict[str, Callable[[View], object]] = {
        "interrupt of a pull, to idle": lambda _: page.interrupt(),
        "the view's Stop, to idle": lambda view: view.ask("stop"),
        "interrupt of eight in one cell": lambda _: page.interrupt(),
    }
    for number, (what, end) in enumerate(ways.items()):
        count = _PULLS if number == len(ways) - 1 else 1
        took = []
        for again in rig.times(7, 3):
            run, view = _start(page, f"stop{number}-{again}", count)
            begun = time.monotonic()
            end(view)
            page.wait(run)
            took.append(1000 * (idle_at(page, run) - begun))
        yield Figure(what, "ms", took, target=300)


def _alone(rig: Rig, page: Page) -> Iterator[Figure]:
    for what, count in (("one pull", 1), (f"{_PULLS} in one cell", _PULLS)):
        counts = []
        for again in rig.times(3, 1):
            run, view = _start(page, f"told{count}-{again}", count)
            counts.append(_messages_a_second([view])[0])
            page.interrupt()
            page.wait(run)
        yield Figure(f"messages a second, {what}", "", counts, target=10)


def _together(rig: Rig, page: Page) -> Iterator[Figure]:
    alone = [milliseconds(page, page.run(_CELL)) for _ in rig.times(40, 15)]
    views = []
    for number in range(_PULLS):
        run, view = _start(page, f"beside{number}", 1, "--background")
        page.wait(run)
        views.append(view)
    counts = _messages_a_second(views)
    beside = [milliseconds(page, page.run(_CELL)) for _ in rig.times(40, 15)]
    running = page.run("%parllama jobs").text.count("| running |")
    assert running == _PULLS, f"{running} pulls run"
    against = {"the same cell alone": alone}
    what = f"a cell beside {_PULLS} pulls"
    yield Figure(what, "ms", beside, against, target=20)
    slowest = {"the same cell alone": [max(alone)]}
    yield Figure("  the slowest of them", "ms", [max(beside)], slowest)
    yield Figure(f"messages a second, each of {_PULLS}", "", counts, target=10)


def _start(page: Page, name: str, count: int, options: str = "") -> tuple[Run, View]:
    """Start pulls in one cell; returns it once its view tells of bytes."""
    known = set(page.views)
    models = " ".join(f"sized-1000-{_LINES}:{name}-{n}" for n in range(count))
    run = page.start(f"%parllama pull {models} {options}")

    def telling() -> list[View]:
        new = [page.views[key] for key in page.views.keys() - known]
        return [view for view in new if _told(view) > 1]

    page.until(telling)
    return run, telling()[0]


def _messages_a_second(views: list[View]) -> list[float]:
    begun, before = time.monotonic(), [_told(view) for view in views]
    time.sleep(_WATCHED)
    seconds = time.monotonic() - begun
    pairs = zip(views, before, strict=True)
    return [(_told(view) - count) / seconds for view, count in pairs]


def _told(view: View) -> int:
    return sum(event["event"] == "progress" for event in view.events)
