"""The placeholders that a library prompt declares."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["INPUT", "Variable"]

INPUT = "input"
"""The variable that stands for what the user asks with the prompt."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A placeholder `{{name}}` that is filled in when the prompt is used.

    Without a `default` (None) a value has to be given. A default may name other
    variables of the prompt.
    """

    name: str
    default: str | None = None
    description: str = ""
