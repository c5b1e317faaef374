"""load, unload and ps: which models are in memory."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from ...durations import in_words
from ...errors import ModelNotFoundError
from ...markdown.sanitize import escape
from ...sizes import size_in_words
from ..report import Report, table
from ..table import Argument, Call, Command, Option, Params
from .names import GROUP, local

if TYPE_CHECKING:
    from ...local_models.running import RunningModel

__all__ = ["LOAD", "PS", "UNLOAD", "LoadParams", "PsParams", "UnloadParams"]

_ALL = "all"


class LoadParams(Params):
    """Which model to load, and for how long."""

    models: Annotated[
        tuple[str, ...], Argument("MODEL", "The model.", many=True, values=local)
    ]
    keep: Annotated[
        str | None,
        Option(
            ("--keep",),
            "How long it stays after its last answer: 10m, 2h, or -1 for good.",
            "TIME",
        ),
    ] = None


class UnloadParams(Params):
    """Which models to unload."""

    models: Annotated[
        tuple[str, ...],
        Argument("MODEL", "The model, or all.", many=True, values=local),
    ]


class PsParams(Params):
    """It has no parameters."""


async def load(params: LoadParams, call: Call) -> Report:
    """Load models into memory, so that their first answer does not wait for it."""
    for model in params.models:
        job = call.app.local_models.load(model, params.keep)
        await job.followed(call.job.report, call.job.notice)
    return await _running(call, "Loaded.")


async def unload(params: UnloadParams, call: Call) -> Report:
    """Remove models from memory."""
    service = call.app.local_models
    models = list(params.models)
    if models == [_ALL]:
        models = [each.id for each in await service.running()]
        if not models:
            return Report("No model is in memory.")
        for model in models:
            # One that was deleted while it was loaded leaves by itself.
            with contextlib.suppress(ModelNotFoundError):
                await service.unload(model)
    else:
        for model in models:
            await service.unload(model)
    return Report(f"Unloaded: {', '.join(map(escape, models))}.")


async def ps(params: PsParams, call: Call) -> Report:
    """List the models that are in memory."""
    del params
    return await _running(call)


async def _running(call: Call, head: str = "") -> Report:
    models = await call.app.local_models.running()
    if not models:
        return Report("No model is in memory. `%parllama load MODEL` loads one.")
    titles = ("model", ">size", "runs on", ">context", "until")
    rows = [_row(each) for each in models]
    return Report("\n\n".join(filter(None, [head, table(titles, rows)])))


def _row(model: RunningModel) -> tuple[str, ...]:
    window = model.context_window
    facts = (
        size_in_words(model.size) if model.size else "",
        model.processor,
        f"{window:,}" if window else "",
        _until(model.until),
    )
    # An amount is not broken after its number.
    return (
        escape(model.id),
        *(fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in facts),
    )


def _until(until: datetime | None) -> str:
    if until is None:
        return "stays"
    left = (until - datetime.now(UTC)).total_seconds()
    return f"for {in_words(left)}" if left > 0 else "unloading"


LOAD = Command(
    name="load",
    group=GROUP,
    summary="Load models into memory.",
    params=LoadParams,
    run=load,
    live=True,
    follower=True,
    examples=("%parllama load llama3.2:1b --keep 2h",),
)

UNLOAD = Command(
    name="unload",
    group=GROUP,
    summary="Remove models from memory.",
    params=UnloadParams,
    run=unload,
    examples=("%parllama unload llama3.2:1b", "%parllama unload all"),
)

PS = Command(
    name="ps",
    group=GROUP,
    summary="List the models in memory, and where they run.",
    params=PsParams,
    run=ps,
    examples=("%parllama ps",),
)
