# ruff: noqa: ASYNC240 - a test may wait for a disk
"""The embedded engine with its real model: answers, deaths, and what it keeps quiet."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from parllama_nb.errors import (
    BadRequestError,
    ContextLengthError,
    DamagedModelError,
    EngineDiedError,
    EngineMissingError,
    ModelNotFoundError,
)
from parllama_nb.events import Progress
from parllama_nb.providers.embedded import EmbeddedProvider
from parllama_nb.providers.embedded.known_models import MODELS, cached_path, is_sound
from parllama_nb.providers.messages import (
    ChatRequest,
    Finish,
    ImagePart,
    Message,
    StreamEvent,
    TextDelta,
    TextPart,
)
from parllama_nb.providers.spec import Timeouts
from tests.providers.embedded.model import ROOT, cache_of_tests, demo_model, embedded

pytestmark = pytest.mark.embedded

STORY = "Write a long story about a fox."


@pytest.fixture(scope="session")
def gguf() -> Path:
    return demo_model()


@pytest.fixture
async def provider(gguf: Path) -> AsyncIterator[EmbeddedProvider]:
    provider = embedded()
    yield provider
    await provider.aclose()


def question(text: str, model: str = "smollm2", **options: float) -> ChatRequest:
    options.setdefault("max_tokens", 16)
    return ChatRequest(model, (Message.of("user", text),), **options)


def ignore(progress: Progress) -> None:
    pass


async def events(provider: EmbeddedProvider, request: ChatRequest) -> list[StreamEvent]:
    return [event async for event in provider.stream(request, ignore)]


async def answer(provider: EmbeddedProvider, request: ChatRequest) -> str:
    got = await events(provider, request)
    return "".join(event.text for event in got if isinstance(event, TextDelta))


async def test_tokens_are_counted_exactly_once_the_model_is_loaded(
    provider: EmbeddedProvider,
) -> None:
    request = question("Wörter <|im_end|> und Zahlen: 12345.")
    assert not (await provider.count(request)).exact
    before = await provider.preview(request)
    assert provider._running == {}, "a preview loaded the model"
    last = (await events(provider, request))[-1]
    assert isinstance(last, Finish)
    counted = await provider.count(request)
    assert counted.exact
    assert counted.tokens == last.usage.input_tokens
    after = await provider.preview(request)
    assert after.body == before.body
    assert after.host != before.host, "it has a port now"
    assert provider._running["smollm2"].engine.key.reveal() not in repr(after)


def child(provider: EmbeddedProvider, model: str = "smollm2") -> psutil.Process:
    return psutil.Process(provider._running[model].engine.pid)


def engines_of_this_process() -> list[psutil.Process]:
    found = psutil.Process().children()
    return [one for one in found if "child.py" in " ".join(one.cmdline())]


# answers


async def test_an_answer_streams_with_usage_and_a_finish_reason(
    provider: EmbeddedProvider,
) -> None:
    phases: list[str] = []
    request = question("Say hello.", max_tokens=100, temperature=0)
    got = [e async for e in provider.stream(request, lambda p: phases.append(p.phase))]
    *deltas, finish = got
    assert len(deltas) > 2
    assert all(isinstance(delta, TextDelta) and delta.text for delta in deltas)
    assert isinstance(finish, Finish)
    assert finish.reason == "stop"
    assert (finish.usage.input_tokens or 0) > 10
    assert 2 < (finish.usage.output_tokens or 0) < 100
    assert phases == ["Starting the embedded engine"]


async def test_max_tokens_is_honoured(provider: EmbeddedProvider) -> None:
    finish = (await events(provider, question(STORY, max_tokens=7)))[-1]
    assert isinstance(finish, Finish)
    assert finish.reason == "length"
    assert finish.usage.output_tokens == 7


async def test_temperature_zero_repeats_the_answer(provider: EmbeddedProvider) -> None:
    first, second = [
        await answer(provider, question(STORY, temperature=0, seed=seed))
        for seed in (1, 2)
    ]
    assert first == second != ""


async def test_a_seed_repeats_the_answer_and_another_changes_it(
    provider: EmbeddedProvider,
) -> None:
    seeds = (1, 1, 2)
    first, same, other = [
        await answer(provider, question(STORY, temperature=1.5, seed=s, max_tokens=30))
        for s in seeds
    ]
    assert first == same
    assert first != other


async def test_questions_one_right_after_the_other_are_all_answered(
    provider: EmbeddedProvider,
) -> None:
    """The engine's server closes connections that it promised to keep."""
    answers = [
        await answer(provider, question(f"Say {n}.", max_tokens=4)) for n in range(80)
    ]
    # Two or three may well be empty: it is a small model.
    assert sum(map(bool, answers)) > 70


