"""Whether bytes hold one of many texts, at a speed that hardly depends on how many.

Python's own search takes up to 0.3 ms for a megabyte and a text, and a secret has about
five forms. So many texts are looked for together: a sample of eight bytes is taken of
every 8, 16, 24 ... bytes, and a text that is long enough holds one of the samples,
wherever it stands. Only if a sample is a part of a text are the texts looked for one by
one. Nothing is missed.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable

__all__ = ["Needles"]

_SAMPLE = 8
"""Bytes of a sample: a number of the format Q."""

_MOST_STEPS = 8

# Milliseconds for a megabyte, as measured: of a sample of every eight bytes, and of one
# text. Python skips more bytes the longer a text is.
_SAMPLED = 2.6
_SINGLE, _SINGLE_PER_BYTE = 0.04, 2.2


class Needles:
    """Texts to look for in bytes.

    Args:
        texts: what to look for; none of them is empty.

    """

    def __init__(self, texts: Iterable[bytes]) -> None:
        texts = sorted(set(texts), key=len)
        plans = [_Plan(texts, step) for step in range(_MOST_STEPS + 1)]
        best = min(plans, key=lambda plan: plan.cost)
        self._step = best.step
        self._single, self._together = best.single, best.together
        self._samples = {
            int.from_bytes(text[start : start + _SAMPLE], sys.byteorder)
            for text in self._together
            for start in range(self._step * _SAMPLE)
        }

    def within(self, data: bytes) -> bool:
        """Whether the data holds one of the texts."""
        for text in self._single:
            if text in data:
                return True
        if not self._samples:
            return False
        whole = memoryview(data)[: len(data) // _SAMPLE * _SAMPLE]
        if self._samples.isdisjoint(whole.cast("Q")[:: self._step]):
            return False
        return any(text in data for text in self._together)


class _Plan:
    """Which texts are looked for together if one sample in `step` is taken; 0: none."""

    def __init__(self, texts: Collection[bytes], step: int) -> None:
        # Wherever such a text stands, a sample begins and ends within it.
        long_enough = (step + 1) * _SAMPLE - 1
        self.step = step
        self.together = [t for t in texts if step and len(t) >= long_enough]
        self.single = [t for t in texts if not (step and len(t) >= long_enough)]
        self.cost = sum(_SINGLE + _SINGLE_PER_BYTE / len(text) for text in self.single)
        if self.together:
            self.cost += _SAMPLED / step
