"""The control panel in JupyterLab: from the click on a tab to what is in it."""

from __future__ import annotations

from collections.abc import Iterator

from ..lab.lab import Notebook
from .figures import Figure
from .rig import Rig

__all__ = ["measure"]

# Clicks on a tab and waits until its view has something to show.
_OPEN = """
([index, tab, shown]) => new Promise((resolve) => {
    const cell = document.querySelector(
        `.jp-Notebook .jp-Cell[data-windowed-list-index='${index}']`);
    const button = [...cell.querySelectorAll('[role=tab]')]
        .find((each) => each.textContent === tab);
    const begun = performance.now();
    const look = () => {
        if (cell.querySelector(`[role=tabpanel]:not([hidden]) ${shown}`))
            resolve(performance.now() - begun);
        else requestAnimationFrame(look);
    };
    button.click();
    look();
})
"""
_TABS = {"Jobs": ".pl-jobs-list", "Settings": ".pl-setting"}

# A job to be listed, and a cell that keeps the kernel busy.
_JOB = """
import asyncio
import parllama_nb as pl

async def forever(job):
    await asyncio.Event().wait()

job = pl.app().jobs.start("wait", forever)
"""
# It ends well when it is interrupted: after an error Lab gives up what is queued.
_BUSY = """
import time

try:
    while True:
        time.sleep(0.01)
except KeyboardInterrupt:
    pass
"""


def measure(rig: Rig) -> Iterator[Figure]:
    """Yield the time to a tab's content, the kernel idle and busy."""
    for busy in (False, True):
        took: dict[str, list[float]] = {name: [] for name in _TABS}
        with rig.notebook(_JOB, "%parllama", _BUSY) as notebook:
            notebook.run(1)
            for _ in rig.times(7, 3):
                notebook.run(2)
                notebook.output(2).locator("[role=tab]").first.wait_for()
                if busy:
                    notebook.start(3)
                for name in _TABS:
                    took[name].append(_opened(notebook, name))
                if busy:
                    notebook.page.evaluate(_INTERRUPT)
                    notebook.wait_for_idle()
        when = "while a cell runs" if busy else "idle"
        for name, samples in took.items():
            yield Figure(f"{name} after the click, {when}", "ms", samples, target=400)


_INTERRUPT = """() => window.jupyterapp.shell.currentWidget
    .sessionContext.session.kernel.interrupt()"""


def _opened(notebook: Notebook, name: str) -> float:
    return float(notebook.page.evaluate(_OPEN, [2, name, _TABS[name]]))
