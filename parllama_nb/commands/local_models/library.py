"""library: the public library of models, as a DataFrame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from ...errors import UsageError
from ..models import ModelTable, load_pandas
from ..table import Argument, Call, Command, Option, Params
from .names import GROUP

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["COMMAND", "LibraryParams"]

_CAPABILITIES = ("vision", "tools", "thinking", "embedding", "audio")

_MODELS = {
    "model": "object",
    "description": "object",
    "sizes": "object",
    "capabilities": "object",
    "pulls": "Int64",
    "tags": "Int64",
    "updated": "object",
}
_TAGS = {
    "model": "object",
    "size": "Int64",
    "context_window": "Int64",
    "inputs": "object",
    "fits": "object",
    "updated": "object",
    "digest": "object",
}
_RECOMMENDED = {
    "model": "object",
    "description": "object",
    "context_window": "Int64",
    "memory": "Int64",
    "plan": "object",
}
"""Columns and their types: sizes and memory are bytes, context windows tokens."""

_ROUGH = "`fits` is rough: weights, context and computing beside the free memory."


class LibraryParams(Params):
    """What to look for."""

    words: Annotated[
        tuple[str, ...],
        Argument(
            "WORD",
            "Words of a name or a description; with --tags, one name.",
            many=True,
        ),
    ] = ()
    capability: Annotated[
        str | None,
        Option(
            ("--capability",),
            f"{', '.join(_CAPABILITIES)} ...",
            "WORD",
            lambda _app, _before: _CAPABILITIES,
        ),
    ] = None
    namespace: Annotated[
        str, Option(("--namespace",), "The models of this user.", "NAME")
    ] = "library"
    tags: Annotated[bool, Option(("--tags",), "The tags of one model.")] = False
    recommended: Annotated[
        bool, Option(("--recommended",), "What the Ollama server recommends.")
    ] = False
    refresh: Annotated[
        bool, Option(("--refresh",), "Ask again, however new the list is.")
    ] = False


async def library(params: LibraryParams, call: Call) -> ModelTable:
    """List models of ollama.com that fit some words, or the tags of one."""
    if params.recommended:
        return await _recommended(call)
    if params.tags:
        if len(params.words) != 1:
            message = "library --tags needs the name of one model."
            raise UsageError(message, hint="%parllama library llama3.2 --tags")
        return await _tags(params, call)
    pandas, found = await asyncio.gather(
        load_pandas(),
        call.app.local_models.library.search(
            " ".join(params.words),
            capability=params.capability,
            namespace=params.namespace,
            refresh=params.refresh,
        ),
    )
    rows = [
        (
            each.name,
            each.description,
            ", ".join(each.sizes),
            ", ".join(each.capabilities),
            each.pulls,
            each.tags,
            each.updated,
        )
        for each in found.entries
    ]
    notes = [found.note(time.time())]
    if not rows:
        notes.append("No model of the library fits these words.")
    elif len(rows) == 1:
        notes.append(f"%parllama library {rows[0][0]} --tags lists its tags.")
    return _table(pandas, _MODELS, rows, notes)


async def _tags(params: LibraryParams, call: Call) -> ModelTable:
    from ...local_models.fit import Memory, will_it_fit  # noqa: PLC0415 - for this

    pandas, found, memory = await asyncio.gather(
        load_pandas(),
        call.app.local_models.library.tags(params.words[0], refresh=params.refresh),
        asyncio.to_thread(Memory.here),
    )
    rows = [
        (
            each.name,
            each.size,
            each.context,
            ", ".join(each.inputs),
            will_it_fit(each.size, memory).verdict if each.size else None,
            each.updated,
            each.digest,
        )
        for each in found.entries
    ]
    return _table(pandas, _TAGS, rows, [found.note(time.time()), _ROUGH])


async def _recommended(call: Call) -> ModelTable:
    from ...local_models.library.recommended import (  # noqa: PLC0415 - for this
        recommended,
    )

    client = call.app.local_models.client()
    pandas, found = await asyncio.gather(load_pandas(), recommended(client))
    rows = [(e.model, e.description, e.context, e.memory, e.plan) for e in found]
    note = "" if rows else "This Ollama recommends nothing; newer ones do."
    return _table(pandas, _RECOMMENDED, rows, [note])


def _table(
    pandas: Any,  # noqa: ANN401 - the module
    columns: Mapping[str, str],
    rows: Sequence[tuple[object, ...]],
    notes: Sequence[str],
) -> ModelTable:
    frame: DataFrame = pandas.DataFrame(rows, columns=[*columns], dtype="object")
    return ModelTable(frame.astype(dict(columns)), tuple(filter(None, notes)))


COMMAND = Command(
    name="library",
    group=GROUP,
    summary="Search the models of ollama.com.",
    params=LibraryParams,
    run=library,
    examples=(
        "%parllama library",
        "%parllama library code --capability tools",
        "%parllama library llama3.2 --tags",
    ),
)
