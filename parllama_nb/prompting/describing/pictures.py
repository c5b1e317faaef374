"""Figures and images, sent as pictures with a line that says what they are."""

from __future__ import annotations

import io
from typing import Any

from ...errors import UsageError
from ...providers.messages import ImagePart
from ..images import image_part
from .budget import cut, cut_line
from .kinds import is_a

__all__ = ["is_picture", "picture_of", "picture_text"]

_FIGURE = ("matplotlib", "Figure")
_AXES = ("matplotlib", "Axes")
_IMAGE = ("PIL", "Image")
_SHOWN = ("IPython", "Image")

_LONGEST_SIDE = 1_568
"""Pixels of a side beyond which models scale a picture down themselves."""


def is_picture(value: object) -> bool:
    """Whether a value is a figure, the axes of one, or an image."""
    return is_a(value, _FIGURE, _AXES, _IMAGE, _SHOWN)


def picture_of(value: Any) -> ImagePart:  # noqa: ANN401 - not imported here
    """Return a figure or an image as a part of a message, no larger than models see.

    Raises:
        UsageError: it cannot be read, or is too large.

    """
    if is_a(value, _FIGURE, _AXES):
        figure = value if is_a(value, _FIGURE) else value.get_figure()
        if figure is None:
            message = "These axes belong to no figure."
            raise UsageError(message, hint="Mention the figure itself.")
        while (parent := getattr(figure, "figure", figure)) is not figure:
            figure = parent  # of a subfigure, which cannot be saved alone
        inches = max(figure.get_size_inches())
        dpi = min(float(figure.get_dpi()), _LONGEST_SIDE / max(inches, 0.01))
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=dpi)
        return image_part(file.getvalue())
    if is_a(value, _IMAGE) and max(value.size) > _LONGEST_SIDE:
        scale = _LONGEST_SIDE / max(value.size)
        value = value.resize([max(1, round(side * scale)) for side in value.size])
    return image_part(value)


def picture_text(value: Any, tokens: int) -> str:  # noqa: ANN401 - not imported here
    """Return what a picture is: its size, and the titles and labels of its axes."""
    if is_a(value, _IMAGE):
        width, height = value.size
        return f"image, {width:,} x {height:,} pixels, mode {value.mode}"
    if is_a(value, _SHOWN):
        return "image"
    if is_a(value, _AXES):
        return cut(f"matplotlib {_axes_text(value)}", tokens)
    width, height = (round(each * value.get_dpi()) for each in value.get_size_inches())
    lines = [f"matplotlib Figure, {width:,} x {height:,} pixels"]
    lines += [_axes_text(axes) for axes in value.get_axes()[:6]]
    return cut("\n".join(lines), tokens)


def _axes_text(axes: Any) -> str:  # noqa: ANN401 - not imported here
    facts = [
        f"{name} {cut_line(text, 60)!r}"
        for name, text in (
            ("title", axes.get_title()),
            ("x", axes.get_xlabel()),
            ("y", axes.get_ylabel()),
        )
        if text
    ]
    drawn = [(len(axes.lines), "line", "s"), (len(axes.patches), "patch", "es")]
    facts += [
        f"{count} {word}{plural if count != 1 else ''}"
        for count, word, plural in drawn
        if count
    ]
    return f"Axes, {', '.join(facts)}" if facts else "Axes"
