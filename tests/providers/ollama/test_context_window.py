"""A question is given the context window it needs, and nothing is cut in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parllama_nb.errors import ContextLengthError
from parllama_nb.events import Progress
from parllama_nb.providers.messages import Finish, StreamEvent
from parllama_nb.providers.ollama.context_window import Loaded, widened
from parllama_nb.providers.ollama.models import Facts
from parllama_nb.providers.ollama.provider import Ollama
from parllama_nb.providers.token_estimate import estimated_tokens
from tests.servers.ollama import OllamaDouble

from ..conftest import answer_of, ask

Local = Callable[..., Ollama]


def words(count: int) -> str:
    """So many tokens of the double."""
    return "word " * count


def read(events: list[StreamEvent]) -> int | None:
    """How many tokens the model has read."""
    last = events[-1]
    assert isinstance(last, Finish)
    return last.usage.input_tokens


def windows(ollama: OllamaDouble) -> list[int | None]:
    """The window each request asked for."""
    return [(r.body.get("options") or {}).get("num_ctx") for r in ollama.asked()]


async def test_a_short_question_asks_for_no_window(
    local: Local, ollama: OllamaDouble
) -> None:
    provider = local()
    for _ in range(2):
        await answer_of(provider, "echo", words(100))
    assert windows(ollama) == [None, None]
    assert ollama.loads == [("echo:latest", 4096)]


async def test_a_long_question_is_read_whole(
    local: Local, ollama: OllamaDouble
) -> None:
    events = await answer_of(local(), "sees", words(20_000), max_tokens=1)
    assert read(events) == 20_010
    # One load, in the size that is needed.
    assert ollama.loads == [("sees:latest", 32_768)]


async def test_a_loaded_model_is_loaded_anew_only_for_what_does_not_fit(
    local: Local, ollama: OllamaDouble
) -> None:
    provider, told = local(), list[Progress]()
    for count in (10, 2000, 5000, 10, 5000, 9000):
        request = ask("sees", words(count), max_tokens=1)
        async for _ in provider.stream(request, told.append):
            pass
    # The small question in between is answered with the window there is.
    assert [window for _, window in ollama.loads] == [4096, 8192, 16_384]
    assert [progress.phase for progress in told] == [
        "Loading sees into memory",
        "Loading sees into memory with a context window of 8,192 tokens",
        "Loading sees into memory with a context window of 16,384 tokens",
    ]


async def test_what_was_widened_is_forgotten_with_the_load(
    local: Local, ollama: OllamaDouble
) -> None:
    provider = local()
    await answer_of(provider, "sees", words(5000), max_tokens=1)
    ollama.loaded.clear()
    await answer_of(provider, "sees", words(10), max_tokens=1)
    assert windows(ollama) == [8192, None]


async def test_room_is_left_for_the_answer_that_was_asked_for(
    local: Local, ollama: OllamaDouble
) -> None:
    await answer_of(local(), "sees", words(10), max_tokens=20_000)
    assert windows(ollama) == [32_768]
    assert ollama.asked()[0].body["options"]["num_predict"] == 20_000


async def test_the_window_is_never_more_than_the_model_can_read(
    local: Local, ollama: OllamaDouble
) -> None:
    events = await answer_of(local(), "echo", words(7000), max_tokens=1)
    assert windows(ollama) == [8192]
    assert read(events) == 7010


async def test_no_answer_is_limited_by_a_window(
    local: Local, ollama: OllamaDouble
) -> None:
    await answer_of(local(), "sees", words(20_000))
    assert "num_predict" not in ollama.asked()[0].body["options"]


async def test_what_the_estimate_thought_too_small_is_asked_again(
    local: Local, ollama: OllamaDouble
) -> None:
    # A token for each letter: as small as tokens get.
    provider, told = local(), list[Progress]()
    await answer_of(provider, "sees", "hi")
    request = ask("sees", "x " * 4500, max_tokens=1)
    events = [event async for event in provider.stream(request, told.append)]
    assert read(events) == 4510
    assert windows(ollama) == [None, None, 8192]
    assert [progress.phase for progress in told] == [
        "Loading sees into memory with a context window of 8,192 tokens"
    ]


async def test_the_modelfiles_window_is_widened_too(
    local: Local, ollama: OllamaDouble
) -> None:
    events = await answer_of(local(), "echo:small", words(600), max_tokens=1)
    assert read(events) == 610
    assert [window for _, window in ollama.loads] == [1024]


async def test_a_question_longer_than_the_model_can_read_says_how_long(
    local: Local,
) -> None:
    with pytest.raises(ContextLengthError) as caught:
        await answer_of(local(), "echo", words(9000))
    assert caught.value.message == (
        "Ollama: the prompt has 9,010 tokens; echo can read 8,192."
    )
    assert caught.value.tokens == 9010
    assert "Shorten the prompt" in (caught.value.hint or "")
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "options", [{"context_window": 2048}, {"extra": {"num_ctx": 2048}}]
)
async def test_the_window_a_user_asks_for_is_kept_to(
    local: Local, ollama: OllamaDouble, options: dict[str, object]
) -> None:
    with pytest.raises(ContextLengthError, match="asked for 2,048") as caught:
        await answer_of(local(), "sees", words(3000), **options)
    assert caught.value.hint == "Ask for a larger context window, or for none."
    assert windows(ollama) == [2048]


async def test_a_server_that_cannot_refuse_is_asked_for_enough(
    local: Local, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ollama, "version", (0, 6, 4))
    monkeypatch.setattr(ollama, "window", 2048)
    provider = local()
    await answer_of(provider, "sees", words(10))
    events = await answer_of(provider, "sees", words(3000), max_tokens=1)
    assert read(events) == 3010


async def test_a_server_that_gives_enough_is_not_asked_for_more(
    local: Local, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ollama, "window", 32_768)
    provider = local()
    await answer_of(provider, "sees", words(10))
    await answer_of(provider, "sees", words(10_000))
    assert windows(ollama) == [None, None]


async def test_an_address_that_tells_nothing_but_answers_is_used(
    local: Local, ollama: OllamaDouble
) -> None:
    ollama.lacks.add("/api/ps")
    events = await answer_of(local(), "echo", words(10))
    assert read(events) == 20


@pytest.mark.parametrize(
    ("needed", "have", "facts", "window"),
    [
        (4096, None, Facts(), None),
        (4097, None, Facts(), 8192),
        (4097, None, Facts(window=6000), 6000),
        (9000, None, Facts(window=4096), None),
        (3000, None, Facts(num_ctx=2048), 4096),
        (9000, None, Facts(num_ctx=16_384), None),
        (9000, Loaded(16_384), Facts(), None),
        (9000, Loaded(8192), Facts(window=131_072), 16_384),
        (2049, Loaded(None), Facts(), 4096),
        (2049, Loaded(None), Facts(num_ctx=4096), None),
        (99_000, None, Facts(remote=True), None),
    ],
)
def test_windows_are_asked_for_by_need(
    needed: int, have: Loaded | None, facts: Facts, window: int | None
) -> None:
    assert widened(needed, have, facts) == window


@pytest.mark.parametrize(
    ("text", "tokens"),
    # What a real Ollama counted with SmolLM2, whose vocabulary is small.
    [
        ("The quick brown fox jumps over the lazy dog. " * 50, 510),
        ("def square(x: float) -> float:\n    return x ** 2\n" * 50, 859),
        ("日本語の文章はこのように書かれています。" * 50, 1659),
        ("Größenwahn überfällt möglicherweise Fußgänger. " * 50, 1360),
        ("3.14159, 2.71828, 1.41421, 1.61803, 0.57721\n" * 50, 2209),
        (
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 " * 30,
            1809,
        ),
    ],
    ids=["English", "code", "Japanese", "German", "numbers", "hex"],
)
def test_the_estimate_is_rather_too_much_than_too_little(
    text: str, tokens: int
) -> None:
    assert 0.95 * tokens <= estimated_tokens(ask("m", text)) <= 2 * tokens
