"""Several models in one cell: the kernel's time, and JupyterLab's after the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..lab.lab import Notebook
from . import watch
from .figures import Figure
from .rig import Rig, milliseconds

__all__ = ["measure"]

# Three answers of two seconds each.
_THREE = [f"openai/synthetic:{count}:100" for count in (200, 201, 202)]

# Four columns at 300 tokens a second each, for four seconds.
_LENGTHS = (1200, 1201, 1202, 1203)
_FOUR = [f"openai/synthetic-md:{count}:300" for count in _LENGTHS]

# The same texts at once, as Markdown: what JupyterLab itself takes for them.
_DISPLAYED = f"""
import time
from pathlib import Path
from IPython.display import Markdown, display
from parllama_nb.markdown.sanitize import sanitize
from tests.servers.synthetic import tokens

# What is open where they are cut is closed by it.
texts = [sanitize("".join(tokens(count, markdown=True))) for count in {_LENGTHS}]
Path(TIME).write_text(str(time.time()))
display(Markdown("\\n\\n".join(texts) + "\\n\\n<sub>the end of it</sub>"))
"""

# Long enough that formulas and the like have been set.
_QUIET = 1.0

# The page's tasks, by their end and by how long they took, in Unix milliseconds:
# Chromium tells of those above 50 ms.
_TASKS = """() => {
    window.plTasks = [];
    new PerformanceObserver((list) => {
        for (const {startTime, duration} of list.getEntries()) {
            const end = performance.timeOrigin + startTime + duration;
            window.plTasks.push([end, duration]);
        }
    }).observe({type: 'longtask'});
}"""


@dataclass
class _Seen:
    done: list[float] = field(default_factory=list)
    during: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)


def _cell(models: list[str]) -> str:
    return f"%%parllama {' '.join(models)} -o answers\nSay something."


def measure(rig: Rig) -> Iterator[Figure]:
    walls, longest = [], []
    with rig.page() as page:
        page.run("%load_ext parllama_nb")
        page.run(_cell(_THREE))
        for _ in rig.times(5, 2):
            run = page.run(_cell(_THREE))
            walls.append(milliseconds(page, run) / 1000)
            times = page.value("[a.timing.total_s for a in answers]")
            longest.append(max(map(float, times.strip("[]").split(","))))
    yield Figure(
        "three models of 2 s each, the whole cell",
        "s",
        walls,
        {"the longest of the three answers": longest},
        2.1,
    )
    moment = rig.directory / "last-token"
    displayed = f"TIME = {str(moment)!r}\n{_DISPLAYED}"
    ours, floor = _Seen(), _Seen()
    for _ in rig.times(5, 2):
        for seen, cell in ((ours, _cell(_FOUR)), (floor, displayed)):
            warm = _cell(["openai/synthetic:5:0"] * 2)
            with rig.notebook(cell, warm) as notebook:
                notebook.run(2)
                _one(rig, notebook, seen, moment)
    against = {"display(Markdown) of it all": floor}
    yield Figure(
        "four columns at 300 tokens/s: settled after the last token",
        "ms",
        ours.done,
        {name: seen.done for name, seen in against.items()},
        200,
    )
    yield Figure(
        "the page's longest task while they stream",
        "ms",
        ours.during,
        target=100,
        note="50 and less count as none.",
    )
    yield Figure(
        "and its longest task after the last token",
        "ms",
        ours.after,
        {name: seen.after for name, seen in against.items()},
        note="JupyterLab renders the Markdown of all columns at once.",
    )


def _one(rig: Rig, notebook: Notebook, seen: _Seen, moment: Path) -> None:
    notebook.page.wait_for_timeout(1500)  # what a page does after it was opened
    moment.unlink(missing_ok=True)
    notebook.page.evaluate(_TASKS)
    watch.begin(notebook, 1, watch.SETTLED)
    notebook.start(1)
    found = watch.result(notebook, _QUIET)
    last = 1000 * (
        float(moment.read_text())
        if moment.exists()
        else max(asked["last_token"] for asked in rig.asked()[-len(_FOUR) :])
    )
    seen.done.append(max(found["settled"], found["idle"]) - last)
    tasks = notebook.page.evaluate("() => window.plTasks")
    seen.during.append(max((long for end, long in tasks if end < last), default=0))
    seen.after.append(max((long for end, long in tasks if end >= last), default=0))
