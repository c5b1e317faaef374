"""What a command is, and how one is found in the table of all commands.

Each command is declared once: its name, its parameters as a pydantic model, the
coroutine that runs it, and how its result is shown. The magics, completion, help and
the functions of the package are derived from the table.
"""

from __future__ import annotations

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
    "find",
]


Offer: TypeAlias = "Callable[[Parllama, Sequence[str]], Iterable[str]]"
"""Returns what completion offers after the words of a line."""


@dataclass(frozen=True, slots=True)
class Option:
    """How a field is written on a magic's line: `-t 0.5` or `--temperature 0.5`.

    An option without a `metavar` takes no value. If it may `repeat`, its field is a
    sequence. An option with a `bare` value may be written alone, which means that
    value; any other value follows after `=`, never as the next word. A `cell` option
    exists in a notebook's cell only, not for the functions of the package. Help lists
    the options of a `group` under that title. `values` is that of an `Argument`.
    """

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    values: Literal["", "model", "file"] | Offer = ""
    cell: bool = False
    repeat: bool = False
    bare: str | None = None
    group: str = ""

    @property
    def written(self) -> str:
        """The flags with the metavar, as help shows them."""
        flags = ", ".join(self.flags)
        if self.bare is not None:
            return f"{flags}[={self.metavar}]"
        return f"{flags} {self.metavar}".strip()


@dataclass(frozen=True, slots=True)
class Argument:
    """How a positional field is written.

    `rest` takes the rest of the line as it is, `many` all remaining words as a tuple.
    In a cell magic, a `cell` field is the cell's body. `values` names what completion
    offers, or is called with the words before.
    """

    metavar: str
    help: str
    rest: bool = False
    many: bool = False
    cell: bool = False
    values: Literal["", "model", "command", "job", "action"] | Offer = ""


class Params(BaseModel):
    """Parameters of a command. Each field is annotated by an `Option` or `Argument`."""

    # Built when first used: a cell needs the parameters of one command.
    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, defer_build=True
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the doctor, with the `remedy` to apply if it is not ok.

    `found` is Markdown; `remedy` is plain text, with commands in backticks. `ok` is
    None for something optional that is not set up.
    """

    what: str
    ok: bool | None
    found: str
    remedy: str = ""


async def _no_input(what: str) -> str:
    message = f"There is no way to ask for this here: {what}."
    raise InputError(message)


@dataclass(frozen=True, slots=True)
class Notebook:
    """What a command can see of the notebook that calls it.

    `name` identifies the notebook, `cell_id` the cell (None if the front end does not
    send it). `namespace` holds the user's variables; `last_error` returns the text of
    the last traceback. `assign` sets a variable, `next_cell` puts a text into a new
    cell below. `checks` returns the doctor's checks of the front end and the kernel.
    `ask` returns hidden input for the prompt it is given, and raises InputError if
    there is no way to ask.
    """

    name: str
    cell_id: str | None = None
    namespace: Mapping[str, Any] = field(default_factory=dict, repr=False)
    last_error: Callable[[], str | None] = lambda: None
    assign: Callable[[str, object], None] = lambda _name, _value: None
    next_cell: Callable[[str], None] = lambda _text: None
    checks: Callable[[], list[Check]] = list
    ask: Callable[[str], Awaitable[str]] = _no_input


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command, as its coroutine gets it."""

    app: Parllama
    notebook: Notebook
    job: Job[Any]


@dataclass(frozen=True, slots=True)
class Opening:
    """The result of a command that opens a view.

    `view` is its name in `notebook.views`, `subject` what it shows. `text` is shown
    instead if there is no front end for views.
    """

    view: str
    subject: Any
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    `group` is the title under which help lists it, beside its neighbours in the table
    of all commands; one that belongs `to` another is named in the summary of that.
    `run` executes it on the service loop. `prepare` may complete the parameters before,
    on the caller's thread, so that it reads the notebook as it is when the cell runs. A
    `live` command, which its parameters may tell, is shown while it runs: by its
    streaming answer if it `answers`, else by its progress; it is in the list of jobs
    unless it is a `follower` of another job that is. An error in the line of a
    `private` command does not repeat the line, which may hold a secret in the wrong
    place.
    """

    name: str
    group: str
    summary: str
    params: type[Params]
    run: Callable[[Any, Call], Coroutine[Any, Any, Any]]
    prepare: Callable[[Any, Notebook], Any] = lambda params, _notebook: params
    live: bool | Callable[[Any], bool] = False
    answers: bool = False
    follower: bool = False
    private: bool = False
    to: str = ""
    examples: tuple[str, ...] = ()

    def is_live(self, params: Params) -> bool:
        """Returns whether it is shown while it runs."""
        return self.live(params) if callable(self.live) else self.live

    def arguments(self) -> dict[str, Argument]:
        """Returns the positional fields in order."""
        return _marked(self.params, Argument)

    def options(self) -> dict[str, Option]:
        """Returns the fields that are options, in order."""
        return _marked(self.params, Option)

    def validated(self, values: Mapping[str, object]) -> Params:
        """Returns the parameters from values that were typed or passed.

        Raises:
            UsageError: a value is missing, unknown or of the wrong type.

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
        hint = f"See %parllama help {self.name}."
        if problem["type"] == "extra_forbidden":
            offered = near(name, [*options, *arguments], 1, cutoff=0.6)
            also = f"Did you mean {offered[0]}? " if offered else ""
            return UsageError(f"{self.name} has no {name!r}.", hint=also + hint)
        shown = options[name].flags[-1] if name in options else name
        if name in arguments:
            shown = arguments[name].metavar
        if problem["type"] == "missing":
            return UsageError(f"{self.name} needs {shown}.", hint=hint)
        reason = str(problem["msg"]).removeprefix("Value error, ")
        if problem["type"] == "value_error":
            return UsageError(f"{reason}.", hint=hint)
        # "Input should be a valid number, unable to parse string as a number"
        rule, *_ = reason.removeprefix("Input should ").partition(", unable to")
        if rule != reason:
            return UsageError(f"{shown} must {rule}.", hint=hint)
        return UsageError(f"{shown}: {reason}.", hint=hint)


def find(commands: Mapping[str, Command], name: str) -> Command:
    """Returns a command by its name.

    Raises:
        UsageError: there is no such command; the hint names the nearest.

    """
    command = commands.get(name)
    if command is not None:
        return command
    offered = near(name, commands, 1)
    hint = "%parllama help lists all commands. To ask a question: %parllama ask TEXT."
    if offered:
        hint = f"Did you mean {offered[0]}?"
    message = f"There is no command {name!r}."
    raise UsageError(message, hint=hint)


def _marked(params: type[Params], kind: type[Any]) -> dict[str, Any]:
    return {
        info.alias or name: mark
        for name, info in params.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, kind)
    }
