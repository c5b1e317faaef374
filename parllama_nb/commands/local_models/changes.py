"""copy and delete: names of local models, given and taken away."""

from __future__ import annotations

from typing import Annotated

from ...markdown.sanitize import escape
from ..report import Report
from ..table import Argument, Call, Command, Params
from .names import GROUP, local, of_ollama
from .together import error_of_all, failed_lines

__all__ = ["COPY", "DELETE", "CopyParams", "DeleteParams"]


class CopyParams(Params):
    """Which model gets one more name."""

    source: Annotated[str, Argument("MODEL", "The model.", values=of_ollama)]
    destination: Annotated[str, Argument("NAME", "Its other name.")]


class DeleteParams(Params):
    """Which models to delete."""

    models: Annotated[
        tuple[str, ...], Argument("MODEL", "The model.", many=True, values=local)
    ]


async def copy(params: CopyParams, call: Call) -> Report:
    """Give a model one more name; its weights are not copied."""
    await call.app.local_models.copy(params.source, params.destination)
    source, destination = escape(params.source), escape(params.destination)
    return Report(f"**{destination}** is {source} now.")


async def delete(params: DeleteParams, call: Call) -> Report:
    """Delete models from the disk of their server."""
    names = list(dict.fromkeys(params.models))
    failed = await call.app.local_models.delete(names)
    if len(failed) == len(names):
        raise error_of_all([*failed.values()])
    deleted = [escape(name) for name in names if name not in failed]
    lines = [f"Deleted: {', '.join(deleted)}."]
    return Report("\n\n".join([*lines, *failed_lines(failed)]))


COPY = Command(
    name="copy",
    group=GROUP,
    summary="Give a model one more name.",
    params=CopyParams,
    run=copy,
    examples=("%parllama copy llama3.2:1b me/mario",),
)

DELETE = Command(
    name="delete",
    group=GROUP,
    summary="Delete models.",
    params=DeleteParams,
    run=delete,
    examples=("%parllama delete llama3.2:1b qwen3:4b",),
)
