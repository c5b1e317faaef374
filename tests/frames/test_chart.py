"""The chart of a table: a panel for each measure that has values."""

from __future__ import annotations

from importlib.util import find_spec

import pandas as pd
import pytest

import parllama_nb as pl
from parllama_nb.errors import UsageError


def table(**more: object) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": ["a/x", "b/y", "a/x"],
            "repeat": [0, 0, 1],
            "total_s": [1.0, 2.0, 3.0],
            "first_token_s": pd.array([None, None, None], dtype="Float64"),
            "cost": [0.25, None, 0.5],
            **more,
        }
    )


def test_measures_with_values_are_panels_and_models_are_bars() -> None:
    pytest.importorskip("matplotlib")
    figure = pl.chart(table(exact=pd.array([True, None, False], dtype="boolean")))
    panels = {axis.get_title(): axis for axis in figure.axes}
    assert list(panels) == ["whole answer, s", "cost, $ (sum)", "exact (mean)"]
    widths = [bar.get_width() for bar in panels["whole answer, s"].patches]
    assert widths == [2.0, 2.0]
    assert [b.get_width() for b in panels["cost, $ (sum)"].patches] == [0.75, 0.0]
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["a/x", "b/y"]


def test_a_chart_has_a_png_form_without_a_matplotlib_backend() -> None:
    pytest.importorskip("matplotlib")
    assert pl.chart(table())._repr_png_().startswith(b"\x89PNG")


def test_a_chart_of_another_frame_is_refused() -> None:
    with pytest.raises(UsageError, match=r"pl\.compare"):
        pl.chart(pd.DataFrame({"x": [1]}))


def test_a_chart_without_matplotlib_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "parllama_nb.frames.chart.find_spec",
        lambda name: None if name == "matplotlib" else find_spec(name),
    )
    with pytest.raises(UsageError, match="pip install matplotlib"):
        pl.chart(table())
