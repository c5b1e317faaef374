"""`pl.map` over many rows, beside a bare loop; and what a killed kernel costs it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

from .figures import Figure
from .rig import ROOT, Rig

__all__ = ["measure"]

_MODEL = "synthetic:20:0"
_AT_ONCE = 64

_OURS = f"""
import json, resource, sys, time
import pandas as pd
import parllama_nb as pl

rows = int(sys.argv[1])
df = pd.DataFrame({{"n": range(rows)}})
ask = dict(model="openai/{_MODEL}", concurrency={_AT_ONCE}, resume=rows > 99)
pl.map(df[:50], "Classify: {{{{n}}}}", **ask)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.perf_counter()
made = pl.map(df, "Classify: {{{{n}}}}", **ask)
seconds = time.perf_counter() - begun
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert made.error.isna().all(), made.error.dropna().iloc[0]
size = made.memory_usage(deep=True).sum() / 1e6
print(json.dumps([rows / seconds, (after - before) / 1e3, size]))
"""

_BARE = f"""
import asyncio, json, os, sys, time
import openai

async def main(rows):
    client = openai.AsyncOpenAI(
        http_client=openai.DefaultAioHttpClient(), max_retries=0
    )
    places = asyncio.Semaphore({_AT_ONCE})
    async def one(n):
        async with places:
            message = {{"role": "user", "content": f"Classify: {{n}}"}}
            answer = await client.chat.completions.create(
                model="{_MODEL}", messages=[message]
            )
            return answer.choices[0].message.content
    await asyncio.gather(*map(one, range(50)))
    begun = time.perf_counter()
    await asyncio.gather(*map(one, range(rows)))
    print(json.dumps([rows / (time.perf_counter() - begun)]))
    await client.close()

asyncio.run(main(int(sys.argv[1])))
"""

_KILLED = f"""
import sys
import pandas as pd
import parllama_nb as pl

print("begun", flush=True)
df = pd.DataFrame({{"n": range(int(sys.argv[1]))}})
made = pl.map(df, "Row {{{{n}}}}", model="openai/{_MODEL}", concurrency=8)
assert made.error.isna().all()
assert made.prompt.tolist() == [f"Row {{n}}" for n in df.n]
"""


def measure(rig: Rig) -> Iterator[Figure]:
    rows = 2_000 if rig.quick else 10_000
    ours, bare, grown, size = [], [], [], []
    for _ in rig.times(3, 1):
        speed, memory, result = _run(_OURS, rows, rig)
        ours.append(speed)
        grown.append(memory)
        size.append(result)
        bare += _run(_BARE, rows, rig)
    yield Figure(
        f"a row of {rows:,}, {_AT_ONCE} at once",
        "ms",
        [1000 / speed for speed in ours],
        {"bare AsyncOpenAI, aiohttp": [1000 / speed for speed in bare]},
        target=1.25 * 1000 / sorted(bare)[len(bare) // 2],
        aim="0.8 of its speed",
    )
    yield Figure("memory it takes on top", "MB", grown, {"its result": size})
    lost, twice, kills = _killed(rig)
    yield Figure("rows lost by kill -9", "", [lost], target=0, note=f"{kills} kills")
    yield Figure("rows asked twice, a kill", "", twice, target=8, aim="in flight")


def _killed(rig: Rig) -> tuple[int, list[float], int]:
    """Kill a run at random, again and again, until it is whole."""
    chance = random.Random(1)
    environment = {**os.environ, **rig.environment()}
    rows, kills, twice = 800, 0, []
    target = len(rig.times(50, 5))
    while kills < target:
        _recorded(rig, clear=True)
        while True:
            before = len(_rows(rig))
            process = subprocess.Popen(
                [sys.executable, "-c", _KILLED, str(rows)],
                env=environment,
                stdout=subprocess.PIPE,
                cwd=ROOT,
            )
            assert process.stdout is not None
            process.stdout.readline()
            try:
                process.wait(chance.uniform(0.3, 1.6))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                asked = _rows(rig)
                again = (
                    len(asked) - len(set(asked)) - (before - len(set(asked[:before])))
                )
                twice.append(float(again))
                continue
            assert process.returncode == 0, "a run that went on did not end well"
            break
        missing = {f"Row {n}" for n in range(rows)} - set(_rows(rig))
        if missing:
            return len(missing), twice, kills
        time.sleep(0.1)
    return 0, twice or [0.0], kills


def _run(program: str, rows: int, rig: Rig) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", program, str(rows)],
        env={**os.environ, **rig.environment()},
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    _recorded(rig, clear=True)
    figures: list[float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _rows(rig: Rig) -> list[str]:
    return [each["body"]["messages"][-1]["content"] for each in _recorded(rig)]


def _recorded(rig: Rig, *, clear: bool = False) -> list[dict[str, Any]]:
    url = f"{rig.url.removesuffix('/v1')}/_recorded"
    with urlopen(Request(url, method="DELETE" if clear else "GET")) as answer:
        return [] if clear else json.load(answer)["requests"]
