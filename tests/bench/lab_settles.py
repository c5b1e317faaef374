"""JupyterLab after the last of 4,000 tokens, and what they cost its renderer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..lab.lab import Notebook
from . import watch
from .figures import Figure
from .rig import Rig, ask

__all__ = ["measure"]

_TOKENS, _RATE = 4000, 1000

# Long enough that formulas and the like have been set.
_QUIET = 1.0

_PRINTED = f"""
import time
from pathlib import Path
from tests.servers.synthetic import tokens

pieces = tokens({_TOKENS}, markdown=True)
begun = time.perf_counter()
for number, piece in enumerate(pieces, 1):
    print(piece, end="", flush=True)
    time.sleep(max(0, begun + number / {_RATE} - time.perf_counter()))
Path(TIME).write_text(str(time.time()))
print("the end of it")
"""

_DISPLAYED = f"""
import time
from pathlib import Path
from IPython.display import Markdown, display
from tests.servers.synthetic import tokens

text = "".join(tokens({_TOKENS}, markdown=True))
Path(TIME).write_text(str(time.time()))
display(Markdown(text + "<sub>the end of it</sub>"))
"""

_PRINTED_ALL = "output.textContent.includes('the end of it')"


@dataclass
class _Seen:
    done: list[float] = field(default_factory=list)
    still: list[float] = field(default_factory=list)
    renderer: list[float] = field(default_factory=list)


def measure(rig: Rig) -> Iterator[Figure]:
    moment = rig.directory / "last-token"
    prefix = f"TIME = {str(moment)!r}\n"
    ours, printed, displayed = _Seen(), _Seen(), _Seen()
    cells = (
        ask(f"synthetic-md:{_TOKENS}:{_RATE}"),
        prefix + _PRINTED,
        prefix + _DISPLAYED,
    )
    for _ in rig.times(5, 2):
        # A page of its own for each: what one leaves behind would burden the next.
        for seen, cell, settled in zip(
            (ours, printed, displayed),
            cells,
            (watch.SETTLED, _PRINTED_ALL, watch.SETTLED),
            strict=True,
        ):
            with rig.notebook(cell, ask("synthetic:5:0")) as notebook:
                notebook.run(2)
                _one(rig, notebook, seen, settled, moment)
    against = {
        "display(Markdown) of it all": displayed,
        "print() at that speed": printed,
    }
    yield Figure(
        "settled and idle, after the last token",
        "ms",
        ours.done,
        {name: seen.done for name, seen in against.items()},
        150,
    )
    yield Figure(
        "and the last change on the page",
        "ms",
        ours.still,
        {name: seen.still for name, seen in against.items()},
        note="Formulas, which JupyterLab sets when the text is there.",
    )
    yield Figure(
        "renderer CPU, idle time taken off",
        "s",
        ours.renderer,
        {name: seen.renderer for name, seen in against.items()},
        1.5,
    )


def _one(rig: Rig, notebook: Notebook, seen: _Seen, settled: str, moment: Path) -> None:
    browser = notebook.page.context.browser
    assert browser is not None
    notebook.page.wait_for_timeout(1500)  # what a page does after it was opened
    begun = watch.renderer_seconds(browser)
    notebook.page.wait_for_timeout(2000)
    idle = (watch.renderer_seconds(browser) - begun) / 2
    moment.unlink(missing_ok=True)
    watch.begin(notebook, 1, settled)
    started, before = time.monotonic(), watch.renderer_seconds(browser)
    # Not `run`, which asks the page with every frame whether the cell is over.
    notebook.start(1)
    found = watch.result(notebook, _QUIET)
    spent = watch.renderer_seconds(browser) - before
    elapsed = time.monotonic() - started
    # The floors say it themselves; of ours the server knows.
    last = (
        float(moment.read_text()) if moment.exists() else rig.asked()[-1]["last_token"]
    )
    seen.done.append(max(found["settled"], found["idle"]) - 1000 * last)
    seen.still.append(found["changed"] - 1000 * last)
    seen.renderer.append(max(0.0, spent - idle * elapsed))
