"""The command vault, which imports its actions, and the vault, when it runs."""

from __future__ import annotations

from ..report import Report
from ..table import Call, Command, Opening
from .params import VaultParams

__all__ = ["COMMAND"]


async def vault(params: VaultParams, call: Call) -> Report | Opening:
    """Run the action that was requested; without one, open the view."""
    from .actions import ACTIONS  # noqa: PLC0415 - imports cryptography

    report = await ACTIONS[params.action or "status"](params, call)
    if params.action is not None:
        return report
    # The view says it all, so that the notebook keeps only the first sentence.
    return Opening("vault", str(report).partition("\n")[0], str(report))


COMMAND = Command(
    name="vault",
    group="Keys",
    summary="Keep keys and other secrets, encrypted.",
    params=VaultParams,
    run=vault,
    live=lambda params: params.action == "scan",
    private=True,
    examples=(
        "%parllama vault",
        "%parllama vault create",
        "%parllama vault set OPENAI_API_KEY",
        "%parllama vault import --dry-run",
        "%parllama vault scan notebooks",
    ),
)
