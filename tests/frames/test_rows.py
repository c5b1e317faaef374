"""Which frames are taken, and what a template makes of their rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars  # noqa: ICN001 - pl is our own
import pytest

from parllama_nb.errors import UsageError
from parllama_nb.frames.rows import Rows, frame_of

COLUMNS = {"x": ["a", "b"], "n": [1, 2]}


class Relation:
    """Knows only what DuckDB's relations and Spark's frames know: a method."""

    def __init__(self, method: str) -> None:
        setattr(self, method, lambda: pd.DataFrame(COLUMNS))


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame(COLUMNS),
        polars.DataFrame(COLUMNS),
        COLUMNS,
        [{"x": "a", "n": 1}, {"x": "b", "n": 2}],
        Relation("df"),
        Relation("toPandas"),
    ],
    ids=["pandas", "polars", "columns", "dicts", "DuckDB", "Spark"],
)
def test_a_frame_of_any_library_becomes_one_of_pandas(data: object) -> None:
    assert frame_of(data).to_dict("list") == COLUMNS


def test_an_empty_frame_keeps_its_columns() -> None:
    frame = frame_of(polars.DataFrame({"x": []}))
    assert (list(frame.columns), len(frame)) == (["x"], 0)


@pytest.mark.parametrize(
    ("data", "kind", "hint"),
    [
        (["a"], "list", "pl.compare"),
        ("a", "str", "pl.compare"),
        (7, "int", "pandas.DataFrame"),
        (pd.Series(["a"]), "pandas.Series", "to_frame"),
        (polars.DataFrame(COLUMNS).lazy(), "polars.LazyFrame", ".collect()"),
    ],
)
def test_what_is_not_a_frame_is_refused_with_the_way_to_make_one(
    data: object, kind: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        frame_of(data)
    assert caught.value.message == f"pl.map takes a pandas DataFrame, not a {kind}."
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize("error", [RuntimeError, ValueError, KeyError])
def test_a_frame_that_cannot_be_read_is_refused_without_the_foreign_error(
    error: type[Exception],
) -> None:
    class Query:
        def to_pandas(self) -> None:
            raise error

    with pytest.raises(
        UsageError, match=rf"to_pandas\(\) raised {error.__name__}"
    ) as caught:
        frame_of(Query())
    assert caught.value.__context__ is None


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(UsageError, match="not a table"):
        frame_of({"x": [1], "y": [1, 2]})


def test_a_frame_without_columns_says_so() -> None:
    with pytest.raises(UsageError) as caught:
        prompts("{{x}}", pd.DataFrame())
    assert "The frame has no columns." in str(caught.value.hint)


def prompts(template: str, frame: pd.DataFrame, **notebook: Any) -> list[Any]:
    return Rows.of(frame).prompts(template, notebook)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{{x}}", "a"),
        ('{{row["x"]}} {{row["Unit price"]}}', "a 3"),
        ("{{d.real}}", "2"),
        ('{{meta["lang"]}}', "en"),
        ("{{prefix}} {{x}}", "notebook a"),
        ('{{{x}}} {"a": 1}', '{{{x}}} {"a": 1}'),
    ],
)
def test_a_template_is_filled_from_the_row_and_then_from_the_notebook(
    template: str, filled: str
) -> None:
    frame = pd.DataFrame(
        {"x": ["a"], "d": [2], "Unit price": [3], "meta": [{"lang": "en"}]}
    )
    made = prompts(template, frame, prefix="notebook", x="hidden")
    assert made == [(filled, "")]


@pytest.mark.parametrize(
    ("template", "hint"),
    [
        ("Q {{text.nope}}", "three braces"),
        ("Q {{text.upper}}", "three braces"),
        ('Q {{row["Txet"]}}', 'row["text"]'),
        ("Q {{row[1]}}", 'row["text"]'),
        ("Q {{other.nope}}", "three braces"),
        ("Q {{txet}}", "text"),
    ],
)
def test_a_placeholder_that_no_row_can_fill_is_an_error(
    template: str, hint: str
) -> None:
    frame = pd.DataFrame({"text": ["a", "b"]})
    with pytest.raises(UsageError) as caught:
        prompts(template, frame, other=1)
    assert hint in str(caught.value.hint)


def test_a_row_lacks_what_only_other_rows_have() -> None:
    frame = pd.DataFrame(
        {
            "meta": [{"lang": "en"}, {}, None],
            "Unit price": [float("nan"), 2.0, 3.0],
        }
    )
    assert prompts('{{meta["lang"]}}', frame) == [
        ("en", ""),
        (None, 'meta["lang"] is missing in this row.'),
        (None, 'meta["lang"] is missing in this row.'),
    ]
    reasons = [why for _, why in prompts('{{row["Unit price"]}}', frame)]
    assert reasons == ['row["Unit price"] is missing in this row.', "", ""]
    empty = pd.DataFrame({"x": [None, None]})
    assert prompts("{{x}}", empty) == [(None, "x is missing in this row.")] * 2


def test_a_column_named_row_is_filled_and_named_where_it_hides_the_row() -> None:
    frame = pd.DataFrame({"row": ["zz"], "Unit price": [3]})
    assert prompts("{{row}}", frame) == [("zz", "")]
    with pytest.raises(UsageError) as caught:
        prompts('Q {{row["Unit price"]}}', frame)
    assert "column 'row' hides the row" in str(caught.value.hint)


@pytest.mark.parametrize("template", ["Q {{x}}", 'Q {{row["x"]}}'])
@pytest.mark.filterwarnings("error")
def test_a_column_that_is_there_twice_is_refused_where_it_is_named(
    template: str,
) -> None:
    frame = pd.DataFrame([["a", "b", "c"]], columns=["x", "x", "y"])
    with pytest.raises(UsageError, match="more than one column 'x'"):
        prompts(template, frame)
    assert prompts("Q {{y}}", frame) == [("Q c", "")]


def test_labels_that_are_not_texts_are_named_as_texts() -> None:
    frame = pd.DataFrame([["a", "b"]])
    assert prompts('{{row["1"]}}', frame) == [("b", "")]
