"""The double is faithful enough to be a measure: as a program, and in its counts."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from tests.servers.openai_sse import OpenAIDouble
from tests.servers.synthetic import tokens


@pytest.fixture
def url() -> Iterator[str]:
    """The double as a program; its first line is its base URL."""
    command = [sys.executable, "-m", "tests.servers.openai_sse", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        try:
            yield program.stdout.readline().strip()
        finally:
            program.terminate()


def post(url: str, model: str) -> list[str]:
    """The data of all events of an answer."""
    body = {"model": model, "messages": [{"role": "user", "content": "x"}]}
    request = urllib.request.Request(
        f"{url}/chat/completions", json.dumps(body | {"stream": True}).encode()
    )
    with urllib.request.urlopen(request) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        events = response.read().decode().split("\n\n")
    assert events.pop() == ""
    return [event.removeprefix("data: ") for event in events]


def test_it_runs_as_a_program_and_tells_what_it_was_asked(url: str) -> None:
    assert post(url, "echo")[-1] == "[DONE]"
    root = url.removesuffix("/v1")
    with urllib.request.urlopen(f"{root}/_recorded") as response:
        (recorded,) = json.load(response)["requests"]
    assert recorded["body"]["model"] == "echo"
    assert recorded["ended"] == "complete"


@pytest.mark.parametrize("model", ["synthetic:50:0", "synthetic-md:50:2000"])
def test_synthetic_streams_are_as_long_as_asked_and_always_the_same(
    model: str,
) -> None:
    with OpenAIDouble() as double:
        first, again = (post(double.url, model) for _ in range(2))
        assert double.last.wait() == "complete"
        assert double.last.sent == 53  # the role, the tokens, the reason, the end
    chunks = [json.loads(data)["choices"][0]["delta"] for data in first[:-1]]
    contents = [delta["content"] for delta in chunks if delta.get("content")]
    assert contents == tokens(50, markdown="-md" in model)
    assert [json.loads(c)["choices"] for c in first[:-1]] == [
        json.loads(c)["choices"] for c in again[:-1]
    ]


def test_synthetic_markdown_has_what_views_must_render() -> None:
    text = "".join(tokens(2000, markdown=True))
    for part in ("## ", "```python", "| name |", "- first", "**", "$\\sum", "](https"):
        assert text.count(part) > 3
