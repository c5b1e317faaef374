"""Answers what is asked of slash commands."""

from __future__ import annotations

from ....errors import UsageError
from ..._requests import request
from .command import SlashCall
from .protocol import (
    CommandDone,
    CommandOptions,
    CommandParams,
    SlashData,
    SlashTable,
)
from .table import GROUPS, find

__all__ = ["SlashRequests"]


class SlashRequests:
    """Lists, completes and runs slash commands."""

    def __init__(self, call: SlashCall) -> None:
        self._call = call

    @request
    async def on_commands(self) -> SlashTable:
        """List the commands."""
        return SlashTable(
            commands=[
                SlashData(
                    name=each.name,
                    arguments=each.arguments,
                    help=each.help,
                    aliases=list(each.aliases),
                    group="" if each.hidden else group,
                    question=each.question,
                    decision=each.decision,
                    offers=each.offers is not None,
                )
                for group, commands in GROUPS.items()
                for each in commands
            ]
        )

    @request
    async def on_complete(self, params: CommandParams) -> CommandOptions:
        """List what the argument of a command may be."""
        command, _ = find(params.name)
        if command.offers is None:
            return CommandOptions(options=[])
        options = await command.offers(self._call, params.argument)
        return CommandOptions(options=options)

    @request
    async def on_command(self, params: CommandParams) -> CommandDone:
        """Run a command."""
        command, part = find(params.name)
        argument = f"{part} {params.argument}".strip()
        self._refuse_if_locked()
        command.check(argument)
        if command.question and not params.confirmed:
            message = f"/{command.name} has to be confirmed."
            raise UsageError(message, hint=command.question)
        typed = f"/{params.name} {params.argument}".rstrip()
        with self._call.composer.given_back(self._call.session, typed):
            return await command.run(self._call, argument)

    def _refuse_if_locked(self) -> None:
        if self._call.session.locked:
            message = "The conversation is locked."
            raise UsageError(message, hint=self._call.session.locked)
