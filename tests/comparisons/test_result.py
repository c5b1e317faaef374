"""A comparison as a value: what it says, its table, and what its Markdown cannot do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from parllama_nb.chats.answer import Answer, Timing
from parllama_nb.comparisons.result import ComparisonResult
from parllama_nb.errors import (
    ParllamaError,
    ServerError,
    StoppedError,
    StreamInterruptedError,
)
from parllama_nb.providers.messages import Usage

from ..markdown.hostile import HOSTILE
from ..markdown.reading import RENDERERS, Page, commonmark

A = Answer("Yes.", "fake/a", "stop", Timing(0.0, 0.5, 1.5), usage=Usage(12, 56))
B = replace(A, model="fake/b", text="No.", timing=Timing(0.0, 0.25, 3.0), cost=0.25)
STOPPED = replace(A, finish_reason="cancelled", text="Ha")
CUT = replace(
    A,
    model="fake/c",
    text="Half",
    finish_reason="error",
    error=StreamInterruptedError("C: cut."),
)
DOWN = replace(
    A, model="fake/d", text="", finish_reason="error", error=ServerError("D: down.")
)


def of(*answers: Answer, **more: Any) -> ComparisonResult:
    return ComparisonResult("Why?", answers, **more)


def test_answers_are_had_by_place_and_by_name() -> None:
    comparison = of(A, B, A)
    assert (len(comparison), comparison[1]) == (3, B)
    assert comparison.names == ("fake/a", "fake/b", "fake/a (2)")
    assert comparison["fake/a (2)"] is A
    assert list(comparison) == [A, B, A]
    with pytest.raises(KeyError):
        comparison["fake/z"]


@pytest.mark.parametrize(
    ("comparison", "error"),
    [
        (of(), None),
        (of(A, B), None),
        (of(A, CUT), None),
        (of(A, STOPPED), None),
        (of(STOPPED, STOPPED), StoppedError),
        (of(STOPPED, DOWN), StoppedError),
        (of(A, STOPPED, stopped=True), StoppedError),
        (of(DOWN, DOWN), ServerError),
        (of(CUT), StreamInterruptedError),
    ],
)
def test_a_cell_ends_well_where_one_answered(
    comparison: ComparisonResult, error: type[ParllamaError] | None
) -> None:
    assert isinstance(comparison.error, error or type(None))


def test_many_reasons_are_told_as_such() -> None:
    error = of(CUT, DOWN).error
    assert error is not None
    assert error.message == "None of 2 models answered."
    assert error.hint


@pytest.mark.parametrize(
    ("comparison", "footer"),
    [
        (of(A, B), "2 of 2 answered · 3.0 s · $0.2500"),
        (of(A, DOWN), "1 of 2 answered · failed: fake/d · 1.5 s"),
        (of(A, STOPPED), "1 of 2 answered · stopped: 1 · 1.5 s"),
        (
            of(A, notes=("sent literally: {{x}}",)),
            "1 of 1 answered · 1.5 s · sent lite",
        ),
    ],
)
def test_the_footer_says_who_answered(
    comparison: ComparisonResult, footer: str
) -> None:
    assert comparison.footer.startswith(footer)


def test_the_table_is_that_of_pl_compare() -> None:
    frame = of(A, B, DOWN, A).frame()
    assert list(frame["model"]) == ["fake/a", "fake/b", "fake/d", "fake/a"]
    assert list(frame["repeat"]) == [0, 0, 0, 1]
    assert list(frame["text"]) == ["Yes.", "No.", "", "Yes."]
    assert frame["error"][2] == "D: down."
    assert frame["cost"].isna().tolist() == [True, False, True, True]
    assert frame["tokens_per_s"][0] == 56.0
    assert set(frame["prompt"]) == {"Why?"}


def test_its_markdown_has_a_section_each_and_a_table() -> None:
    page = Page(commonmark(of(A, B, CUT, DOWN).markdown))
    assert page.alive == ["<sub>"]
    titles = [
        page.shape[n + 1] for n, each in enumerate(page.shape) if each == ("h4", ())
    ]
    assert titles == ["=fake/a", "=fake/b", "=fake/c", "=fake/d"]
    text = " ".join(page.prose)
    for said in (
        "StreamInterruptedError: C: cut.",
        "ServerError: D: down.",
        "0.50 s",
        "56/s",
    ):
        assert said in text
    assert "2 of 4 answered" in text


@pytest.mark.parametrize("renderer", RENDERERS.values(), ids=RENDERERS)
def test_no_answer_gets_out_of_its_section(renderer: Any) -> None:
    # Each text stands before another section, which it must not swallow.
    for text in HOSTILE:
        hostile = replace(A, text=text, model="<img src=x> | `x` | **y**")
        error = ServerError(text.replace("\n", " ")[:200])
        failed = replace(DOWN, model=text[:60], error=error)
        page = Page(renderer(of(hostile, B, failed).markdown))
        assert set(page.alive) <= {"<sub>"}, text
        assert "=fake/b" in page.shape, text


def test_as_text_it_says_all() -> None:
    text = str(of(A, CUT))
    assert text.startswith(
        "== fake/a\nYes.\n\n== fake/c\nHalf\nStreamInterruptedError: C: cut."
    )
    assert text.endswith("1.5 s")
