"""help: describes the commands, from the table that declares them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from .table import Argument, Call, Command, Params, Report, find

__all__ = ["HelpParams", "command", "usage"]


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
        name="help",
        summary="Show this help, or that of one command.",
        params=HelpParams,
        run=run,
        examples=("%parllama help ask",),
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
    lines = ["| command | what it does |", "|:---|:---|"]
    lines += [f"| `{usage(each)}` | {each.summary} |" for each in commands.values()]
    lines.append("")
    lines.append(
        "A cell that begins with `%%parllama [MODEL ...] [OPTIONS]` asks the rest of "
        "the cell; several models answer side by side. `%parllama help ask` lists the "
        "options. `{{name}}` is filled from the notebook's variables."
    )
    return "\n".join(lines)


def _one(command: Command) -> str:
    lines = [f"**{command.name}**: {command.summary}", "", f"`{usage(command)}`", ""]
    rows = [
        (argument.metavar, argument.help) for argument in command.arguments().values()
    ]
    rows += [(option.written, option.help) for option in command.options().values()]
    if rows:
        lines += ["| | |", "|:---|:---|"]
        lines += [f"| `{written}` | {text} |" for written, text in rows]
    if command.examples:
        lines += ["", "```python", *command.examples, "```"]
    return "\n".join(lines)