async def test_many_questions_at_once_start_one_engine(
    provider: EmbeddedProvider,
) -> None:
    before = len(engines_of_this_process())
    requests = [question(f"Tell me about {n}.") for n in ("sea", "sun", "ice", "oak")]
    answers = await asyncio.gather(*(answer(provider, one) for one in requests))
    assert all(answers)
    assert len(engines_of_this_process()) == before + 1


async def test_an_answer_closed_early_ends_at_the_engine(
    provider: EmbeddedProvider,
) -> None:
    stream = provider.stream(question(STORY, max_tokens=4000), ignore)
    await anext(stream)
    await stream.aclose()
    # Both slots answer at once, so neither is still at the story.
    two = [answer(provider, question("Say hello.")) for _ in range(2)]
    assert all(await asyncio.gather(*two))
    spent = child(provider).cpu_times().user
    await asyncio.sleep(0.5)
    assert child(provider).cpu_times().user - spent < 0.2


async def test_a_question_longer_than_the_window_is_a_context_error(
    provider: EmbeddedProvider,
) -> None:
    with pytest.raises(ContextLengthError) as caught:
        await answer(provider, question("word " * 20_000))
    assert "8192" in caught.value.message
    assert await answer(provider, question("Say hello."))


async def test_every_answer_has_the_whole_window(provider: EmbeddedProvider) -> None:
    await answer(provider, question("Say hello."))
    listed = await provider._running["smollm2"].client(Timeouts()).models()
    assert listed[0]["meta"]["n_ctx"] == MODELS["smollm2"].context_window


async def test_an_image_is_refused_before_anything_starts(
    provider: EmbeddedProvider,
) -> None:
    parts = (TextPart("What is this?"), ImagePart("data:image/png;base64,AAAA"))
    request = ChatRequest("smollm2", (Message("user", parts),))
    with pytest.raises(BadRequestError, match="text only"):
        await answer(provider, request)
    assert provider._running == {}


async def test_models_tell_what_is_downloaded(tmp_path: Path, gguf: Path) -> None:
    for cache, downloaded in ((str(tmp_path), False), (None, True)):
        (model,) = await embedded(cache).models()
        assert model.id == "embedded/smollm2"
        assert model.extra["downloaded"] is downloaded
        assert model.context_window == 8192
        assert model.size == gguf.stat().st_size


async def test_nothing_is_printed_to_the_cell(
    provider: EmbeddedProvider, capfd: pytest.CaptureFixture[str]
) -> None:
    await answer(provider, question("Say hello."))
    child(provider).kill()
    await answer(provider, question("Say hello."))
    await provider.aclose()
    assert capfd.readouterr() == ("", "")


# a GGUF file of the user's own


async def test_a_file_of_ones_own_answers(
    provider: EmbeddedProvider, gguf: Path
) -> None:
    assert await answer(provider, question("Say hello.", model=str(gguf)))


async def test_a_file_is_not_shown_by_its_path_to_the_engines_clients(
    provider: EmbeddedProvider, gguf: Path
) -> None:
    await answer(provider, question("Say hello.", model=str(gguf)))
    listed = await provider._running[str(gguf)].client(Timeouts()).models()
    assert str(gguf.parent) not in str(listed)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, ModelNotFoundError),
        (b"", DamagedModelError),
        (b"<html>not found</html>", DamagedModelError),
        (b"GGUF\x03\x00\x00\x00 and nothing", DamagedModelError),
    ],
    ids=["missing", "empty", "another format", "header only"],
)
async def test_a_bad_file_of_ones_own_is_one_clear_error(
    provider: EmbeddedProvider,
    tmp_path: Path,
    content: bytes | None,
    error: type[Exception],
) -> None:
    path = tmp_path / "mine.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=r"mine") as caught:
        await answer(provider, question("Hi", model=str(path)))
    assert getattr(caught.value, "hint", None)


