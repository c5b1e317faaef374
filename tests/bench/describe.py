"""What describing a large frame takes, beside what pandas says of it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from parllama_nb.prompting.describing.describer import described
from parllama_nb.prompting.kernel_names import KernelNames
from parllama_nb.prompting.name_completion import offers

from .figures import Figure
from .rig import Rig

__all__ = ["measure"]


def measure(rig: Rig) -> Iterator[Figure]:
    rows = 100_000 if rig.quick else 1_000_000
    chance = np.random.default_rng(1)
    numbers = pd.DataFrame(chance.random((rows, 50)), columns=_names(50))
    mixed = pd.DataFrame(
        {name: _column(number, rows, chance) for number, name in enumerate(_names(50))}
    )
    for title, frame in (("numbers", numbers), ("mixed types", mixed)):
        yield Figure(
            f"{rows:,} x 50, {title}",
            "ms",
            _times(rig, lambda frame=frame: described(frame)),
            {
                "df.info()": _times(rig, lambda frame=frame: _info(frame)),
                "str(df.head())": _times(rig, lambda frame=frame: str(frame.head())),
            },
            target=50,
        )
        yield Figure(f"its tokens, {title}", "", [described(frame).tokens], target=300)
    space: dict[str, Any] = {f"frame_{number}": mixed for number in range(1_000)}
    names = KernelNames(lambda: space)
    yield Figure(
        "completion of 1,000 frames' names",
        "ms",
        _times(rig, lambda: offers("fr", names)),
        target=50,
    )


def _names(count: int) -> list[str]:
    return [f"column_{number}" for number in range(count)]


def _column(number: int, rows: int, chance: np.random.Generator) -> Any:
    if number % 4 == 0:
        return chance.integers(0, 1_000, rows)
    if number % 4 == 1:
        return chance.choice(["Berlin", "Paris", "New York"], rows)
    if number % 4 == 2:
        return pd.date_range("2000-01-01", periods=rows, freq="s")
    values = chance.random(rows)
    values[: rows // 10] = np.nan
    return values


def _info(frame: pd.DataFrame) -> None:
    frame.info(buf=io.StringIO())


def _times(rig: Rig, work: Callable[[], object]) -> list[float]:
    samples = []
    for _ in rig.times(21, 5):
        begun = time.perf_counter()
        work()
        samples.append(1000 * (time.perf_counter() - begun))
    return samples
