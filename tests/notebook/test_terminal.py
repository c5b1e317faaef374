"""Progress and notices in a terminal."""

from __future__ import annotations

import pytest

from parllama_nb.events import (
    AnswerDelta,
    AnswerRecast,
    Notice,
    Progress,
    ProgressChanged,
)
from parllama_nb.notebook.terminal import Printer, progress_line


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress("Starting"), "Starting"),
        (Progress("Loading", 3, 12, "items"), "Loading 25%, 3 of 12"),
        (
            Progress("Downloading", 32e6, 90.2e6, "bytes", 5.4e6, 11),
            "Downloading 35%, 32.0 MB of 90.2 MB, 5.4 MB/s, about 11 s left",
        ),
        (Progress("Reading", 999_600, None, "bytes"), "Reading, 1.0 MB"),
        (
            Progress("Downloading", 9e6, 10e6, "bytes", percent=27),
            "Downloading 27%, 9.0 MB of 10.0 MB",
        ),
        (Progress("Parsing", percent=75), "Parsing 75%"),
        (Progress("Late", 12, 10, "bytes"), "Late 100%, 12 B of 10 B"),
        (
            Progress("Slow", 1, 2, "bytes", 1, 7260),
            "Slow 50%, 1 B of 2 B, 1 B/s, about 2 h 1 min left",
        ),
    ],
)
def test_a_progress_line_shows_every_known_value(progress: Progress, line: str) -> None:
    assert progress_line(progress) == line


def test_an_answer_begins_anew_below_text_that_was_thinking(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = Printer()
    for event in (
        AnswerDelta("1", "text", "I add."),
        AnswerRecast("1"),
        AnswerDelta("1", "text", "Four."),
    ):
        printer(event)
    assert capsys.readouterr().out == "I add.\n\nFour."


def test_each_phase_overwrites_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer()
    for event in (
        ProgressChanged("1", Progress("Downloading", 10, 100, "bytes", 5.0, 18)),
        ProgressChanged("1", Progress("Downloading", 100, 100, "bytes")),
        ProgressChanged("1", Progress("Starting\x1b[2J")),
        Notice("1", "Trying\x07 again."),
        AnswerDelta("1", "thinking", "hm"),
        AnswerDelta("1", "text", "Yes."),
    ):
        printer(event)
    out = capsys.readouterr().out
    # As a terminal shows it: the text after the last return, without blanks.
    shown = [line.rsplit("\r", 1)[-1].rstrip() for line in out.split("\n")]
    assert shown == [
        "Downloading 100%, 100 B of 100 B",
        "Starting[2J",
        "Trying again.",
        "Yes.",
    ]
    assert not {"\x1b", "\x07"} & set(out)


def test_a_shorter_progress_line_overwrites_all_of_a_longer_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = Printer()
    long = Progress("Downloading", 1, 1000, "bytes", 1.0, 999)
    printer(ProgressChanged("1", long))
    printer(ProgressChanged("1", Progress("Downloading", 1, 1000, "bytes")))
    first, second = capsys.readouterr().out.split("\r")[1:]
    assert len(second) == len(first)
