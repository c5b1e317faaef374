"""What the memory is without a model: lines that are added, removed and compared."""

from __future__ import annotations

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.memories.lines import difference, with_lines, without_lines

LIST = "- Lives in Lyon\n- Has a cat named Mia\n- Likes short answers"


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("", "Call me Kim", "- Call me Kim"),
        ("- A", "B", "- A\n- B"),
        ("* A", "- B", "* A\n- B"),
        ("Some prose.", "More of it.", "Some prose.\nMore of it."),
        ("# Me\n\n- A\n- B", "C", "# Me\n\n- A\n- B\n- C"),
        ("- A", "B\n\n  C  d ", "- A\n- B\n- C d"),
        ("- A", "a.\nB", "- A\n- B"),
    ],
)
def test_a_text_is_added_as_lines_of_the_same_kind(
    before: str, wanted: str, after: str
) -> None:
    assert with_lines(before, wanted) == after


def test_a_line_that_is_there_is_not_added_again() -> None:
    with pytest.raises(UsageError, match="already"):
        with_lines(LIST, "  lives in  LYON.")


@pytest.mark.parametrize(
    ("wanted", "gone"),
    [
        ("Lyon", [0]),
        ("my cat", [1]),
        ("that I have a cat named Mia", [1]),
        ("lives in lyon.", [0]),
        ("Everything", [0, 1, 2]),
        ("all", [0, 1, 2]),
        ("- Likes short answers", [2]),
    ],
)
def test_lines_that_have_the_text_or_all_its_words_are_removed(
    wanted: str, gone: list[int]
) -> None:
    lines = LIST.split("\n")
    kept = [line for at, line in enumerate(lines) if at not in gone]
    assert without_lines(LIST, wanted) == "\n".join(kept)


@pytest.mark.parametrize("wanted", ["my dog", "a cat in Lyon", "the"])
def test_a_text_that_no_line_has_removes_nothing(wanted: str) -> None:
    with pytest.raises(UsageError, match="No line of the memory"):
        without_lines("- Lives in Lyon\n- Has a cat", wanted)


def test_a_difference_has_all_lines_in_order() -> None:
    after = "- Lives in Paris\n- Has a cat named Mia\n- Likes short answers\n- New"
    shown = [f"{line.mark}{line.text}" for line in difference(LIST, after)]
    assert shown == [
        "-- Lives in Lyon",
        "+- Lives in Paris",
        " - Has a cat named Mia",
        " - Likes short answers",
        "+- New",
    ]
    assert difference("", "") == []
    assert [line.mark for line in difference("a\nb", "")] == ["-", "-"]
