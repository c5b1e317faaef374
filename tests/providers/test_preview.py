"""What a provider says it would send: where to, without keys, and with which doubts.

That the bytes are those which a server gets is in the matrix.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from parllama_nb.errors import AuthenticationError, BadRequestError, ModelNotFoundError
from parllama_nb.plugins import Plugins
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.base import Provider
from parllama_nb.providers.image_facts import image_facts
from parllama_nb.providers.litellm import process
from parllama_nb.providers.litellm.provider import LiteLLMWire
from parllama_nb.providers.messages import ChatRequest, ImagePart, Message
from parllama_nb.providers.registry import Registry
from parllama_nb.providers.wire_preview import WirePreview, wire_preview
from parllama_nb.runtime import Runtime
from parllama_nb.secret import Redactor, Secret
from parllama_nb.testing import FakeProvider, context
from tests.servers.anthropic import AnthropicDouble
from tests.servers.openai_sse import OpenAIDouble

from .conftest import KEY, ask

NOWHERE = "http://127.0.0.1:9/v1"


def provider(name: str, key_name: str = "", **environ: str) -> Provider:
    secrets = {key_name: KEY} if key_name else {}
    return Registry(context(secrets, environ), Plugins()).get(name)


async def preview(made: Provider, request: ChatRequest) -> WirePreview:
    try:
        return await made.preview(request)
    finally:
        await made.aclose()


async def answered(made: Provider, request: ChatRequest) -> None:
    async with aclosing(made.stream(request, lambda _: None)) as events:
        async for _ in events:
            pass


@pytest.mark.parametrize(
    ("name", "key_name", "environ"),
    [
        ("openai", "OPENAI_API_KEY", {"OPENAI_BASE_URL": NOWHERE}),
        ("anthropic", "ANTHROPIC_API_KEY", {"ANTHROPIC_BASE_URL": NOWHERE}),
        ("azure", "AZURE_OPENAI_API_KEY", {"AZURE_OPENAI_ENDPOINT": NOWHERE}),
        ("ollama", "OLLAMA_API_KEY", {"OLLAMA_HOST": "127.0.0.1:9"}),
        ("embedded", "", {}),
    ],
)
async def test_a_preview_needs_no_server(
    name: str, key_name: str, environ: dict[str, str]
) -> None:
    model = "smollm2" if name == "embedded" else "m"
    found = await preview(provider(name, key_name, **environ), ask(model, "Wörter?"))
    assert found.method == "POST"
    assert found.host.startswith("127.0.0.1")
    assert "Wörter?" in json.dumps(json.loads(found.body), ensure_ascii=False)


async def test_what_was_learned_of_a_server_is_in_the_preview(
    double: OpenAIDouble,
) -> None:
    made = provider("openai", "OPENAI_API_KEY", OPENAI_BASE_URL=double.url)
    request = ask("refuses-several", max_tokens=5, seed=1)
    assert b'"seed"' in (await made.preview(request)).body
    await answered(made, request)
    learned = await preview(made, request)
    assert learned.body == double.last.raw
    assert b'"seed"' not in learned.body


async def test_anthropics_doubt_ends_once_the_model_is_known(
    anthropic: AnthropicDouble,
) -> None:
    made = provider("anthropic", "ANTHROPIC_API_KEY", ANTHROPIC_BASE_URL=anthropic.url)
    assert not (await made.preview(ask("echo"))).exact
    assert (await made.preview(ask("echo", max_tokens=5))).exact
    assert anthropic.requests == []
    await answered(made, ask("echo"))
    assert (await preview(made, ask("echo"))).exact


async def test_what_a_request_cannot_be_is_said_as_for_asking() -> None:
    with pytest.raises(AuthenticationError, match="no key"):
        await provider("openai").preview(ask("m"))
    picture = ImagePart("data:image/png;base64,AAAA")
    shown = ChatRequest("smollm2", (Message("user", (picture,)),))
    with pytest.raises(BadRequestError, match="text only"):
        await provider("embedded").preview(shown)
    with pytest.raises(ModelNotFoundError):
        await provider("embedded").preview(ask("no-such-model"))


async def test_a_provider_of_a_plugin_says_that_it_does_not_know() -> None:
    found = await FakeProvider().preview(ask("scripted", "Why?"))
    assert not found.exact
    assert "Fake does not say" in found.doubt
    assert b"Why?" in found.body
    assert found.host == ""


def test_nothing_secret_is_left_in_an_address_and_in_headers() -> None:
    redact = Redactor()
    redact.add(Secret("KNOWN", KEY))
    short = "abc"
    found = wire_preview(
        "POST",
        f"https://me:{short}@api.example.com:8443/v1?api-version=1&key={short}&x={KEY}",
        [
            ("Authorization", f"Bearer {short}"),
            ("X-Api-Key", short),
            ("Cookie", f"id={short}"),
            ("X-Amz-Security-Token", short),
            ("X-Other", f"see {KEY}"),
            ("Content-Type", "application/json"),
        ],
        KEY.encode(),
        redact,
    )
    assert found.host == "api.example.com:8443"
    assert found.url.startswith("https://api.example.com:8443/v1?api-version=1&key=<")
    shown = f"{found!r}{found.url}{found.headers}"
    assert short not in shown.replace("application", "")
    assert KEY not in shown
    assert ("Content-Type", "application/json") in found.headers
    assert ("Authorization", "Bearer <hidden>") in found.headers
    assert ("X-Other", "see <Secret KNOWN>") in found.headers
    assert found.body == KEY.encode(), "the bytes are exact"


@pytest.mark.slow
@pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is missing")
def test_litellm_fetches_no_token_for_a_preview(
    runtime: Runtime, lend_litellm: Callable[[], None]
) -> None:
    lend_litellm()
    secrets = {"WATSONX_API_KEY": "key-of-a-test"}
    environ = {"WATSONX_API_BASE": "http://127.0.0.1:9", "WATSONX_PROJECT_ID": "p"}
    made = LiteLLMWire(SPECS["litellm"], context(secrets, environ))
    request = ask("watsonx/ibm/granite-4", "Why is the sky blue?")

    async def scenario() -> WirePreview:
        async with asyncio.timeout(60):
            return await made.preview(request)

    found = runtime.run(scenario())
    assert "token" in found.doubt
    assert b"Why is the sky blue?" in found.body
    assert b"of-a-test" not in found.body
    assert found.headers == ()


_RECORD = """
import asyncio, json, socket, sys
import httpx
import recording

