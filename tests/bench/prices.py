"""The price table: the first price of a process, and what it keeps in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from .figures import Figure
from .rig import ROOT, Rig

__all__ = ["measure"]

_CODE = """
import json, time
import psutil
from parllama_nb.providers.messages import Usage
from parllama_nb.model_catalog.prices import PriceTable

process = psutil.Process()
before, begun = process.memory_info().rss, time.perf_counter()
table = PriceTable()
assert table.facts("openai", "gpt-4o").cost(Usage(1000, 100))
first = time.perf_counter() - begun
memory = process.memory_info().rss - before
begun = time.perf_counter()
assert table.facts("bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0")
second = time.perf_counter() - begun
print(json.dumps([1000 * first, 1000 * second, memory / 1e6]))
"""

_LITELLM = """
import os
os.environ |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
import json, time
import psutil

process = psutil.Process()
before, begun = process.memory_info().rss, time.perf_counter()
import litellm
cost = litellm.cost_per_token("gpt-4o", prompt_tokens=1000, completion_tokens=100)
first = time.perf_counter() - begun
memory = process.memory_info().rss - before
begun = time.perf_counter()
litellm.get_model_info("eu.anthropic.claude-sonnet-4-5-20250929-v1:0")
second = time.perf_counter() - begun
print(json.dumps([1000 * first, 1000 * second, memory / 1e6]))
"""


def measure(rig: Rig) -> Iterator[Figure]:
    ours = [_run(_CODE) for _ in rig.times(7, 3)]
    theirs = [_run(_LITELLM) for _ in rig.times(3, 1)]
    first, second, memory = (list(each) for each in zip(*ours, strict=True))
    other = [list(each) for each in zip(*theirs, strict=True)]
    name = "`import litellm`"
    yield Figure("first price, the table read", "ms", first, {name: other[0]}, 60)
    yield Figure("another model", "ms", second, {name: other[1]}, 1)
    yield Figure("memory it adds (RSS)", "MB", memory, {name: other[2]}, 10)


def _run(code: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True
    )
    numbers: list[float] = json.loads(done.stdout.splitlines()[-1])
    return numbers