async def test_a_truncated_file_of_ones_own_is_damaged(
    provider: EmbeddedProvider, tmp_path: Path, gguf: Path
) -> None:
    path = tmp_path / "mine.gguf"
    with gguf.open("rb") as whole:
        path.write_bytes(whole.read(40_000_000))
    with pytest.raises(DamagedModelError, match=r"mine\.gguf is truncated: 40"):
        await answer(provider, question("Hi", model=str(path)))


async def test_an_unknown_name_offers_the_nearest(provider: EmbeddedProvider) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        await answer(provider, question("Hi", model="smolm"))
    assert "embedded/smollm2" in (caught.value.hint or "")


# weights


async def test_damage_behind_a_good_record_is_healed_at_the_first_question(
    tmp_path: Path, gguf: Path
) -> None:
    weights = MODELS["smollm2"]
    path = cached_path(weights, str(tmp_path))
    path.parent.mkdir()
    shutil.copy2(gguf, path)
    shutil.copy2(f"{gguf}.verified.json", path.parent)
    with path.open("r+b") as file:
        file.seek(64)
        file.write(b"\xff" * 4096)
    os.utime(path, ns=(gguf.stat().st_atime_ns, gguf.stat().st_mtime_ns))
    assert is_sound(path, weights)  # as far as a quick look can tell
    provider = embedded(str(tmp_path), PARLLAMA_NB_EMBEDDED_MODEL=str(gguf))
    try:
        assert await answer(provider, question("Say hello."))
    finally:
        await provider.aclose()
    assert path.read_bytes() == gguf.read_bytes()


async def test_without_the_engine_nothing_is_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(EngineMissingError) as caught:
        await answer(embedded(str(tmp_path)), question("Hi"))
    assert caught.value.hint is not None
    assert '%pip install "parllama_nb[embedded]"' in caught.value.hint
    assert list(tmp_path.glob("models/*")) == []


async def test_warming_up_downloads_nothing(tmp_path: Path) -> None:
    provider = embedded(str(tmp_path))
    await provider.warm()
    assert provider._running == {}
    assert list(tmp_path.glob("models/*")) == []


async def test_warming_up_starts_the_engine_if_its_model_is_here(
    provider: EmbeddedProvider,
) -> None:
    await provider.warm()
    warm = child(provider).pid
    phases: list[Progress] = []
    async for _ in provider.stream(question("Say hello."), phases.append):
        pass
    assert child(provider).pid == warm
    assert phases == []


# deaths


async def test_a_death_in_mid_answer_is_one_error_and_the_next_question_works(
    provider: EmbeddedProvider,
) -> None:
    got: list[StreamEvent] = []
    with pytest.raises(EngineDiedError, match="by SIGKILL") as caught:  # noqa: PT012
        async for event in provider.stream(question(STORY, max_tokens=2000), ignore):
            got.append(event)
            if len(got) == 5:
                child(provider).kill()
    assert len(got) >= 5
    assert "memory" in (caught.value.hint or "")
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert await answer(provider, question("Say hello."))


async def test_a_death_while_idle_goes_unnoticed(provider: EmbeddedProvider) -> None:
    await answer(provider, question("Say hello."))
    first = child(provider)
    first.kill()
    assert await answer(provider, question("Say hello."))
    assert child(provider).pid != first.pid


async def test_a_cancel_while_it_starts_leaves_no_process(
    provider: EmbeddedProvider,
) -> None:
    before = engines_of_this_process()
    starting = asyncio.Event()
    task = asyncio.create_task(
        anext(provider.stream(question("Hi"), lambda _: starting.set()))
    )
    await starting.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert engines_of_this_process() == before


async def test_closing_ends_the_process(provider: EmbeddedProvider) -> None:
    await answer(provider, question("Say hello."))
    process = child(provider)
    await provider.aclose()
    assert not process.is_running()


