"""help: describes the commands, from the table that declares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Annotated, TypeVar

from ..markdown.sanitize import escape
from .report import Report, table
from .table import Argument, Call, Command, Params, find

__all__ = ["HelpParams", "command", "usage"]

T = TypeVar("T")

_EXAMPLES = (
    ("%parllama ask What is a monad?", "One question on one line."),
    ("%%parllama ollama/llama3.2", "The cell below this line is the question."),
    ("%%parllama -c -o answer", "Go on from the last cell; keep the answer."),
)
"""What to type first, and what it does."""

_NAME = "help"

_MANY = 6
"""Commands of a group that have a line each in the overview; more share one."""


class HelpParams(Params):
    """All commands, or one."""

    command: Annotated[
        str | None, Argument("COMMAND", "Describe this one.", values="command")
    ] = None


def command(commands: Mapping[str, Command]) -> Command:
    """Makes the help command for a table, which will hold it too."""

    async def run(params: HelpParams, call: Call) -> Report:
        del call
        if params.command is None:
            return Report(_overview(commands))
        return Report(_one(find(commands, params.command)))

    return Command(
        name=_NAME,
        group="Notebook",
        summary="Show this help, or that of one command.",
        params=HelpParams,
        run=run,
        examples=("%parllama help", "%parllama help ask"),
    )


def usage(command: Command) -> str:
    """Returns how a command is written, in one line."""
    words = [f"%parllama {command.name}"]
    if command.options():
        words.append("[OPTIONS]")
    for name, argument in command.arguments().items():
        required = command.params.model_fields[name].is_required()
        written = f"{argument.metavar}{' ...' if argument.many else ''}"
        words.append(written if required else f"[{written}]")
    return " ".join(words)


def _overview(commands: Mapping[str, Command]) -> str:
    """Returns all commands, in no more lines than a terminal has."""
    rows = [(f"`{line}`", escape(what)) for line, what in _EXAMPLES]
    listed: list[tuple[str, str, str]] = []
    # Whoever reads this has found help.
    shown = [each for each in commands.values() if not each.to and each.name != _NAME]
    for name, grouped in groupby(shown, lambda each: each.group):
        members = [*grouped]
        if len(members) > _MANY:
            names = " ".join(f"`{each.name}`" for each in members)
            listed.append((escape(name), "", names))
            continue
        listed += [
            (escape(group), f"`{each.name}`", escape(each.summary))
            for group, each in _titled(name, members)
        ]
    end = (
        "`%parllama help COMMAND` lists its options. `{{name}}` is filled from the "
        "notebook."
    )
    blocks = [table(("", ""), rows), table(("", "", ""), listed), end]
    return "\n\n".join(blocks)


def _one(command: Command) -> str:
    lines = [f"**{command.name}**: {command.summary}", "", f"`{usage(command)}`", ""]
    rows: list[tuple[str, ...]] = [
        ("", f"`{argument.metavar}`", argument.help)
        for argument in command.arguments().values()
    ]
    options = list(command.options().values())
    for group in dict.fromkeys(option.group for option in options):
        members = [option for option in options if option.group == group]
        rows += [
            (escape(title), f"`{option.written}`", option.help)
            for title, option in _titled(group, members)
        ]
    if not any(title for title, *_ in rows):
        rows = [row[1:] for row in rows]
    if rows:
        lines.append(table(("",) * len(rows[0]), rows))
    if command.examples:
        lines += ["", "```", *command.examples, "```"]
    return "\n".join(lines)


def _titled(title: str, members: Iterable[T]) -> Iterator[tuple[str, T]]:
    """Yields the members of a group, the first with its title."""
    for member in members:
        yield title, member
        title = ""
