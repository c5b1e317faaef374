"""Fills the parameters of `ask` from the notebook, as it is when the cell runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..attachments.sources import named_value
from ..errors import UsageError
from ..output_schema import OutputSchema
from ..prompting.fill import Filled, fill
from ..prompting.images import image_part
from .question import EMPTY, AskParams
from .table import Notebook

__all__ = ["prepare"]


def prepare(params: AskParams, notebook: Notebook) -> AskParams:
    """Fill `{{name}}` from the notebook and choose the conversation."""

    def filled(text: str) -> Filled:
        return fill(text, notebook.namespace, last_error=notebook.last_error)

    prompt, system = filled(params.prompt), filled(params.system or "")
    values = {
        name: filled(value)
        for name, value in params.variables.items()
        if isinstance(value, str)
    }
    if not prompt.text.strip() and params.library_prompt is None:
        hint = f"What it names is blank: {params.prompt.strip():.80}"
        raise UsageError(EMPTY, hint=hint)
    literals = (each.literal for each in (system, prompt, *values.values()))
    literal = tuple(dict.fromkeys(name for names in literals for name in names))
    notes = params.notes
    if literal:
        names = ", ".join(f"{{{{{name}}}}}" for name in literal[:3])
        more = "…" if len(literal) > len(literal[:3]) else ""
        notes = (*notes, f"sent literally: {names}{more}")
    session = params.session
    if session is None and params.follow:
        session = notebook.name
    space = notebook.namespace
    return params.model_copy(
        update={
            "output_schema": _named_schema(params.output_schema, space),
            "image": tuple(_attached(each, space) for each in params.image),
            "files": tuple(_attached(each, space) for each in params.files),
            "prompt": prompt.text,
            "variables": {
                **params.variables,
                **{name: value.text for name, value in values.items()},
            },
            "system": None if params.system is None else system.text,
            "session": session,
            "notes": notes,
        }
    )


def _attached(value: object, namespace: Mapping[str, Any]) -> object:
    """Returns what an option names. A figure is drawn as it is when the cell runs.

    Raises:
        UsageError: there is no such variable, file or address.

    """
    if isinstance(value, str):
        value = named_value(value, namespace)
    if isinstance(value, bytearray | memoryview):
        return bytes(value)  # it may be changed while the answer comes
    return value if isinstance(value, str | Path | bytes) else image_part(value)


def _named_schema(value: object, namespace: Mapping[str, Any]) -> object:
    """Returns the schema that `--json=VAR` names; any JSON for `--json` alone.

    Raises:
        UsageError: there is no such variable, or it does not hold a schema.

    """
    if not isinstance(value, str):
        return value
    if not value:
        return OutputSchema.of({})
    if not value.isidentifier():
        message = "--json takes the name of a variable that holds a schema."
        hint = "Put the schema into a variable: schema = {...}, then --json=schema."
        raise UsageError(message, hint=hint)
    if value not in namespace:
        message = f"--json={value}: there is no variable {value!r:.80}."
        hint = "It should hold a pydantic model, a dataclass or a JSON schema."
        raise UsageError(message, hint=hint)
    return OutputSchema.of(namespace[value])