async def test_the_child_ends_when_its_stdin_does(provider: EmbeddedProvider) -> None:
    """What ends it where the system does not tell of a parent's death."""
    await answer(provider, question("Say hello."))
    engine = provider._running["smollm2"].engine
    process = engine._child._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    await asyncio.wait_for(engine._child.exited.wait(), 30)
    assert process.returncode == 0


PARENT = """
import asyncio, signal, sys
from tests.providers.embedded.model import embedded
from parllama_nb.providers.messages import ChatRequest, Message

async def main():
    provider = embedded()
    signal.signal(signal.SIGINT, lambda *_: None)
    while True:
        request = ChatRequest("smollm2", (Message.of("user", "Hi"),), max_tokens=4)
        async for _ in provider.stream(request, lambda _: None):
            pass
        print(provider._running["smollm2"].engine.pid, flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


@pytest.fixture
def parent(gguf: Path) -> AsyncIterator[subprocess.Popen[str]]:
    """Another process that asks once, tells its engine's id, and again per line."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        env={
            **os.environ,
            "PARLLAMA_NB_TEST_CACHE": str(Path(cache_of_tests()).resolve()),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    process.kill()
    process.communicate()


def said(parent: subprocess.Popen[str]) -> psutil.Process:
    assert parent.stdout is not None
    return psutil.Process(int(parent.stdout.readline()))


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_parent_takes_the_engine_with_it(
    parent: subprocess.Popen[str],
) -> None:
    engine = said(parent)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    engine.wait(timeout=30)
    assert not engine.is_running()


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_an_interrupt_of_the_parents_group_leaves_the_engine_alone(
    parent: subprocess.Popen[str],
) -> None:
    engine = said(parent)
    assert os.getpgid(engine.pid) != os.getpgid(parent.pid)
    os.killpg(os.getpgid(parent.pid), signal.SIGINT)
    engine.send_signal(signal.SIGINT)
    assert parent.stdin is not None
    parent.stdin.write("\n")
    parent.stdin.flush()
    assert said(parent) == engine


# the key


async def test_the_key_is_in_no_command_line_and_no_environment(
    provider: EmbeddedProvider,
) -> None:
    await answer(provider, question("Say hello."))
    key = provider._running["smollm2"].engine.key
    value = key.reveal()
    assert len(value) >= 32
    process = child(provider)
    assert value not in " ".join(process.cmdline())
    assert value not in str(process.environ())
    assert value not in str(dict(os.environ))
    assert provider.context.redact(f"key {value}") == f"key {key!r}"


async def test_without_the_key_it_answers_nobody(provider: EmbeddedProvider) -> None:
    await answer(provider, question("Say hello."))
    url = provider._running["smollm2"].engine.url
    body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
    async with httpx.AsyncClient(trust_env=False) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            for path in ("/v1/chat/completions", "/completion", "/v1/messages"):
                got = await client.post(url + path, json=body, headers=headers)
                assert got.status_code == 401
            for path in ("/v1/models", "/props", "/slots", "/metrics"):
                got = await client.get(url + path, headers=headers)
                assert got.status_code in (401, 404)


async def test_it_listens_on_loopback_alone(provider: EmbeddedProvider) -> None:
    await answer(provider, question("Say hello."))
    listening = [
        one.laddr.ip
        for one in child(provider).net_connections()
        if one.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1"]


async def test_an_answer_is_held_to_a_schema(provider: EmbeddedProvider) -> None:
    schema = {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "green"]}, "n": {"type": "integer"}},
        "required": ["colour", "n"],
        "additionalProperties": False,
    }
    request = question("Name a colour and a number.", max_tokens=40)
    held = replace(request, response_schema=schema, temperature=0.0)
    said = json.loads(await answer(provider, held))
    assert said["colour"] in ("red", "green")
    assert isinstance(said["n"], int)


async def test_the_likeliest_token_alone_gives_the_same_answer_each_time(
    provider: EmbeddedProvider,
) -> None:
    request = replace(question("Tell me of a fox."), top_k=1, temperature=2.0)
    assert await answer(provider, request) == await answer(provider, request)
