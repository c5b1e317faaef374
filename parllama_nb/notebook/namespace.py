"""The names, cells and errors of the kernel that this is, for mentions of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ..prompting.kernel_names import CellText, KernelNames

__all__ = ["kernel_names", "last_exception"]

_CELLS = 50
"""Cells that are looked at, to offer the last ones."""

_LONGEST = 50_000
"""Characters of an output that are read, from its end."""


def kernel_names() -> KernelNames:
    """Return what can be mentioned of this kernel; nothing outside of IPython."""
    return KernelNames(_variables, _hidden, _cell, _cells, last_exception)


def last_exception() -> BaseException | None:
    """Return the last exception of the user's own code, not one of ours."""
    last = getattr(sys, "last_value", None)
    return getattr(last, "earlier", last)


def _shell() -> Any:  # noqa: ANN401 - IPython's, of many versions
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython  # noqa: PLC0415 - not known outside of IPython

    return get_ipython()


def _variables() -> Mapping[str, object]:
    shell = _shell()
    return {} if shell is None else shell.user_ns


def _hidden() -> Sequence[str]:
    shell = _shell()
    return [] if shell is None else [*list(shell.user_ns_hidden), "In", "Out"]


def _cells() -> Sequence[int]:
    shell = _shell()
    if shell is None:
        return []
    sources = list(shell.history_manager.input_hist_raw)
    last = len(sources) - 1
    return [
        number
        for number in range(last, max(last - _CELLS, 0), -1)
        if sources[number].strip()
    ]


def _cell(number: int) -> CellText | None:
    shell = _shell()
    if shell is None:
        return None
    sources = list(shell.history_manager.input_hist_raw)
    if not 0 < number < len(sources) or not sources[number].strip():
        return None
    return CellText(sources[number], tuple(_outputs(shell, number)))


def _outputs(shell: Any, number: int) -> list[str]:  # noqa: ANN401 - as above
    """Return what a cell printed and returned, and the error that it ended with."""
    history = shell.history_manager
    # Older versions of IPython keep only the result.
    recorded = getattr(history, "outputs", {})
    found = [_text(each) for each in list(recorded.get(number, ()))]
    if not any(found):
        result = getattr(history, "output_hist_reprs", {}).get(number)
        found.append(result if isinstance(result, str) else "")
    raised = getattr(history, "exceptions", {}).get(number)
    if isinstance(raised, dict):
        found.append(f"{raised.get('ename')}: {raised.get('evalue')}")
    return [text for text in found if text.strip()]


def _text(output: Any) -> str:  # noqa: ANN401 - as above
    """Return an output as text; "" for one that is only a picture."""
    bundle = getattr(output, "bundle", None)
    if not isinstance(bundle, dict):
        return ""
    text = (
        bundle.get("stream") or bundle.get("text/markdown") or bundle.get("text/plain")
    )
    if isinstance(text, list):
        # Printed piece by piece.
        text = "".join(str(piece) for piece in text[-_LONGEST:])
    return str(text or "")[-_LONGEST:]
