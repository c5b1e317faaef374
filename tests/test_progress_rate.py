"""Rate and time left: honest, smooth, and never of the first moment."""

from __future__ import annotations

import pytest

from parllama_nb.events import Progress
from parllama_nb.progress_rate import RateMeter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> RateMeter:
    return RateMeter(clock)


def loading(done: float, total: float | None = 1000, phase: str = "Load") -> Progress:
    return Progress(phase, done, total, "bytes")


def test_the_first_moment_tells_nothing(pace: RateMeter, clock: Clock) -> None:
    # It was there already when the download went on.
    assert pace.told(loading(500)).rate is None
    clock.now = 0.4
    assert pace.told(loading(600)).rate is None
    clock.now = 1.0
    told = pace.told(loading(700))
    assert (told.rate, told.eta) == (200.0, 1.5)


def test_the_rate_is_that_of_the_last_seconds(pace: RateMeter, clock: Clock) -> None:
    told = loading(0)
    for second in range(20):
        clock.now = float(second)
        told = pace.told(loading(100 * second if second < 10 else 900 + second))
    assert told.rate == pytest.approx(1.0)


def test_what_stands_still_has_no_time_left(pace: RateMeter, clock: Clock) -> None:
    told = loading(0)
    for second in range(10):
        clock.now = float(second)
        told = pace.told(loading(min(second, 2) * 100))
    assert (told.rate, told.eta) == (None, None)


@pytest.mark.parametrize(
    "other", [loading(10, phase="Unpack"), Progress("Load", 900, 1000, "items")]
)
def test_another_phase_or_unit_begins_anew(
    pace: RateMeter, clock: Clock, other: Progress
) -> None:
    for second in range(3):
        clock.now = float(second)
        pace.told(loading(100 * second))
    clock.now = 3.0
    assert pace.told(other).rate is None


def test_a_step_back_begins_anew(pace: RateMeter, clock: Clock) -> None:
    pace.told(loading(0))
    clock.now = 2.0
    pace.told(loading(800))
    clock.now = 3.0
    assert pace.told(loading(100)).rate is None
    clock.now = 4.0
    assert pace.told(loading(200)).rate == 100.0


def test_without_a_total_there_is_a_rate_and_no_time_left(
    pace: RateMeter, clock: Clock
) -> None:
    pace.told(loading(0, None))
    clock.now = 2.0
    told = pace.told(loading(300, None))
    assert (told.rate, told.eta) == (150.0, None)


def test_more_than_the_total_leaves_no_time(pace: RateMeter, clock: Clock) -> None:
    pace.told(loading(0))
    clock.now = 2.0
    assert pace.told(loading(1200)).eta == 0.0


def test_a_teller_knows_better(pace: RateMeter, clock: Clock) -> None:
    said = Progress("Load", 0, 1000, "bytes", 5.0, 200.0)
    assert pace.told(said) is said
    plain = Progress("Think", 3)
    clock.now = 9.0
    assert pace.told(plain) is plain


def test_many_words_a_second_are_few_samples(pace: RateMeter, clock: Clock) -> None:
    told = loading(0)
    for step in range(10_000):
        clock.now = step / 1000
        told = pace.told(loading(step, 20_000))
    assert told.rate == pytest.approx(1000)
    assert len(pace._seen) < 60
