"""What completion offers after an `@`: names of the notebook, their columns and keys.

Nothing of a value's own code is run, so that it is safe on the service loop, whatever a
cell does meanwhile: only classes that are known are asked for their shape.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..fuzzy import score
from ..secret import Secret
from .describing.budget import cut_line
from .describing.kinds import TRUSTED, is_a, package, summary
from .kernel_names import KernelNames
from .secret_names import hides, looks_secret
from .value_paths import MISSING, NAME, STEPS, constant_steps

__all__ = ["NameOffer", "offers"]

_CELLS = 10
_CODE = (type, types.FunctionType, types.BuiltinFunctionType)
_MEMBERS = 2_000
_LINE = 60
_TYPED = re.compile(
    rf"(?P<name>{NAME})(?P<steps>{STEPS})"
    r"(?:\.(?P<attribute>\w{0,99})|\[(?P<quote>[\"']?)(?P<key>[^\"'\]\n]{0,200}))"
)


@dataclass(frozen=True, slots=True)
class NameOffer:
    """One completion: what stands after the `@`, and what it is in a few words."""

    text: str
    about: str = ""


def offers(typed: str, names: KernelNames, *, limit: int = 50) -> list[NameOffer]:
    """Return what may follow an `@`, the best first.

    Args:
        typed: what was typed after the `@` so far.
        names: what can be mentioned.
        limit: how many at most.

    """
    variables = names.snapshot()
    if match := _TYPED.fullmatch(typed):
        name = match["name"]
        if name == "cell" and name not in variables:
            wanted = match["key"] or ""
            cells = [
                each for each in _cells(names) if each.text.startswith(f"cell[{wanted}")
            ]
            return cells[:limit]
        return list(islice(_members(match, variables.get(name, MISSING)), limit))
    hidden = frozenset(names.hidden())
    ranked: list[tuple[tuple[bool, int, float, int], NameOffer]] = []
    for number, (name, value) in enumerate(variables.items()):
        if name in hidden or hides(name, value) or type(value) is Secret:
            continue
        fit = score(typed, name)
        if fit == 0.0 or (name.startswith("_") and not typed.startswith("_")):
            continue
        # With nothing typed the newest names come first.
        begins = name.lower().startswith(typed.lower())
        rank = (not begins, _rank(value), -fit, -number)
        ranked.append((rank, NameOffer(name, summary(value))))
    ranked.sort(key=lambda each: each[0])
    found = [offer for _, offer in ranked]
    special = [*_error(names, variables), *_cells(names, variables)]
    matching = [each for each in special if not typed or each.text.startswith(typed)]
    room = limit - len(matching)
    return [*found[: max(room, limit // 2)], *matching][:limit]


def _rank(value: object) -> int:
    """Return 0 for data, 1 for code, 2 for modules."""
    cls = type(value)
    if issubclass(cls, types.ModuleType):
        return 2
    return int(issubclass(cls, _CODE))


def _error(names: KernelNames, variables: dict[str, object]) -> Iterator[NameOffer]:
    error = names.error() if "error" not in variables else None
    if error is not None:
        yield NameOffer("error", f"the last one: {type(error).__name__}")


def _cells(
    names: KernelNames, variables: dict[str, object] | None = None
) -> Iterator[NameOffer]:
    if variables and "cell" in variables:
        return
    for number in islice(names.cells(), _CELLS):
        cell = names.cell(number)
        if cell is not None:
            lines = (line.strip() for line in cell.source.splitlines())
            first = next(filter(None, lines), "")
            yield NameOffer(f"cell[{number}]", cut_line(first, _LINE))


def _members(match: re.Match[str], value: object) -> Iterator[NameOffer]:
    """Give the columns, keys and attributes that continue a path."""
    name, steps = match["name"], match["steps"]
    if value is MISSING or hides(name, value):
        return
    for step in constant_steps(steps):
        value = _child(value, step)
        if value is MISSING or hides(str(step), value):
            return
    before = f"{name}{steps}"
    dotted = match["attribute"] is not None
    typed = (match["attribute"] if dotted else match["key"]) or ""
    found = []
    for key, child, about in _children(value, dotted=dotted):
        fit = score(typed, str(key))
        if fit == 0.0 or (isinstance(key, str) and _is_hidden(key, child)):
            continue
        written = f".{key}" if dotted else f"[{_literal(key)}]"
        found.append((-fit, NameOffer(f"{before}{written}", about or summary(child))))
    found.sort(key=lambda each: each[0])
    yield from (offer for _, offer in found)


def _is_hidden(key: str, child: object) -> bool:
    return hides(key, child) if child is not MISSING else looks_secret(key)


def _literal(key: object) -> str:
    return json.dumps(key, ensure_ascii=False) if isinstance(key, str) else str(key)


def _child(value: object, step: str | int) -> object:
    """Return an item or attribute without code of the value's own."""
    if type(value) is dict:
        return dict.get(value, step, MISSING)
    if type(value) in {list, tuple} and isinstance(step, int):
        try:
            return value[step]  # type: ignore[index]
        except IndexError:
            return MISSING
    held = _attributes(value)
    return held.get(step, MISSING) if isinstance(step, str) else MISSING


def _children(
    value: Any,  # noqa: ANN401 - any value
    *,
    dotted: bool,
) -> Iterable[tuple[object, object, str]]:
    """Return the names that continue a path, each with its value or what it is."""
    if package(type(value)) in TRUSTED and is_a(
        value, ("pandas", "DataFrame"), ("polars", "DataFrame")
    ):
        columns = zip(value.columns[:_MEMBERS], list(value.dtypes), strict=False)
        return [
            (name, MISSING, f"column {str(dtype)[:_LINE]}")
            for name, dtype in columns
            if isinstance(name, str) and (name.isidentifier() or not dotted)
        ]
    if type(value) is dict and not dotted:
        try:
            items = list(islice(value.items(), _MEMBERS))
        except RuntimeError:
            # A cell has changed it meanwhile.
            return []
        return [(key, each, "") for key, each in items if type(key) in {str, int}]
    if dotted:
        held = _attributes(value)
        return [(name, each, "") for name, each in held.items() if name[:1] != "_"]
    return []


def _attributes(value: object) -> dict[str, object]:
    if issubclass(type(value), type):
        return {}
    try:
        held = object.__getattribute__(value, "__dict__")
        return dict(held) if type(held) is dict else {}
    except (AttributeError, RuntimeError):
        return {}
