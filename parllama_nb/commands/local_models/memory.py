"""load, unload and ps: which models are in memory."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Annotated

from ...durations import in_words
from ...errors import ModelNotFoundError, ParllamaError, UsageError
from ...markdown.sanitize import escape
from ...sizes import size_in_words
from ..report import Report, prose, table
from ..table import Argument, Call, Command, Option, Params
from .names import ALL, GROUP, local, local_or_all
from .together import error_of_all, failed_lines

if TYPE_CHECKING:
    from ...local_models.ollama.running import RunningModel

__all__ = ["LOAD", "PS", "UNLOAD", "LoadParams", "PsParams", "UnloadParams"]

_TIME = re.compile(r"-?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+", re.ASCII)
"""A duration in Go's words: https://pkg.go.dev/time#ParseDuration."""


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
        Argument("MODEL", "The model, or all.", many=True, values=local_or_all),
    ]


class PsParams(Params):
    """It has no parameters."""


async def load(params: LoadParams, call: Call) -> Report:
    """Load models into memory, so that their first answer does not wait for it."""
    keep = None if params.keep is None else _keep_alive(params.keep)

    async def load_one(model: str) -> None:
        job = call.app.local_models.load(model, keep)
        await job.followed(call.job.report, call.job.notice)

    failed = await _each(params.models, load_one)
    lines = ["Loaded.", *failed_lines(failed)]
    try:
        models = await call.app.local_models.running()
    except UsageError as error:
        # An old server does not say what is in memory.
        return Report("\n\n".join([*lines, prose(str(error))]))
    return _table(models, *lines)


async def unload(params: UnloadParams, call: Call) -> Report:
    """Remove models from memory."""
    service = call.app.local_models
    if params.models == (ALL,):
        models = [each.id for each in await service.running()]
        if not models:
            return Report("No model is in memory.")
        for model in models:
            # One that was deleted while it was loaded leaves by itself.
            with contextlib.suppress(ModelNotFoundError):
                await service.unload(model)
        return Report(f"Unloaded: {', '.join(map(escape, models))}.")
    failed = await _each(params.models, service.unload)
    unloaded = [escape(m) for m in dict.fromkeys(params.models) if m not in failed]
    line = f"Unloaded: {', '.join(unloaded)}."
    return Report("\n\n".join([line, *failed_lines(failed)]))


async def _each(
    models: Iterable[str], work: Callable[[str], Awaitable[None]]
) -> dict[str, ParllamaError]:
    """Do some work on each model; returns the errors by model, unless all failed.

    Raises:
        ParllamaError: none could be done.

    """
    names = dict.fromkeys(models)
    failed: dict[str, ParllamaError] = {}
    for name in names:
        try:
            await work(name)
        except ParllamaError as error:
            failed[name] = error
    if len(failed) == len(names):
        raise error_of_all([*failed.values()])
    return failed


def _keep_alive(written: str) -> str | float:
    """Return a time as Ollama takes it: `1h30m`, or seconds.

    Raises:
        UsageError: it is none.

    """
    from ...providers.ollama.request import duration  # noqa: PLC0415 - for this

    time = duration(written.strip())
    if not (_TIME.fullmatch(time) if isinstance(time, str) else isfinite(time)):
        message = f"{written!r} is not a time."
        raise UsageError(message, hint="Write it as 90s, 10m or 2h; -1 is for good.")
    return time


async def ps(params: PsParams, call: Call) -> Report:
    """List the models that are in memory."""
    del params
    return _table(await call.app.local_models.running())


def _table(models: Sequence[RunningModel], *lines: str) -> Report:
    """Return some lines, and below them the models in memory."""
    if not models:
        none = "No model is in memory. `%parllama load MODEL` loads one."
        return Report("\n\n".join([*lines, none]))
    titles = ("model", ">size", "runs on", ">context", "until")
    rows = [_row(each) for each in models]
    return Report("\n\n".join([*lines, table(titles, rows)]))


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
