"""What a command is, and the table of them all.

Each command is declared once: its name, its parameters as a pydantic model, the
coroutine that does it, and how what it does is shown. The magics, completion, help
and the functions of the package are read from the table.
"""

from __future__ import annotations

import html
from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import InputError, UsageError
from ..fuzzy import near
from ..markdown.sanitize import sanitize

if TYPE_CHECKING:
    from ..application import Parllama
    from ..jobs import Job

__all__ = [
    "Argument",
    "Call",
    "Check",
    "Command",
    "Notebook",
    "Offer",
    "Opening",
    "Option",
    "Params",
    "Report",
    "find",
]


Offer: TypeAlias = "Callable[[Parllama, Sequence[str]], Iterable[str]]"
"""What may stand after some words of a line."""


@dataclass(frozen=True, slots=True)
class Option:
    """How a field is written on a magic's line: `-t 0.5` or `--temperature 0.5`.

    Without a `metavar` it takes no value. What may `repeat` is a sequence of values.
    One with a `bare` value may be written without any, and takes another after `=`
    only: the next word is not its own. A `cell` option has a meaning in a notebook's
    cell only, and none for the functions of the package.
    """

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    values: Literal["", "model"] = ""
    cell: bool = False
    repeat: bool = False
    bare: str | None = None

    @property
    def written(self) -> str:
        """The flags and what stands behind them."""
        flags = ", ".join(self.flags)
        if self.bare is not None:
            return f"{flags}[={self.metavar}]"
        return f"{flags} {self.metavar}".strip()


@dataclass(frozen=True, slots=True)
class Argument:
    """How a positional field is written; `rest` takes the rest of the line as it is.

    `many` takes all words that are left, as a tuple. `cell` says that in a cell magic
    the field is the cell's body. `values` names what completion offers, or is asked for
    it with the words that stand before.
    """

    metavar: str
    help: str
    rest: bool = False
    many: bool = False
    cell: bool = False
    values: Literal["", "model", "command", "job", "action"] | Offer = ""


class Params(BaseModel):
    """Parameters of a command. Each field carries an `Option` or an `Argument`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the doctor looked at, and `remedy`, which mends it where it is not ok.

    `ok` is None for what is not set up and need not be.
    """

    what: str
    ok: bool | None
    found: str
    remedy: str = ""


async def _nobody(what: str) -> str:
    message = f"There is nobody here to type it: {what}."
    raise InputError(message)


@dataclass(frozen=True, slots=True)
class Notebook:
    """What a command may know of the notebook that calls it.

    `name` tells notebooks apart, `cell_id` their cells (None where the front end does
    not say). `namespace` holds the user's variables and `last_error` the text of the
    last traceback. `assign` sets a variable. `checks` is what the doctor cannot see by
    itself: the front end and the kernel. `ask` has the user type what its argument
    names, unseen, and raises InputError where nobody can.
    """

    name: str
    cell_id: str | None = None
    namespace: Mapping[str, Any] = field(default_factory=dict, repr=False)
    last_error: Callable[[], str | None] = lambda: None
    assign: Callable[[str, object], None] = lambda _name, _value: None
    checks: Callable[[], list[Check]] = list
    ask: Callable[[str], Awaitable[str]] = _nobody


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command, as its coroutine gets it."""

    app: Parllama
    notebook: Notebook
    job: Job[Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What most commands give: some Markdown.

    Words that are not ours (a prompt, a server's message) stand in it by `literal`.
    """

    text: str

    @property
    def markdown(self) -> str:
        """The text as Markdown that is safe to show."""
        return sanitize(self.text)

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ANN401, FBT001 - IPython's
        del cycle
        printer.text(str(self))

    def __str__(self) -> str:
        return html.unescape(self.text)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a command gives that opens a view.

    `view` names it in the table of `notebook.run`, `subject` is what it shows, and
    `text` stands for it where no view can be shown.
    """

    view: str
    subject: Any
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a user can ask for.

    `run` does it, on the service loop. `prepare` may complete the parameters first,
    on the caller's thread: what it reads of the notebook is read when the cell runs.
    A `live` command is shown while it runs: one that `answers` by the answer it gives
    as that comes, any other by how far it is. What cannot be understood of the line of
    a `private` one may be a secret in the wrong place: it is not repeated.
    """

    name: str
    summary: str
    params: type[Params]
    run: Callable[[Any, Call], Coroutine[Any, Any, Any]]
    prepare: Callable[[Any, Notebook], Any] = lambda params, _notebook: params
    live: bool = False
    answers: bool = False
    private: bool = False
    examples: tuple[str, ...] = ()

    def arguments(self) -> dict[str, Argument]:
        """The positional fields in order."""
        return _marked(self.params, Argument)

    def options(self) -> dict[str, Option]:
        """The fields that are options, in order."""
        return _marked(self.params, Option)

    def validated(self, values: Mapping[str, object]) -> Params:
        """Parameters from what was typed or passed.

        Raises:
            UsageError: a value that is missing, unknown or of the wrong kind.

        """
        problem = None
        try:
            return self.params.model_validate(values)
        except ValidationError as error:
            problem = error.errors()[0]
        raise self._explain(problem)

    def _explain(self, problem: Mapping[str, Any]) -> UsageError:
        name = str(problem["loc"][0]) if problem["loc"] else ""
        options, arguments = self.options(), self.arguments()
        hint = f"%parllama help {self.name}"
        if problem["type"] == "extra_forbidden":
            offered = near(name, [*options, *arguments], 1, cutoff=0.6)
            also = f"Did you mean {offered[0]}? " if offered else ""
            return UsageError(f"{self.name} has no {name!r}.", hint=also + hint)
        shown = options[name].flags[-1] if name in options else name
        if name in arguments:
            shown = arguments[name].metavar
        if problem["type"] == "missing":
            return UsageError(f"{self.name} wants {shown}.", hint=hint)
        reason = str(problem["msg"]).removeprefix("Value error, ")
        if problem["type"] == "value_error":
            return UsageError(f"{reason}.", hint=hint)
        return UsageError(f"{shown}: {reason}.", hint=hint)


def find(commands: Mapping[str, Command], name: str) -> Command:
    """A command by its name.

    Raises:
        UsageError: there is none; the hint names the nearest.

    """
    command = commands.get(name)
    if command is not None:
        return command
    offered = near(name, commands, 1)
    hint = f"Did you mean {offered[0]}?" if offered else "%parllama help lists them."
    if not offered:
        hint += " To ask a question: %parllama ask TEXT."
    message = f"There is no command {name!r}."
    raise UsageError(message, hint=hint)


def _marked(params: type[Params], kind: type[Any]) -> dict[str, Any]:
    return {
        info.alias or name: mark
        for name, info in params.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, kind)
    }
