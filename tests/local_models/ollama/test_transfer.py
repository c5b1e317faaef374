"""What the lines of a pull say, as a real server of 0.33 writes them."""

from __future__ import annotations

import pytest

from parllama_nb.events import Layer
from parllama_nb.local_models.ollama.transfer import Transfer, short_digest

MODEL = "sha256:941f309b54ca" + "0" * 52
CONFIG = "sha256:0123456789ab" + "0" * 52


def line(digest: str, total: int, completed: int | None = None) -> dict[str, object]:
    told: dict[str, object] = {"status": f"pulling {digest[7:19]}", "digest": digest}
    told["total"] = total
    # A server leaves zeros out.
    return told if completed is None else told | {"completed": completed}


def test_a_layer_is_complete_once_the_next_one_begins() -> None:
    transfer = Transfer("Downloading")
    transfer.read({"status": "pulling manifest"})
    transfer.read(line(MODEL, 1000))
    progress = transfer.read(line(MODEL, 1000, 900))
    assert (progress.done, progress.total) == (900, 1000)
    progress = transfer.read(line(CONFIG, 10))
    assert progress.layers == (
        Layer("941f309b54ca", 1000, 1000),
        Layer("0123456789ab", 0, 10),
    )
    progress = transfer.read({"status": "verifying sha256 digest"})
    assert progress.phase == "Verifying sha256 digest"
    assert progress.done == progress.total == 1010


def test_what_was_there_before_counts_as_done_and_not_as_moved() -> None:
    transfer = Transfer("Downloading")
    transfer.read(line(MODEL, 1000, 600))
    assert transfer.progress().done == 600
    transfer.read(line(MODEL, 1000, 700))
    assert (transfer.moved, transfer.size) == (100, 1000)
    assert not transfer.succeeded
    transfer.read({"status": "success"})
    assert transfer.succeeded


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"status": None},
        {"digest": MODEL},
        {"digest": MODEL, "total": -5},
        {"digest": MODEL, "total": "many", "completed": 3},
        {"digest": MODEL, "total": 10, "completed": 99},
        {"status": 7, "digest": 8, "total": 9, "completed": None},
    ],
)
def test_an_odd_line_is_progress_too(odd: dict[str, object]) -> None:
    progress = Transfer("Downloading").read(odd)
    assert progress.phase
    assert progress.total is None or 0 <= progress.done <= progress.total


def test_a_digest_is_shown_as_ollama_shows_it() -> None:
    assert short_digest(MODEL) == "941f309b54ca"
    assert short_digest("941f309b54ca99") == "941f309b54ca"
