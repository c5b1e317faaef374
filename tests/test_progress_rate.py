"""Rate and time left: averaged over seconds, and only if they are meaningful."""

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
def meter(clock: Clock) -> RateMeter:
    return RateMeter(clock)


def loading(done: float, total: float | None = 1000, phase: str = "Load") -> Progress:
    return Progress(phase, done, total, "bytes")


def test_there_is_no_rate_in_the_first_half_second(
    meter: RateMeter, clock: Clock
) -> None:
    # It was there already when the download went on.
    assert meter.annotate(loading(500)).rate is None
    clock.now = 0.4
    assert meter.annotate(loading(600)).rate is None
    clock.now = 1.0
    progress = meter.annotate(loading(700))
    assert (progress.rate, progress.eta) == (200.0, 1.5)


def test_the_rate_is_that_of_the_last_seconds(meter: RateMeter, clock: Clock) -> None:
    progress = loading(0)
    for second in range(20):
        clock.now = float(second)
        progress = meter.annotate(
            loading(100 * second if second < 10 else 900 + second)
        )
    assert progress.rate == pytest.approx(1.0)


def test_progress_that_stands_still_has_no_time_left(
    meter: RateMeter, clock: Clock
) -> None:
    progress = loading(0)
    for second in range(10):
        clock.now = float(second)
        progress = meter.annotate(loading(min(second, 2) * 100))
    assert (progress.rate, progress.eta) == (None, None)


@pytest.mark.parametrize(
    "other", [loading(10, phase="Unpack"), Progress("Load", 900, 1000, "items")]
)
def test_the_rate_starts_over_with_another_phase_or_unit(
    meter: RateMeter, clock: Clock, other: Progress
) -> None:
    for second in range(3):
        clock.now = float(second)
        meter.annotate(loading(100 * second))
    clock.now = 3.0
    assert meter.annotate(other).rate is None


def test_the_rate_starts_over_after_a_step_back(meter: RateMeter, clock: Clock) -> None:
    meter.annotate(loading(0))
    clock.now = 2.0
    meter.annotate(loading(800))
    clock.now = 3.0
    assert meter.annotate(loading(100)).rate is None
    clock.now = 4.0
    assert meter.annotate(loading(200)).rate == 100.0


def test_progress_without_a_total_has_a_rate_and_no_time_left(
    meter: RateMeter, clock: Clock
) -> None:
    meter.annotate(loading(0, None))
    clock.now = 2.0
    progress = meter.annotate(loading(300, None))
    assert (progress.rate, progress.eta) == (150.0, None)


def test_progress_beyond_its_total_has_no_time_left(
    meter: RateMeter, clock: Clock
) -> None:
    meter.annotate(loading(0))
    clock.now = 2.0
    assert meter.annotate(loading(1200)).eta == 0.0


def test_a_given_rate_or_time_left_is_not_replaced(
    meter: RateMeter, clock: Clock
) -> None:
    given = Progress("Load", 0, 1000, "bytes", 5.0, 200.0)
    assert meter.annotate(given) is given
    plain = Progress("Think", 3)
    clock.now = 9.0
    assert meter.annotate(plain) is plain


def test_frequent_progress_is_stored_as_few_samples(
    meter: RateMeter, clock: Clock
) -> None:
    progress = loading(0)
    for step in range(10_000):
        clock.now = step / 1000
        progress = meter.annotate(loading(step, 20_000))
    assert progress.rate == pytest.approx(1000)
    assert len(meter._samples) < 60
