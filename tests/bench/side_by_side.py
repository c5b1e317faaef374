"""Several models in one cell: the kernel's time, and JupyterLab's after the last."""

from __future__ import annotations

from collections.abc import Iterator

from ..lab.lab import Notebook
from . import watch
from .figures import Figure
from .rig import Rig, milliseconds

__all__ = ["measure"]

# Three answers of two seconds each.
_THREE = [f"openai/synthetic:{count}:100" for count in (200, 201, 202)]

# Four columns at 300 tokens a second each, for four seconds.
_FOUR = [f"openai/synthetic-md:{count}:300" for count in (1200, 1201, 1202, 1203)]

# Long enough that formulas and the like have been set.
_QUIET = 1.0

# The longest task of the page while the columns stream: Chromium tells of those above
# 50 ms; 0 where there was none.
_TASKS = """() => {
    window.plTasks = [0];
    window.plTasksSeen = new PerformanceObserver((list) => {
        for (const task of list.getEntries()) window.plTasks.push(task.duration);
    });
    window.plTasksSeen.observe({type: 'longtask'});
}"""


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
    done, tasks = [], []
    for _ in rig.times(5, 2):
        with rig.notebook(
            _cell(_FOUR), _cell(["openai/synthetic:5:0"] * 2)
        ) as notebook:
            notebook.run(2)
            _one(rig, notebook, done, tasks)
    yield Figure(
        "four columns at 300 tokens/s, settled after the last token",
        "ms",
        done,
        {},
        200,
    )
    yield Figure("and the page's longest task meanwhile", "ms", tasks, {}, 100)


def _one(rig: Rig, notebook: Notebook, done: list[float], tasks: list[float]) -> None:
    notebook.page.wait_for_timeout(1500)  # what a page does after it was opened
    notebook.page.evaluate(_TASKS)
    watch.begin(notebook, 1, watch.SETTLED)
    notebook.start(1)
    found = watch.result(notebook, _QUIET)
    last = max(asked["last_token"] for asked in rig.asked()[-len(_FOUR) :])
    done.append(max(found["settled"], found["idle"]) - 1000 * last)
    tasks.append(max(notebook.page.evaluate("() => window.plTasks")))
