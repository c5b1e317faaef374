"""The first answer of a fresh kernel, all imports included, from a server at once."""

from __future__ import annotations

from collections.abc import Iterator

from .figures import Figure
from .rig import LOAD, Rig, arrived, ask, milliseconds

__all__ = ["BARE", "measure"]

BARE = """
from openai import AsyncOpenAI

stream = await AsyncOpenAI().chat.completions.create(
    model="{model}",
    messages=[{{"role": "user", "content": "Say something."}}],
    stream=True,
)
async for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
"""
"""The least one can write to have an answer in a cell."""

_MODEL = "synthetic:20:0"


def measure(rig: Rig) -> Iterator[Figure]:
    answered, visible, bare_answered, bare_visible = [], [], [], []
    for _ in rig.times(7, 3):
        with rig.page() as page:
            loaded = page.start(LOAD)
            asked = page.wait(page.start(ask(_MODEL)))
            assert asked.status == "ok", asked.text
            # Both cells count, from the sending of the first.
            earlier = 1000 * (asked.started - loaded.started)
            answered.append((earlier + milliseconds(page, asked)) / 1000)
            visible.append(arrived(page, asked, "display_data") - loaded.started)
        with rig.page() as page:
            run = page.run(BARE.format(model=_MODEL))
            assert run.status == "ok", run.text
            bare_answered.append(milliseconds(page, run) / 1000)
            bare_visible.append(arrived(page, run, "stream") - run.started)
    bare = "bare AsyncOpenAI"
    yield Figure(
        "%load_ext and first answer", "s", answered, {bare: bare_answered}, 1.3
    )
    yield Figure("something visible", "s", visible, {bare: bare_visible}, 0.3)
