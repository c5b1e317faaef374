"""The first answer of a fresh kernel from each wire of the cloud, all imports included.

Each provider is a double that answers at once, in a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from .figures import Figure
from .rig import LOAD, Rig, milliseconds

__all__ = ["measure"]

_TARGET = 1.5
"""Seconds, from `%load_ext` to the kernel's word that it is idle."""

_OPENAI = """
stream = await client.chat.completions.create(
    model="echo", messages=[{"role": "user", "content": "Say something."}], stream=True
)
async for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
"""

_ANTHROPIC = """
async with client.messages.stream(
    model="echo",
    max_tokens=64,
    messages=[{"role": "user", "content": "Say something."}],
) as stream:
    async for text in stream.text_stream:
        print(text, end="", flush=True)
"""

# Google's own library is another one; its address for OpenAI's speaks to any.
_GEMINI = """
import os
from openai import AsyncOpenAI as Client
client = Client(
    base_url=os.environ["GEMINI_BASE_URL"], api_key=os.environ["GEMINI_API_KEY"]
)
"""

_BARE = {
    "openai": "from openai import AsyncOpenAI as Client\nclient = Client()" + _OPENAI,
    "azure": "from openai import AsyncAzureOpenAI as Client\nclient = Client()"
    + _OPENAI,
    "gemini": _GEMINI + _OPENAI,
    "anthropic": "from anthropic import AsyncAnthropic as Client\nclient = Client()"
    + _ANTHROPIC,
}
"""The least one can write to have an answer in a cell."""

_LIBRARY = {"anthropic": "bare AsyncAnthropic", "azure": "bare AsyncAzureOpenAI"}


def measure(rig: Rig) -> Iterator[Figure]:
    environment = {
        "AZURE_OPENAI_ENDPOINT": rig.url.removesuffix("/v1"),
        "AZURE_OPENAI_API_KEY": "bench",
        "OPENAI_API_VERSION": "2024-10-21",
        "GEMINI_BASE_URL": rig.url,
        "GEMINI_API_KEY": "bench",
        "ANTHROPIC_BASE_URL": rig.server("tests.servers.anthropic"),
        "ANTHROPIC_API_KEY": "bench",
    }
    for name, bare in _BARE.items():
        ours, theirs = [], []
        # One after the other, so that both meet the same machine.
        for _ in rig.times(5, 2):
            with rig.page(**environment) as page:
                loaded = page.start(LOAD)
                asked = page.start(f"%%parllama {name}/echo\nSay something.")
                asked = page.wait(asked)
                assert asked.status == "ok", asked.text
                assert "something" in asked.text, asked.text
                # Both cells count, from the sending of the first.
                earlier = 1000 * (asked.started - loaded.started)
                ours.append((earlier + milliseconds(page, asked)) / 1000)
            with rig.page(**environment) as page:
                run = page.run(bare)
                assert run.status == "ok", run.text
                assert "something" in run.text, run.text
                theirs.append(milliseconds(page, run) / 1000)
        against = {_LIBRARY.get(name, "bare AsyncOpenAI"): theirs}
        yield Figure(name, "s", ours, against, _TARGET)
