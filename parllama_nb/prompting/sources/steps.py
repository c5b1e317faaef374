"""The progress of a reading in several phases, as one percentage that only grows."""

from __future__ import annotations

import threading
import time
from typing import Literal

from ...events import Progress
from .source import Report

__all__ = ["Steps"]

_TICK = 0.1
"""Seconds between two reports of a phase."""

_HALF_WAY = 5_000_000
"""Amount after which a phase of unknown length is said to be half done."""


class Steps:
    """Reports phases, each a range of the whole work's percentage. From any thread."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._phase = ""
        self._range = (0.0, 0.0)
        self._unit: Literal["bytes", "items", ""] = ""
        self._percent = 0.0
        self._shown = 0.0

    def begin(
        self,
        phase: str,
        first: float,
        last: float,
        unit: Literal["bytes", "items", ""] = "",
    ) -> None:
        """Begin a phase that goes from one percentage to another."""
        with self._lock:
            self._phase, self._range, self._unit = phase, (first, last), unit
            self._shown = 0.0
        self.show(0, None)

    def show(self, done: float, total: float | None) -> None:
        """Report how far the phase is; at most ten times a second."""
        with self._lock:
            now = time.monotonic()
            if now - self._shown < _TICK and done != total:
                return
            self._shown = now
            first, last = self._range
            part = done / total if total else done / (done + _HALF_WAY)
            percent = first + (last - first) * min(1.0, part)
            self._percent = max(self._percent, percent)
            progress = Progress(
                self._phase, done, total, self._unit, percent=self._percent
            )
        self._report(progress)
