"""Draws how the models of a table of answers compare."""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..batches.table import COLUMNS
from ..errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["chart"]

_PANELS = {
    "first_token_s": "first token, s",
    "total_s": "whole answer, s",
    "tokens_per_s": "tokens a second",
    "cost": "cost, $ (sum)",
}

_INCHES_PER_PANEL = 2.6


def chart(df: pd.DataFrame) -> Any:  # noqa: ANN401 - a matplotlib figure
    """Draw how the models of a table compare: times and speed (medians), costs, scores.

    Args:
        df: a table made by `pl.compare` or `pl.map`.

    Returns:
        A matplotlib figure, one panel for each measure that has values.

    Raises:
        UsageError: matplotlib is not installed, or `df` is not a table of answers.

    """
    if "model" not in getattr(df, "columns", ()):
        message = "pl.chart needs a table made by pl.compare or pl.map."
        raise UsageError(message)
    if find_spec("matplotlib") is None:
        message = "A chart needs matplotlib, which is not installed."
        raise UsageError(message, hint="Install it: %pip install matplotlib")
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy, and may be absent

    labels = df["model"].astype(str)
    if "params" in df.columns:
        labels = labels + " " + df["params"].astype(str)
    panels = _panels(df)

    class Chart(Figure):
        """A figure that shows even if IPython has no formatter for figures."""

        def _repr_png_(self) -> bytes:
            picture = io.BytesIO()
            self.savefig(picture, format="png")
            return picture.getvalue()

    figure = Chart(
        figsize=(1.8 + _INCHES_PER_PANEL * len(panels), 1 + 0.4 * labels.nunique()),
        layout="constrained",
    )
    axes = figure.subplots(1, max(1, len(panels)), sharey=True, squeeze=False)[0]
    for axis, (title, values, how) in zip(axes, panels, strict=False):
        grouped = values.astype(float).groupby(labels, sort=False)
        summary = grouped.sum() if how == "sum" else getattr(grouped, how)()
        bars = axis.barh(summary.index, summary, color="#1976d2", height=0.6)
        axis.bar_label(bars, fmt="%.3g", padding=3, fontsize=8)
        axis.set_title(title, fontsize=9)
        axis.margins(x=0.25)
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    axes[0].invert_yaxis()
    return figure


def _panels(df: pd.DataFrame) -> list[tuple[str, Any, str]]:
    panels = [
        (title, df[name], "sum" if name == "cost" else "median")
        for name, title in _PANELS.items()
        if name in df.columns and df[name].notna().any()
    ]
    known = {*COLUMNS, "params", "cached"}
    for name in df.columns:
        column = df[name]
        numeric = str(column.dtype).lower().startswith(("int", "float", "bool"))
        if name not in known and numeric and column.notna().any():
            panels.append((f"{name} (mean)", column, "mean"))
    return panels
