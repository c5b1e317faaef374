"""The public library as the wire types of the view of local models."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from ...errors import ParllamaError
from ...local_models.fit import Fit, Memory, will_it_fit
from ...local_models.library.entries import LibraryTag
from ...local_models.library.recommended import recommended
from ...local_models.service import LocalModels
from ...providers.http.endpoint import is_loopback
from .library_protocol import (
    LibraryData,
    LibraryModelData,
    LibraryParams,
    RecommendedData,
    TagData,
    TagsData,
    TagsParams,
)

__all__ = ["library_data", "tags_data"]


async def library_data(
    service: LocalModels, params: LibraryParams, redact: Callable[[str], str]
) -> LibraryData:
    """Return the official models, or with words those of all users.

    Raises:
        ProviderError: the site gave no list, and none is kept.

    """
    found = await service.library.search(
        params.query,
        namespace="" if params.query.strip() else "library",
        sort=params.sort,
        refresh=params.refresh,
    )
    now = time.time()
    return LibraryData(
        now=now,
        fetched=found.fetched,
        note=redact(found.note(now)),
        models=[
            LibraryModelData(
                name=each.name,
                description=each.description,
                capabilities=[*each.capabilities],
                sizes=[*each.sizes],
                pulls=each.pulls,
                tags=each.tags,
                updated=each.updated,
                url=each.url,
            )
            for each in found.entries
        ],
        recommended=[] if params.query.strip() else await _recommended(service),
    )


async def tags_data(
    service: LocalModels, params: TagsParams, redact: Callable[[str], str]
) -> TagsData:
    """Return the tags of a model, and roughly whether each fits into memory.

    Raises:
        ModelNotFoundError: the library has no such model.
        ProviderError: the site gave no list, and none is kept.

    """
    found = await service.library.tags(params.name, refresh=params.refresh)
    fit_of = await _fits(service, found.entries)
    now = time.time()
    tags = []
    for each in found.entries:
        fit = fit_of.get(each.name)
        tags.append(
            TagData(
                name=each.name,
                size=each.size,
                context_window=each.context,
                inputs=[*each.inputs],
                updated=each.updated,
                digest=each.digest,
                is_latest=each.is_latest,
                fit=fit.verdict if fit else "",
                reason=fit.reason if fit else "",
            )
        )
    note = redact(found.note(now))
    return TagsData(now=now, fetched=found.fetched, note=note, tags=tags)


async def _fits(service: LocalModels, tags: Iterable[LibraryTag]) -> dict[str, Fit]:
    """Say of tags whether they fit; of none if the server is on another machine."""
    try:
        here = is_loopback(service.client().endpoint.host)
    except ParllamaError:
        here = True  # no server yet: it will be here
    if not here:
        return {}
    memory = await asyncio.to_thread(Memory.here)
    return {each.name: will_it_fit(each.size, memory) for each in tags if each.size}


async def _recommended(service: LocalModels) -> list[RecommendedData]:
    """Return what the server recommends; nothing from one that cannot be asked."""
    try:
        found = await recommended(service.client())
    except ParllamaError:
        return []
    return [
        RecommendedData(
            name=each.model,
            description=each.description,
            context_window=each.context,
            memory=each.memory,
            plan=each.plan,
        )
        for each in found
    ]
