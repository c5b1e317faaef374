"""Answers in one piece: over another transport, with the same words for what fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from parllama_nb.errors import ProviderError
from parllama_nb.providers.messages import Finish, StreamEvent, TextDelta, Usage
from parllama_nb.providers.openai.client import OpenAIClient
from tests.servers.openai_sse import OpenAIDouble

from ..conftest import FAST, KEY, ask
from .test_faults import FAULTS

Connect = Callable[..., OpenAIClient]


async def whole(client: OpenAIClient, model: str) -> list[StreamEvent]:
    request = ask(model)
    return [event async for event in client.stream(request, whole=True)]


async def test_a_whole_answer_is_one_piece_and_its_usage(
    connect: Connect, double: OpenAIDouble
) -> None:
    text, finish = await whole(connect(), "echo")
    assert text == TextDelta("Say something.")
    assert isinstance(finish, Finish)
    assert finish.usage == Usage(11, 2)
    assert double.last.body["stream"] is False
    assert "stream_options" not in double.last.body
    assert double.last.headers["authorization"] == f"Bearer {KEY}"


async def test_many_at_once_share_few_connections(
    connect: Connect, double: OpenAIDouble
) -> None:
    client = connect()
    await whole(client, "echo")
    double.reset()
    for _ in range(5):
        await asyncio.gather(*(whole(client, "echo") for _ in range(8)))
    assert len(double.requests) == 40
    assert len({request.connection for request in double.requests}) <= 9


@pytest.mark.parametrize(
    "fault",
    [fault for fault in FAULTS if not FAULTS[fault][3] and "first" not in fault],
)
async def test_what_fails_is_told_as_of_a_stream(
    connect: Connect, double: OpenAIDouble, fault: str
) -> None:
    kind, words, retriable, _ = FAULTS[fault]
    with pytest.raises(ProviderError) as raised:
        await whole(connect(timeouts=FAST if "stall" in fault else None), fault)
    error = raised.value
    if fault != "fault-garbage":  # told from JSON in other words
        assert type(error) is kind
        assert words in error.message
    assert error.retriable is retriable
    assert error.__cause__ is None
    assert error.__context__ is None
    assert KEY not in f"{error!r} {error.message} {error.hint}"


async def test_a_cancelled_request_ends_at_the_server(
    connect: Connect, double: OpenAIDouble
) -> None:
    asking = asyncio.ensure_future(whole(connect(), "fault-stall-headers"))
    await asyncio.to_thread(double.arrived.wait, 10)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(double.last.wait) == "disconnected"
