"""A key that a server echoes is in no error, log or output, in no debug mode."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..sentinels import forms, found
from ..servers.anthropic import AnthropicDouble
from ..servers.openai_sse import OpenAIDouble
from .conftest import KEY

pytestmark = pytest.mark.slow

MODELS = {
    "openai": "openai/fault-401-echo",
    "anthropic": "anthropic/fault-401-echo",
    "litellm": "litellm/hosted_vllm/fault-401-echo",
}

# What a user does who looks for a fault: environment, and lines before the question.
TO_STDERR_AND_FILE = """
handlers = [logging.StreamHandler(), logging.FileHandler(sys.argv[1])]
logging.basicConfig(level=logging.DEBUG, handlers=handlers)
"""
TO_STDERR_FROM_BELOW = """
logging.basicConfig()
for name in ("httpx", "httpx2", "httpcore", "httpcore2", "asyncio"):
    logging.getLogger(name).setLevel(logging.DEBUG)
"""
MODES: dict[str, tuple[dict[str, str], str]] = {
    "root logger": ({}, TO_STDERR_AND_FILE),
    "OPENAI_LOG and ANTHROPIC_LOG": (
        {"OPENAI_LOG": "debug", "ANTHROPIC_LOG": "debug"},
        "",
    ),
    "LITELLM_LOG": ({"LITELLM_LOG": "DEBUG"}, TO_STDERR_AND_FILE),
    "httpx, httpcore and asyncio": (
        {"PYTHONASYNCIODEBUG": "1"},
        TO_STDERR_FROM_BELOW,
    ),
}

ASK = """
import logging, sys, traceback
{mode}
import parllama_nb as pl
{control}
try:
    pl.chat("Hi.", model={model!r})
except pl.ParllamaError as error:
    print(error, repr(error), vars(error), error.args, repr(error.__context__))
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    print("".join(shown.format()))
    logging.getLogger("a.user").exception("it failed", exc_info=error)
    raise
"""

UNREDACTED = "from parllama_nb.redaction import logs; logs.redacted = str"


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    """The environment of a program that asks the doubles, with the key."""
    with OpenAIDouble() as openai, AnthropicDouble() as anthropic:
        yield {
            "OPENAI_BASE_URL": openai.url,
            "OPENAI_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": anthropic.url,
            "ANTHROPIC_API_KEY": KEY,
            "HOSTED_VLLM_API_BASE": openai.url,
            "HOSTED_VLLM_API_KEY": KEY,
        }


def outputs(
    servers: dict[str, str], mode: str, provider: str, log: Path, control: str = ""
) -> dict[str, bytes]:
    """What a program leaves that asks for an answer and gets its key instead."""
    environment, lines = MODES[mode]
    code = ASK.format(mode=lines, model=MODELS[provider], control=control)
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code, str(log)],
        env={**os.environ, **servers, **environment},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr.decode()
    assert b"AuthenticationError" in done.stdout
    assert b"AuthenticationError" in done.stderr
    written = log.read_bytes() if log.exists() else b""
    return {"stdout": done.stdout, "stderr": done.stderr, "log": written}


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("mode", MODES)
def test_a_key_that_a_server_echoes_is_in_no_error_log_or_output(
    servers: dict[str, str], tmp_path: Path, mode: str, provider: str
) -> None:
    left = outputs(servers, mode, provider, tmp_path / "log")
    assert b"<Secret " in left["stdout"]  # it was echoed, and is named instead
    assert {name: found(content, [KEY]) for name, content in left.items()} == {
        "stdout": [],
        "stderr": [],
        "log": [],
    }


# In a mode of its own openai logs no header of a refusal; litellm's log is never shown.
LOGGED = {
    *((mode, "anthropic") for mode in MODES),
    *((mode, "openai") for mode in MODES if "OPENAI_LOG" not in mode),
}


@pytest.mark.parametrize(("mode", "provider"), sorted(LOGGED))
def test_without_the_redaction_of_logs_the_echoed_key_is_logged(
    servers: dict[str, str], tmp_path: Path, mode: str, provider: str
) -> None:
    left = outputs(servers, mode, provider, tmp_path / "log", UNREDACTED)
    assert found(left["stderr"], [KEY]) != []
    assert bool(found(left["log"], [KEY])) is (TO_STDERR_AND_FILE in MODES[mode])
    assert found(left["stdout"], [KEY]) == []


@pytest.mark.parametrize("form", forms(KEY))
def test_the_search_finds_the_key_in_each_encoding(
    servers: dict[str, str], tmp_path: Path, form: bytes
) -> None:
    control = f"open(sys.argv[1], 'ab').write(b'before' + {form!r} + b'after')"
    left = outputs(servers, "root logger", "openai", tmp_path / "log", control)
    assert form in found(left["log"], [KEY])
    assert found(left["stderr"], [KEY]) == []
