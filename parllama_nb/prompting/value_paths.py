"""Paths to values, found by a pattern and followed step by step: `config["key"].attr`.

Nothing is evaluated and nothing is called.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from types import BuiltinMethodType, MethodType, MethodWrapperType

from ..secret import Secret
from .secret_names import hides

__all__ = [
    "MISSING",
    "NAME",
    "STEPS",
    "Missing",
    "Refused",
    "constant_steps",
    "follow",
    "is_dunder",
]

# Every repetition is bounded, so that a text of nothing but braces is matched fast.
NAME = r"[^\W\d]\w{0,99}"
_STRING = r'"(?:[^"\\\n]|\\.){0,200}"' + r"|'(?:[^'\\\n]|\\.){0,200}'"
STEPS = rf"(?:\.{NAME}|\[(?:-?\d{{1,18}}|{_STRING})\]){{0,20}}"
_STEP = re.compile(rf"\.({NAME})|\[(-?\d{{1,18}}|{_STRING})\]")
_METHODS = (MethodType, BuiltinMethodType, MethodWrapperType)


class Missing:
    """The result of a path that leads nowhere."""


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Refused:
    """The result of a path that must not or cannot be followed.

    `failure` is the class of what reading a step raised; "" if it leads to a secret.
    """

    failure: str = ""


def is_dunder(name: str) -> bool:
    """Whether a name is one of Python's own."""
    return name.startswith("__") and name.endswith("__") and bool(name.strip("_"))


def constant_steps(steps: str) -> list[str | int]:
    """Return the attributes and keys of a path; none for one that is not valid."""
    try:
        return [
            attribute or ast.literal_eval(key)
            for attribute, key in _STEP.findall(steps)
        ]
    except (SyntaxError, ValueError):
        return []


def follow(  # noqa: PLR0911 - one an outcome
    name: str, value: object, steps: str, *, methods: bool = False
) -> object:
    """Follow attributes and keys from the value of a name.

    Returns `MISSING` if one does not exist, `Refused` if the path leads through a
    secret, or to a value that is named like one, or to code that fails. A method counts
    as missing unless it is asked for.
    """
    if isinstance(value, Secret) or hides(name, value):
        return Refused()
    for attribute, key in _STEP.findall(steps):
        if attribute.startswith("_"):
            return MISSING
        try:
            step = attribute or ast.literal_eval(key)
            value = getattr(value, step) if attribute else value[step]  # type: ignore[index]
        except (AttributeError, LookupError, TypeError, SyntaxError, ValueError):
            return MISSING
        except Exception as error:  # noqa: BLE001 - a property may raise anything
            return Refused(type(error).__name__)
        if isinstance(value, Secret) or hides(str(step), value):
            return Refused()
    # Nothing is called, and nobody asks about `<bound method ...>`.
    if steps and not methods and isinstance(value, _METHODS):
        return MISSING
    return value