recording.install()
MESSAGES = [{"role": "user", "content": "Grüße?"}]

async def post(url, **body):
    async with httpx.AsyncClient() as client:
        await client.post(url, json=body)

async def connect():
    await asyncio.to_thread(socket.create_connection, ("127.0.0.1", 9))

async def main():
    url = "https://example.com/v1?a=1"
    first = await recording.recorded(lambda: post(url, messages=MESSAGES), MESSAGES)
    other = await recording.recorded(lambda: post(url, grant="token"), MESSAGES)
    none = await recording.recorded(connect, MESSAGES)
    try:
        await connect()
    except ConnectionRefusedError:
        after = "refused by the machine"
    print(json.dumps([first, other, none, after]))

asyncio.run(main())
"""


def test_litellms_process_records_and_stays_offline_only_meanwhile() -> None:
    folder = Path(process.__file__).with_name("child")
    done = subprocess.run(
        [sys.executable, "-c", _RECORD],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        check=True,
    )
    first, other, none, after = json.loads(done.stdout)
    assert first["known"]
    assert not other["known"]
    assert none == {}
    assert after == "refused by the machine"
    assert first["url"] == "https://example.com/v1?a=1"
    sent = json.loads(base64.b64decode(first["body"]))
    assert sent["messages"][0]["content"] == "Grüße?"


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + bytes(60),
            "image/png",
            "image/png, 640 x 480, 84 B",
        ),
        (b"GIF89a" + struct.pack("<HH", 3, 2), "image/gif", "image/gif, 3 x 2, 10 B"),
        (
            b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x0b\x08" + struct.pack(">HH", 2, 3),
            "image/jpeg",
            "image/jpeg, 3 x 2, 17 B",
        ),
        (
            b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x7f\x02\0\xdf\x01\0",
            "image/webp",
            "image/webp, 640 x 480, 30 B",
        ),
        (b"\x89PNG\r\n\x1a\n", "image/png", "image/png, 8 B"),
        (b"\xff\xd8\xff", "image/jpeg", "image/jpeg, 3 B"),
        (b"", "image/png", "image/png, 0 B"),
    ],
)
def test_an_image_is_told_by_its_first_bytes(
    content: bytes, kind: str, words: str
) -> None:
    facts = image_facts(f"data:{kind};base64,{base64.b64encode(content).decode()}")
    assert str(facts) == words


def test_what_is_no_image_in_base64_has_no_facts() -> None:
    for url in ("https://example.com/a.png", "data:image/png;base64,%%%", "data:,", ""):
        assert image_facts(url) is None


def test_a_doubt_makes_a_preview_inexact() -> None:
    exact = WirePreview("POST", "https://h/v1", (), b"{}")
    assert exact.exact
    assert not replace(exact, doubt="It may differ.").exact
