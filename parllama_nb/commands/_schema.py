"""JSON schemas as they are given: a dict, a pydantic model, the name of a variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import UsageError

__all__ = ["named_schema", "schema_of"]


def named_schema(value: object, namespace: Mapping[str, Any]) -> object:
    """A schema from what stands after `--json=`: nothing, or a variable's name.

    Raises:
        UsageError: there is no such variable, or it holds no schema.

    """
    if not isinstance(value, str):
        return value
    if not value:
        return {}
    if value not in namespace:
        message = f"--json={value}: there is no variable {value!r:.80}."
        raise UsageError(message, hint="It should hold a JSON schema, as a dict.")
    return schema_of(namespace[value])


def schema_of(value: object) -> dict[str, Any]:
    """A JSON schema from a dict or a pydantic model.

    Raises:
        UsageError: it is neither.

    """
    if isinstance(value, Mapping):
        return dict(value)
    made = getattr(value, "model_json_schema", None) or getattr(
        value, "json_schema", None
    )
    if callable(made):
        return dict(made())
    message = f"A {type(value).__name__} is no JSON schema."
    raise UsageError(message, hint="Give a dict or a pydantic model; {} is any JSON.")
