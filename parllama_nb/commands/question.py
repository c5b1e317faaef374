"""A question as it is typed: its options, checked, and filled from the notebook."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator

from ..errors import UsageError
from ..output_schema import OutputSchema
from ..prompts.fill import Filled, fill
from ..prompts.images import image_part, named
from ..providers.messages import OPTIONS, Reasoning
from ._table import Argument, Notebook, Option, Params

__all__ = ["AskParams", "options_of", "prepare"]


class AskParams(Params):
    """What a question may carry."""

    prompt: Annotated[
        str, Argument("TEXT", "The question, sent as written.", rest=True, cell=True)
    ]
    model: Annotated[
        tuple[str, ...],
        Option(
            ("-m", "--model"),
            "Which model answers: provider/model. Several answer side by side.",
            "MODEL",
            "model",
            repeat=True,
        ),
    ] = ()
    system: Annotated[
        str | None, Option(("-s", "--system"), "A system prompt.", "TEXT")
    ] = None
    output: Annotated[
        str | None,
        Option(
            ("-o", "--output"), "Set this variable to the Answer.", "VAR", cell=True
        ),
    ] = None
    temperature: Annotated[
        float | None,
        Field(ge=0, le=2),
        Option(("-t", "--temperature"), "0 is steady, 1 is lively.", "F"),
    ] = None
    max_tokens: Annotated[
        int | None,
        Field(ge=1),
        Option(("--max-tokens",), "Stop after this many tokens.", "N"),
    ] = None
    seed: Annotated[
        int | None,
        Option(("--seed",), "The same seed, the same answer, where supported.", "N"),
    ] = None
    top_p: Annotated[
        float | None,
        Field(gt=0, le=1),
        Option(("--top-p",), "Choose among the likeliest tokens of this share.", "F"),
    ] = None
    top_k: Annotated[
        int | None,
        Field(ge=1),
        Option(("--top-k",), "Choose among this many likeliest tokens.", "N"),
    ] = None
    stop: Annotated[
        tuple[str, ...],
        Option(
            ("--stop",),
            "End the answer before this text; may be repeated.",
            "TEXT",
            repeat=True,
        ),
    ] = ()
    reasoning: Annotated[
        Reasoning | None,
        Option(
            ("--reasoning",),
            "How much to think first: off, low, medium or high.",
            "LEVEL",
        ),
    ] = None
    reasoning_budget: Annotated[
        int | None,
        Field(ge=1),
        Option(("--reasoning-budget",), "Think for at most so many tokens.", "N"),
    ] = None
    # The name of pydantic's own deprecated method, so it goes by its alias in Python.
    output_schema: Annotated[
        # An OutputSchema; of a cell, the name of a variable that holds one.
        Any,
        Field(alias="schema"),
        Option(
            ("--json",),
            "Answer in JSON, or in JSON that fits a schema: a pydantic model, a "
            "dataclass or a dict in that variable.",
            "VAR",
            bare="",
        ),
    ] = None
    context_window: Annotated[
        int | None,
        Field(ge=1),
        Option(("--context-window",), "Load the model with so many tokens.", "N"),
    ] = None
    keep_alive: Annotated[
        str | None,
        Option(("--keep-alive",), "Keep the model loaded: 5m, 0, or -1.", "TIME"),
    ] = None
    image: Annotated[
        tuple[Any, ...],
        Option(
            ("--image",),
            "Show it a picture: a file, or a variable with a figure, an image or "
            "bytes; may be repeated.",
            "PICTURE",
            repeat=True,
        ),
    ] = ()
    follow: Annotated[
        bool,
        Option(
            ("-c", "--continue"),
            "Go on from this notebook's earlier -c cells.",
            cell=True,
        ),
    ] = False
    session: Annotated[
        str | None, Option(("--session",), "Continue the conversation NAME.", "NAME")
    ] = None
    background: Annotated[
        bool, Option(("--background",), "Answer while other cells run.", cell=True)
    ] = False
    notes: tuple[str, ...] = ()
    """Remarks for the footer."""
    before: tuple[Any, ...] = ()
    """Messages that are sent before the question."""

    @field_validator("prompt")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if value.strip():
            return value
        message = "The prompt is empty"
        raise ValueError(message)

    @field_validator("model", "stop", "image", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        """One value is a sequence of one, and none an empty one."""
        if value is None:
            return ()
        return tuple(value) if isinstance(value, list | tuple) else (value,)

    @field_validator("output_schema")
    @classmethod
    def _a_schema(cls, value: object) -> object:
        if value is None or isinstance(value, str):
            return value
        return OutputSchema.of(value)

    @field_validator("output")
    @classmethod
    def _a_name(cls, value: str | None) -> str | None:
        if value is None or (value.isidentifier() and not keyword.iskeyword(value)):
            return value
        message = f"{value!r} cannot be a variable's name"
        raise ValueError(message)


def prepare(params: AskParams, notebook: Notebook) -> AskParams:
    """Fill `{{name}}` from the notebook and choose the conversation."""

    def filled(text: str) -> Filled:
        return fill(text, notebook.namespace, last_error=notebook.last_error)

    prompt, system = filled(params.prompt), filled(params.system or "")
    literal = tuple(dict.fromkeys((*system.literal, *prompt.literal)))
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
            "image": tuple(
                image_part(named(each, space) if isinstance(each, str) else each)
                for each in params.image
            ),
            "prompt": prompt.text,
            "system": None if params.system is None else system.text,
            "session": session,
            "notes": notes,
        }
    )


def options_of(params: AskParams) -> dict[str, Any]:
    """The options of a request that were set."""
    named = {name: getattr(params, name, None) for name in OPTIONS}
    return {name: value for name, value in named.items() if value not in (None, ())}


def _named_schema(value: object, namespace: Mapping[str, Any]) -> object:
    """The schema that `--json=VAR` names; any JSON for `--json` alone.

    Raises:
        UsageError: there is no such variable, or it holds no schema.

    """
    if not isinstance(value, str):
        return value
    if not value:
        return OutputSchema.of({})
    if value not in namespace:
        message = f"--json={value}: there is no variable {value!r:.80}."
        hint = "It should hold a pydantic model, a dataclass or a JSON schema."
        raise UsageError(message, hint=hint)
    return OutputSchema.of(namespace[value])
