"""Stop and interrupt to idle; the partial answer kept, no traceback."""

from __future__ import annotations

import os.path
import time
from collections.abc import Callable, Iterator

from ..kernel.page import Page, Run, View
from .figures import Figure
from .first_answer import BARE
from .rig import LOAD, Rig, ask, idle_at

__all__ = ["measure"]

_MODEL = "synthetic-md:60000:1000"

# Characters seen before an answer is stopped.
_ENOUGH = 500


def measure(rig: Rig) -> Iterator[Figure]:
    took: dict[str, list[float]] = {"stop": [], "interrupt": [], "bare": []}
    lost: list[float] = []
    tracebacks: dict[str, list[float]] = {"ours": [], "bare": []}
    ways: dict[str, Callable[[Page, View], object]] = {
        "stop": lambda _, view: view.ask("stop"),
        "interrupt": lambda page, _: page.interrupt(),
    }
    with rig.page() as page:
        page.run(LOAD)
        page.run(ask("synthetic:20:0"))
        for way, end in ways.items():
            for _ in rig.times(7, 3):
                run, view = _start(page)
                took[way].append(_end(page, run, lambda: end(page, view)))  # noqa: B023
                lost.append(_lost(run, view))
                tracebacks["ours"].append(_traceback(run))
        # Once before, so that the bare client's imports are made too.
        page.run(BARE.format(model="synthetic:20:0"))
        for _ in rig.times(7, 3):
            run = page.start(BARE.format(model=_MODEL))
            page.until(lambda: len(run.text) > _ENOUGH)  # noqa: B023
            took["bare"].append(_end(page, run, page.interrupt))
            tracebacks["bare"].append(_traceback(run))
    bare = "bare client, interrupted"
    against = {bare: took["bare"]}
    yield Figure("the view's Stop, to idle", "ms", took["stop"], against, 300)
    yield Figure("interrupt, to idle", "ms", took["interrupt"], against, 300)
    yield Figure("text that was shown and is not kept", "B", lost, target=0)
    yield Figure("traceback", "B", tracebacks["ours"], {bare: tracebacks["bare"]}, 0)


def _start(page: Page) -> tuple[Run, View]:
    """An answer in full flow, and its view."""
    known = set(page.views)
    run = page.start(ask(_MODEL))

    def flowing() -> list[View]:
        new = [page.views[key] for key in page.views.keys() - known]
        # The snapshot that greets a view is a response; what follows are events.
        return [view for view in new if len(view.streamed) > _ENOUGH]

    page.until(flowing)
    return run, flowing()[0]


def _end(page: Page, run: Run, end: Callable[[], object]) -> float:
    begun = time.monotonic()
    end()
    page.wait(run)
    return 1000 * (idle_at(page, run) - begun)


def _lost(run: Run, view: View) -> float:
    kept = next(
        (o["data"].get("text/plain", "") for o in run.outputs if "data" in o), ""
    )
    return len(view.streamed) - len(os.path.commonprefix([kept, view.streamed]))


def _traceback(run: Run) -> float:
    if run.error is None:
        return 0
    return len("\n".join(run.error["traceback"]).encode())
