"""A comparison's result: its texts, its table, and that its Markdown is harmless."""

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
from parllama_nb.providers.messages import Usage, parts_of

from ..markdown.hostile import HOSTILE
from ..markdown.reading import RENDERERS, Page, commonmark

A = Answer(
    parts_of("Yes."), "fake/a", "stop", Timing(0.0, 0.5, 1.5), usage=Usage(12, 56)
)
B = replace(
    A, model="fake/b", parts=parts_of("No."), timing=Timing(0.0, 0.25, 3.0), cost=0.25
)
STOPPED = replace(A, finish_reason="cancelled", parts=parts_of("Ha"))
CUT = replace(
    A,
    model="fake/c",
    parts=parts_of("Half"),
    finish_reason="error",
    error=StreamInterruptedError("C: cut."),
)
DOWN = replace(
    A,
    model="fake/d",
    parts=parts_of(""),
    finish_reason="error",
    error=ServerError("D: down."),
)


def of(*answers: Answer, **more: Any) -> ComparisonResult:
    return ComparisonResult("Why?", answers, **more)


def test_a_result_is_indexed_by_number_and_by_name() -> None:
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
def test_a_result_has_no_error_if_one_model_answered(
    comparison: ComparisonResult, error: type[ParllamaError] | None
) -> None:
    assert isinstance(comparison.error, error or type(None))


def test_a_result_with_several_errors_says_that_none_answered() -> None:
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
        (
            of(*(replace(A, notes=("said", "lost")) for _ in "ab"), notes=("said",)),
            "2 of 2 answered · 1.5 s · said · lost",
        ),
    ],
)
def test_the_footer_says_how_many_answered_and_which_failed(
    comparison: ComparisonResult, footer: str
) -> None:
    assert comparison.footer.startswith(footer)


def test_the_frame_has_the_columns_of_pl_compare() -> None:
    frame = of(A, B, DOWN, A).frame()
    assert list(frame["model"]) == ["fake/a", "fake/b", "fake/d", "fake/a"]
    assert list(frame["repeat"]) == [0, 0, 0, 1]
    assert list(frame["text"]) == ["Yes.", "No.", "", "Yes."]
    assert frame["error"][2] == "D: down."
    assert frame["cost"].isna().tolist() == [True, False, True, True]
    assert frame["tokens_per_s"][0] == 56.0
    assert set(frame["prompt"]) == {"Why?"}


def test_the_markdown_has_a_section_per_model_and_a_table() -> None:
    page = Page(commonmark(of(A, B, CUT, DOWN).markdown))
    assert page.alive == ["<sub>"]
    titles = [
        page.shape[n + 1] for n, each in enumerate(page.shape) if each == ("h4", ())
    ]
    assert titles == ["=fake/a", "=fake/b", "=fake/c", "=fake/d"]
    text = " ".join(page.prose)
    for line in (
        "StreamInterruptedError: C: cut.",
        "ServerError: D: down.",
        "0.50 s",
        "56/s",
    ):
        assert line in text
    assert "2 of 4 answered" in text


@pytest.mark.parametrize("renderer", RENDERERS.values(), ids=RENDERERS)
def test_the_markdown_of_an_answer_stays_in_its_section(renderer: Any) -> None:
    # Each text stands before another section, which it must not swallow.
    for text in HOSTILE:
        hostile = replace(A, parts=parts_of(text), model="<img src=x> | `x` | **y**")
        error = ServerError(text.replace("\n", " ")[:200])
        failed = replace(DOWN, model=text[:60], error=error)
        page = Page(renderer(of(hostile, B, failed).markdown))
        assert set(page.alive) <= {"<sub>"}, text
        assert "=fake/b" in page.shape, text


def test_str_of_a_result_has_answers_and_errors() -> None:
    text = str(of(A, CUT))
    assert text.startswith(
        "== fake/a\nYes.\n\n== fake/c\nHalf\nStreamInterruptedError: C: cut."
    )
    assert text.endswith("1.5 s")
