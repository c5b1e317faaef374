"""A measured number: ours, what it is measured against, and what it is to reach."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Figure", "table"]


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        what: what was measured.
        unit: of all its numbers: "ms", "s", "MB", "B" or "" for a count.
        ours: the samples.
        against: the samples of the floor, then of peers, by their names.
        target: what the median is to stay at or below; None where nothing is asked.
        aim: how the target came about, where it is no constant.
        note: what a reader should know besides.

    """

    what: str
    unit: str
    ours: Sequence[float]
    against: Mapping[str, Sequence[float]] = field(default_factory=dict)
    target: float | None = None
    aim: str = ""
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        return None if self.target is None else _median(self.ours) <= self.target

    def ratio(self, name: str) -> float | None:
        """Ours by another's, of the medians; None where that says nothing."""
        other = _median(self.against[name])
        return _median(self.ours) / other if other else None

    def to_dict(self) -> dict[str, Any]:
        """As it goes into the JSON."""
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": _summary(self.ours),
            "against": {
                name: {**_summary(samples), "ratio": self.ratio(name)}
                for name, samples in self.against.items()
            },
            "target": self.target,
            "aim": self.aim or None,
            "reached": self.reached,
            "note": self.note or None,
        }


def table(figures: Iterable[Figure]) -> str:
    """Some figures to be read, one line for each and one more per note."""
    lines = []
    for figure in figures:
        ours = _said(figure.ours, figure.unit)
        rows = [
            (_said(samples, figure.unit), name, _times(figure.ratio(name)))
            for name, samples in figure.against.items()
        ] or [("", "", "")]
        lines.append(_line(figure.what, ours, *rows[0], _target(figure)))
        lines.extend(_line("", "", *row, "") for row in rows[1:])
        lines.extend(f"      {note}" for note in figure.note.splitlines())
    return "\n".join(lines)


HEADING = (
    f"    {'':<37} {'ours':>9} {'against':>9} {'':<28} {'ratio':>7}  {'target':<9}"
)


def _line(what: str, ours: str, other: str, name: str, ratio: str, target: str) -> str:
    return (
        f"    {what:<37} {ours:>9} {other:>9} {name:<28} {ratio:>7}  {target}".rstrip()
    )


def _target(figure: Figure) -> str:
    if figure.target is None:
        return "-"
    said = _number(figure.target, figure.unit)
    aim = f" ({figure.aim})" if figure.aim else ""
    return f"{said:<9} {'reached' if figure.reached else 'MISSED'}{aim}"


def _said(samples: Sequence[float], unit: str) -> str:
    return _number(_median(samples), unit)


def _times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    if ratio < 0.1:
        return f"{ratio:.2g}x"
    return f"{ratio:,.2f}x" if ratio < 10 else f"{ratio:,.0f}x"


def _number(value: float, unit: str) -> str:
    whole = value == int(value) or abs(value) >= 1000
    if unit == "s" or (not unit and not whole):
        said = f"{value:.2f}"
    elif whole:
        said = f"{value:,.0f}"
    else:
        said = f"{value:.1f}"
    return f"{said} {unit}".rstrip()


def _median(samples: Sequence[float]) -> float:
    return statistics.median(samples)


def _summary(samples: Sequence[float]) -> dict[str, Any]:
    return {
        "median": _median(samples),
        "min": min(samples),
        "max": max(samples),
        "runs": len(samples),
        "samples": [round(sample, 4) for sample in samples],
    }
