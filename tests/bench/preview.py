"""What would be sent, beside a conversation of a hundred turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from .figures import Figure
from .rig import ROOT, Rig

__all__ = ["measure"]

_CODE = """
import json, time
from parllama_nb.application import Parllama
from parllama_nb.chats.question import Question
from parllama_nb.providers.messages import Message
from parllama_nb.widgets.sent import shown_data

app = Parllama()
text = "Some words of a turn, as they are said. " * 20
turns = tuple(
    Message.of(role, text) for _ in range(100) for role in ("user", "assistant")
)
question = Question("And now?", model="openai/gpt-5-mini", before=turns)

async def once():
    begun = time.perf_counter()
    preview = await app.sessions.preview(question)
    found = time.perf_counter()
    shown_data(preview)
    return [1000 * (found - begun), 1000 * (time.perf_counter() - found)]

first = app.runtime.run(once())
rest = [app.runtime.run(once()) for _ in range(20)]
built = app.runtime.run(app.sessions.preview(question))
begun = time.perf_counter()
json.dumps(built.request.to_dict())
floor = 1000 * (time.perf_counter() - begun)
app.close()
print(json.dumps([first[0], [a + b for a, b in rest], floor]))
"""


def measure(rig: Rig) -> Iterator[Figure]:
    found = [_run(rig) for _ in rig.times(5, 2)]
    first = [each[0] for each in found]
    whole = [sum(each[1]) / len(each[1]) for each in found]
    floor = {"its request as JSON": [each[2] for each in found]}
    yield Figure("of 100 turns, as a view gets it", "ms", whole, floor, 30)
    note = "The client library is imported and the price table read."
    yield Figure("the first of a kernel", "ms", first, {}, 3000, note=note)


def _run(rig: Rig) -> tuple[float, list[float], float]:
    done = subprocess.run(
        [sys.executable, "-c", _CODE],
        cwd=ROOT,
        env={**os.environ, **rig.environment()},
        capture_output=True,
        check=True,
    )
    first, rest, floor = json.loads(done.stdout.splitlines()[-1])
    return first, rest, floor
