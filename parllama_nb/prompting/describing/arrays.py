"""Arrays of numpy and tensors of other libraries: shape, type, range and corners."""

from __future__ import annotations

import sys
from typing import Any

from ...providers.token_estimate import text_tokens
from .budget import cut, fitting
from .kinds import class_name
from .nested import compact

__all__ = ["array_text", "has_shape", "tensor_text"]

_EXACT = 1_000_000
"""Values up to which range and mean are those of all."""

_SAMPLED = 100_000
_SHOWN = 20
_PRECISE = 1_000


def array_text(array: Any, tokens: int) -> str:  # noqa: ANN401 - not imported here
    """Return an array's shape, type, range, mean, missing values and corners."""
    head = f"{type(array).__name__}, shape {array.shape}, dtype {array.dtype}"
    head += _statistics(array)
    left = tokens - text_tokens(head)
    if array.dtype == object or array.dtype.names:
        # It could hold anything, so only its first values are converted.
        shown = [compact(value, 4, 40, 2) for value in array.flat[:_SHOWN].tolist()]
        found = list(fitting((f"{each}, " for each in shown), left))
        return f"{head}\n{''.join(found).rstrip(', ')}" if found else head
    title, part = "", array
    if array.ndim > 2 and array.size:  # noqa: PLR2004 - a matrix can be read
        part = array[(0,) * (array.ndim - 2)]
        title = f"The first {part.shape[0]:,} x {part.shape[1]:,} of it:\n"
    precision = 8 if tokens >= _PRECISE else 4
    text = ""
    for threshold, edge in ((200, 4), (60, 3), (20, 2), (6, 1)):
        text = sys.modules["numpy"].array2string(
            part, threshold=threshold, edgeitems=edge, precision=precision
        )
        if text_tokens(title + text) <= left:
            return f"{head}\n{title}{text}"
    return f"{head}\n{cut(text, left)}" if left > 60 else head  # noqa: PLR2004


def has_shape(value: object) -> bool:
    """Whether a value looks like a tensor: its class has a shape and a dtype."""
    cls = type(value)
    return all(hasattr(cls, name) for name in ("shape", "dtype"))


def tensor_text(tensor: Any, tokens: int) -> str:  # noqa: ANN401 - of any library
    """Return a tensor's shape, type and device, and its first values."""
    parts = [
        class_name(tensor),
        f"shape {tuple(tensor.shape)}",
        f"dtype {tensor.dtype}",
    ]
    device = getattr(tensor, "device", None)
    if device is not None and not callable(device):
        parts.append(f"device {device}")
    if getattr(tensor, "requires_grad", False) is True:
        parts.append("requires grad")
    head = ", ".join(parts)
    values = _first_values(tensor)
    shown = fitting((f"{each}, " for each in values), tokens - text_tokens(head) - 8)
    text = "".join(shown).rstrip(", ")
    return f"{head}\nFirst values: {text}" if text else head


def _first_values(tensor: Any) -> list[str]:  # noqa: ANN401 - of any library
    """Return a few values as texts; none if the library has no such methods."""
    try:
        plain = tensor.detach() if hasattr(tensor, "detach") else tensor
        flat = plain.reshape(-1) if hasattr(plain, "reshape") else plain.flatten()
        values = flat[:_SHOWN].tolist()
    except Exception:  # noqa: BLE001 - a library's own code may raise anything
        return []
    return [
        f"{value:.4g}" if isinstance(value, float) else compact(value, 4, 40, 2)
        for value in values
    ]


def _statistics(array: Any) -> str:  # noqa: ANN401 - not imported here
    numpy = sys.modules["numpy"]
    kind = array.dtype.kind
    if kind not in "biufc" or not array.size:
        return ""
    some = array.size > _EXACT
    values = numpy.asarray(array.flat[:: array.size // _SAMPLED] if some else array)
    about = f" (of {values.size:,} values spread evenly)" if some else ""
    if kind == "b":
        return f", {values.mean():.0%} true{about}"
    missing = int(numpy.isnan(values).sum()) if kind in "fc" else 0
    text = f", {missing / values.size:.1%} NaN" if some and missing else ""
    text = text or (f", {missing:,} NaN" if missing else "")
    if kind == "c" or missing == values.size:
        return text + (about if text else "")
    present = values[~numpy.isnan(values)] if missing else values
    low, high = present.min(), present.max()
    with numpy.errstate(all="ignore"):
        mean = present.mean(dtype=float)
    return f"{text}, min {low:.4g}, max {high:.4g}, mean {mean:.4g}{about}"
