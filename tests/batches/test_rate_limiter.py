"""Limits of concurrent requests, and the effect of refusals, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from parllama_nb.batches.rate_limiter import ConcurrencyLimiter

from ..virtual_time import VirtualLoop, virtual_loop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    with virtual_loop() as running:
        yield running


class Crowd:
    """Tasks that want a slot, and how many held one at the same time."""

    def __init__(self, limiter: ConcurrencyLimiter) -> None:
        self.limiter = limiter
        self.inside = 0
        self.most = 0
        self.ends: list[float] = []

    async def one(self, seconds: float = 1.0) -> None:
        async with self.limiter.slot():
            self.inside += 1
            self.most = max(self.most, self.inside)
            await asyncio.sleep(seconds)
            self.inside -= 1
            self.ends.append(asyncio.get_running_loop().time())


def test_the_limiter_fills_its_slots_and_never_exceeds_them(
    loop: VirtualLoop,
) -> None:
    crowd = Crowd(ConcurrencyLimiter(3))

    async def scenario() -> None:
        await asyncio.gather(*(crowd.one() for _ in range(9)))

    loop.run_until_complete(scenario())
    assert crowd.most == 3
    assert loop.now == pytest.approx(3.0)


def test_a_refusal_halves_the_slots_and_pauses_all_requests(loop: VirtualLoop) -> None:
    limiter = ConcurrencyLimiter(8)
    crowd = Crowd(limiter)

    async def scenario() -> None:
        assert limiter.slow_down(5.0) == 5.0
        assert limiter.allowed == 4
        # The rest of the same burst was refused for the same reason.
        limiter.slow_down(2.0)
        assert limiter.allowed == 4
        await asyncio.gather(*(crowd.one() for _ in range(8)))

    loop.run_until_complete(scenario())
    assert crowd.most == 4
    assert crowd.ends == pytest.approx([6.0] * 4 + [7.0] * 4)


def test_pauses_double_until_a_request_succeeds(loop: VirtualLoop) -> None:
    limiter = ConcurrencyLimiter(4)

    async def scenario() -> list[float]:
        pauses = []
        for _ in range(8):
            pauses.append(limiter.slow_down(None))
            async with limiter.slot():
                pass
        limiter.succeeded()
        pauses.append(limiter.slow_down(None))
        return pauses

    pauses = loop.run_until_complete(scenario())
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 1]
    assert limiter.allowed >= 1


def test_successes_give_the_slots_back(loop: VirtualLoop) -> None:
    limiter = ConcurrencyLimiter(8)

    async def scenario() -> None:
        limiter.slow_down(0.0)
        for _ in range(60):
            limiter.succeeded()

    loop.run_until_complete(scenario())
    assert limiter.allowed == 8


def test_a_cancelled_wait_takes_no_slot_away(loop: VirtualLoop) -> None:
    limiter = ConcurrencyLimiter(1)
    crowd = Crowd(limiter)

    async def scenario() -> None:
        first = asyncio.ensure_future(crowd.one())
        await asyncio.sleep(0)
        waiting = [asyncio.ensure_future(crowd.one()) for _ in range(5)]
        await asyncio.sleep(0.5)
        waiting[0].cancel()
        waiting[2].cancel()
        await first
        # Woken and cancelled in the same moment: its slot goes to the next one.
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    loop.run_until_complete(scenario())
    assert len(crowd.ends) == 3
    assert loop.now == pytest.approx(3.0)
