"""The parameters of `ask`, each declared and checked once."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, field_validator, model_validator

from ..errors import UsageError
from ..fuzzy import near
from ..output_schema import OutputSchema
from ..prompting.library.prompt import Prompt
from ..prompting.library.rendering import Rendered
from ..providers.messages import OPTIONS, Reasoning
from ..surrogates import without_surrogates
from .table import Argument, Option, Params

__all__ = ["EMPTY", "AskParams", "check_names", "options_of", "pairs"]

if TYPE_CHECKING:
    from ..application import Parllama

EMPTY = "The question is empty."
"""What becomes of a question without text: this error, and no request."""


def _offered_prompts(app: Parllama, words: Sequence[str]) -> Iterable[str]:
    from .prompts.names import offered_names  # noqa: PLC0415 - when Tab is pressed

    del words
    return offered_names(app)


class AskParams(Params):
    """A question with its options."""

    prompt: Annotated[
        str, Argument("TEXT", "The question, sent as written.", rest=True, cell=True)
    ]
    model: Annotated[
        tuple[str, ...],
        Option(
            ("-m", "--model"),
            "Ask this model: provider/model. Several answer side by side.",
            "MODEL",
            "model",
            repeat=True,
            group="Model",
        ),
    ] = ()
    context_window: Annotated[
        int | None,
        Field(ge=1),
        Option(
            ("--context-window",),
            "Load a local model with a context of this many tokens.",
            "N",
            group="Model",
        ),
    ] = None
    keep_alive: Annotated[
        str | None,
        Option(
            ("--keep-alive",),
            "Keep a local model loaded for this long: 5m, 0, or -1 for ever.",
            "TIME",
            group="Model",
        ),
    ] = None
    system: Annotated[
        str | None,
        Option(
            ("-s", "--system"),
            'Send this system prompt; "" sends none.',
            "TEXT",
            group="Question",
        ),
    ] = None
    library_prompt: Annotated[
        # The name of one; from Python also a prompt, or one that is filled in.
        Any,
        Option(
            ("-p", "--prompt"),
            "Ask with this prompt of the library: its texts come before yours.",
            "PROMPT",
            _offered_prompts,
            group="Question",
        ),
    ] = None
    variables: Annotated[
        Any,
        Option(
            ("--set",),
            "The value of a variable of that prompt; once for each.",
            "NAME=VALUE",
            repeat=True,
            group="Question",
        ),
    ] = Field(default_factory=dict)
    image: Annotated[
        tuple[Any, ...],
        Option(
            ("--image",),
            "Show the model a file, an address, or a variable that holds a figure, an "
            "image or bytes; may be repeated.",
            "PICTURE",
            "file",
            repeat=True,
            group="Question",
        ),
    ] = ()
    files: Annotated[
        tuple[Any, ...],
        Option(
            ("--file",),
            "Send a document along, PDF, notebook, CSV, text or an image: a path, an "
            "address, or a variable with one; may be repeated.",
            "FILE",
            "file",
            repeat=True,
            group="Question",
        ),
    ] = ()
    follow: Annotated[
        bool,
        Option(
            ("-c", "--continue"),
            "Go on from this notebook's earlier -c cells.",
            cell=True,
            group="Question",
        ),
    ] = False
    session: Annotated[
        str | None,
        Option(
            ("--session",),
            "Go on with the conversation of this name.",
            "NAME",
            group="Question",
        ),
    ] = None
    # Callers use the alias `schema`, which as a field would shadow a pydantic method.
    output_schema: Annotated[
        # An OutputSchema; in a cell, the name of a variable that holds one.
        Any,
        Field(alias="schema"),
        Option(
            ("--json",),
            "Answer in JSON; with a variable, in JSON that fits the pydantic model, "
            "dataclass or JSON schema it holds.",
            "VAR",
            bare="",
            group="Answer",
        ),
    ] = None
    temperature: Annotated[
        float | None,
        Field(ge=0, le=2),
        Option(
            ("-t", "--temperature"),
            "How much answers vary: 0 the least, 2 the most.",
            "F",
            group="Answer",
        ),
    ] = None
    max_tokens: Annotated[
        int | None,
        Field(ge=1),
        Option(("--max-tokens",), "Stop after this many tokens.", "N", group="Answer"),
    ] = None
    stop: Annotated[
        tuple[str, ...],
        Option(
            ("--stop",),
            "End the answer before this text; may be repeated.",
            "TEXT",
            repeat=True,
            group="Answer",
        ),
    ] = ()
    seed: Annotated[
        int | None,
        Option(
            ("--seed",),
            "Give the same answer for the same seed, if the provider supports it.",
            "N",
            group="Answer",
        ),
    ] = None
    top_p: Annotated[
        float | None,
        Field(gt=0, le=1),
        Option(
            ("--top-p",),
            "Choose among the likeliest tokens that together have this share, 0 to 1.",
            "F",
            group="Answer",
        ),
    ] = None
    top_k: Annotated[
        int | None,
        Field(ge=1),
        Option(
            ("--top-k",),
            "Choose among this many of the likeliest tokens.",
            "N",
            group="Answer",
        ),
    ] = None
    reasoning: Annotated[
        Reasoning | None,
        Option(
            ("--reasoning",),
            "How much the model thinks first: off, low, medium or high.",
            "LEVEL",
            group="Thinking",
        ),
    ] = None
    reasoning_budget: Annotated[
        int | None,
        Field(ge=1),
        Option(
            ("--reasoning-budget",),
            "Think for at most this many tokens.",
            "N",
            group="Thinking",
        ),
    ] = None
    output: Annotated[
        str | None,
        Option(
            ("-o", "--output"),
            "Keep the answer in this variable.",
            "VAR",
            cell=True,
            group="Cell",
        ),
    ] = None
    background: Annotated[
        bool,
        Option(
            ("--background",),
            "Answer while other cells run.",
            cell=True,
            group="Cell",
        ),
    ] = False
    dry_run: Annotated[
        bool,
        Option(
            ("--dry-run",),
            "Send nothing: show what would be sent, to the byte.",
            cell=True,
            group="Cell",
        ),
    ] = False
    notes: tuple[str, ...] = ()
    """Remarks for the footer."""
    before: tuple[Any, ...] = ()
    """Messages that are sent before the question."""

    @model_validator(mode="before")
    @classmethod
    def _sendable(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Makes texts sendable; the name of a file may hold what cannot be sent."""
        sendable = {
            name: value
            if name in ("image", "files", "library_prompt", "variables")
            else without_surrogates(value)
            for name, value in values.items()
        }
        if values.get("library_prompt") is not None:
            sendable.setdefault("prompt", "")
        return sendable

    @model_validator(mode="after")
    def _not_blank(self) -> AskParams:
        # A library prompt may ask without another word.
        if self.prompt.strip() or self.library_prompt is not None:
            return self
        raise ValueError(EMPTY.rstrip("."))

    @field_validator("library_prompt")
    @classmethod
    def _a_prompt(cls, value: object) -> object:
        if value is None or isinstance(value, str | Prompt | Rendered):
            return value
        message = f"library_prompt is a name or a prompt, not a {type(value).__name__}"
        raise ValueError(message)

    @field_validator("variables", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        """Makes a dict of what was written NAME=VALUE."""
        return pairs(value)

    @field_validator("model", "stop", "image", "files", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        """Makes one value a sequence of one, and None an empty one."""
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


def pairs(value: object) -> dict[str, Any]:
    """Returns the values of variables by name, from what was written NAME=VALUE.

    Raises:
        ValueError: one was written in another way.

    """
    if isinstance(value, Mapping):
        return dict(value)
    values: dict[str, Any] = {}
    for each in value if isinstance(value, list | tuple) else (value,):
        name, equals, text = str(each).partition("=")
        if not equals:
            message = f"--set takes NAME=VALUE, not {each!r:.60}"
            raise ValueError(message)
        values[name.strip()] = text
    return values


def check_names(names: Iterable[str], known: Sequence[str]) -> None:
    """Check the names of options that a Python function was called with.

    Raises:
        UsageError: one is not known; the hint names the nearest.

    """
    for name in names:
        if name not in known:
            offered = near(name, known, 1, cutoff=0.6)
            available = f"Available: {', '.join(known)}."
            hint = f"Did you mean {offered[0]}?" if offered else available
            message = f"There is no option {name!r} here."
            raise UsageError(message, hint=hint)


def options_of(params: AskParams) -> dict[str, Any]:
    """Returns the options of the request that were set."""
    values = {name: getattr(params, name, None) for name in OPTIONS}
    return {name: value for name, value in values.items() if value not in (None, ())}
