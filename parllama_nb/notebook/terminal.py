"""Prints a job's events in a terminal: text as it arrives, progress on one line."""

from __future__ import annotations

from ..commands.report import printable
from ..durations import in_words
from ..events import AnswerDelta, AnswerRecast, Event, Notice, Progress, ProgressChanged
from ..sizes import size_in_words

__all__ = ["Printer", "progress_line"]


class Printer:
    """Prints events. Each phase has one line, overwritten until the phase ends."""

    def __init__(self) -> None:
        self._phase = ""
        self._written = 0

    def __call__(self, event: Event) -> None:
        """Print an event."""
        match event:
            case AnswerDelta(kind="text", text=text):
                self._end_line()
                print(printable(text), end="", flush=True)  # noqa: T201
            case AnswerRecast():
                # What is printed stays; the answer begins anew below it.
                print("\n")  # noqa: T201
            case Notice(text=text):
                self._end_line()
                print(printable(text))  # noqa: T201
            case ProgressChanged(progress=progress):
                if progress.phase != self._phase:
                    self._end_line()
                self._phase = progress.phase
                line = printable(progress_line(progress))
                print(f"\r{line:<{self._written}}", end="", flush=True)  # noqa: T201
                self._written = len(line)

    def _end_line(self) -> None:
        if self._written:
            print()  # noqa: T201
        self._written = 0


def progress_line(progress: Progress) -> str:
    """Returns 'Downloading 35%, 32.0 MB of 90.2 MB, 5.4 MB/s, about 11 s left'."""
    done, total, unit = progress.done, progress.total, progress.unit
    head, parts = progress.phase, []
    percent = progress.percent
    if percent is None and total:
        percent = 100 * done / total
    if percent is not None:
        head += f" {min(max(percent, 0), 100):.0f}%"
    if total:
        parts.append(f"{_amount(done, unit)} of {_amount(total, unit)}")
    elif done:
        parts.append(_amount(done, unit))
    if progress.rate:
        parts.append(f"{_amount(progress.rate, unit)}/s")
    if progress.eta is not None:
        parts.append(f"about {in_words(progress.eta)} left")
    return ", ".join([head, *parts])


def _amount(value: float, unit: str) -> str:
    if unit != "bytes":
        return f"{value:,.0f}"
    return size_in_words(value)
