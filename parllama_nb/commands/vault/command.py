"""The command vault, which imports its actions, and the vault, when it runs."""

from __future__ import annotations

from ..report import Report
from ..table import Call, Command
from .params import VaultParams

__all__ = ["COMMAND"]


async def vault(params: VaultParams, call: Call) -> Report:
    """Run the action that was requested."""
    from .actions import ACTIONS  # noqa: PLC0415 - imports cryptography

    return await ACTIONS[params.action](params, call)


COMMAND = Command(
    name="vault",
    group="Keys",
    summary="Keep keys and other secrets, encrypted.",
    params=VaultParams,
    run=vault,
    private=True,
    examples=(
        "%parllama vault create",
        "%parllama vault set OPENAI_API_KEY",
        "%parllama vault import --dry-run",
    ),
)
