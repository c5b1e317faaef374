"""From the server's first token to the first text, in the kernel and in JupyterLab."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

from . import watch
from .figures import Figure
from .rig import LOAD, Rig, arrived, ask

__all__ = ["measure"]

# A model thinks before its first token; a server that answers at once meets a page
# that has not made its view yet.
_THINKS = "synthetic:120:200:0.5"
_AT_ONCE = "synthetic:120:200"

_BARE = """
import time
from openai import AsyncOpenAI

client = globals().get("client") or AsyncOpenAI()
seen = None
stream = await client.chat.completions.create(
    model="{model}", messages=[{{"role": "user", "content": "Hi."}}], stream=True
)
async for chunk in stream:
    if chunk.choices and chunk.choices[0].delta.content:
        seen = seen or time.time()
        print(chunk.choices[0].delta.content, end="", flush=True)
"""


def measure(rig: Rig) -> Iterator[Figure]:
    cases = (("", _THINKS), (", answered at once", _AT_ONCE))
    for said, model in cases:
        bare, printed = _bare(rig, model)
        yield Figure(
            f"kernel: on the wire{said}",
            "ms",
            _kernel(rig, model),
            {"bare client has it": bare, "bare client, print()": printed},
            statistics.median(bare) + 15,
            aim="bare + 15",
        )
    for said, model in cases:
        yield Figure(
            f"JupyterLab: painted{said}",
            "ms",
            _lab(rig, ask(model)),
            {"bare client, print()": _lab(rig, _BARE.format(model=model))},
            60,
        )


def _kernel(rig: Rig, model: str) -> list[float]:
    took = []
    with rig.page() as page:
        page.run(LOAD)
        page.run(ask("synthetic:20:0"))
        for _ in rig.times(15, 5):
            begin = len(page.messages)
            page.run(ask(model))
            first = next(m["at"] for m in page.messages[begin:] if _has_text(m))
            took.append(1000 * (_unix(first) - rig.asked()[-1]["first_token"]))
    return took


def _bare(rig: Rig, model: str) -> tuple[list[float], list[float]]:
    had, printed = [], []
    with rig.page() as page:
        page.run(_BARE.format(model="synthetic:20:0"))
        for _ in rig.times(15, 5):
            run = page.run(_BARE.format(model=model))
            sent = rig.asked()[-1]["first_token"]
            had.append(1000 * (float(page.value("seen")) - sent))
            printed.append(1000 * (_unix(arrived(page, run, "stream")) - sent))
    return had, printed


def _lab(rig: Rig, cell: str) -> list[float]:
    took = []
    with rig.notebook(cell) as notebook:
        notebook.run(1)
        for _ in rig.times(9, 3):
            # Until it is run again the cell shows its last answer.
            notebook.clear(1)
            watch.begin(notebook, 1)
            notebook.run(1)
            painted = watch.result(notebook)["first"]
            took.append(painted - 1000 * rig.asked()[-1]["first_token"])
    return took


def _unix(monotonic: float) -> float:
    return monotonic + time.time() - time.monotonic()


def _has_text(message: dict[str, Any]) -> bool:
    if message["header"]["msg_type"] != "comm_msg":
        return False
    said = message["content"]["data"].get("content") or {}
    data = said.get("data") or said.get("result") or {}
    return bool(data.get("text")) and said.get("event") != "notice"
