"""Stop and interrupt to idle; the partial answer kept, no traceback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ..kernel.page import Page, Run, View
from . import watch
from .figures import Figure
from .first_answer import BARE
from .rig import LOAD, Rig, ask, idle_at

__all__ = ["measure"]

_MODEL = "synthetic-md:60000:1000"

# Characters seen before an answer is stopped.
_ENOUGH = 500

_CLICK = """
(enough) => new Promise((resolve) => {
    const look = () => {
        const text = document.querySelector('.pl-markdown');
        const stop = document.querySelector('.pl-stop:not([aria-disabled="true"])');
        if (stop && text && text.textContent.length > enough) {
            clearInterval(timer);
            resolve(Date.now());
            stop.click();
        }
    };
    const timer = setInterval(look, 20);
})
"""


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
    yield Figure("JupyterLab: click on Stop, to idle", "ms", _clicked(rig), target=300)
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


def _clicked(rig: Rig) -> list[float]:
    """From the click to the cell being idle and its text settled, in JupyterLab."""
    took = []
    with rig.notebook(ask("synthetic:20:0"), ask(_MODEL)) as notebook:
        notebook.run(1)
        for _ in rig.times(7, 3):
            notebook.clear(2)
            watch.begin(notebook, 2, watch.SETTLED)
            notebook.start(2)
            clicked = notebook.page.evaluate(_CLICK, _ENOUGH)
            seen = watch.result(notebook)
            took.append(max(seen["idle"], seen["settled"]) - clicked)
    return took


def _lost(run: Run, view: View) -> float:
    kept = next(
        (o["data"].get("text/plain", "") for o in run.outputs if "data" in o), ""
    )
    shown = view.streamed
    return 0 if kept.startswith(shown) else len(shown.removeprefix(kept))


def _traceback(run: Run) -> float:
    if run.error is None:
        return 0
    return len("\n".join(run.error["traceback"]).encode())
