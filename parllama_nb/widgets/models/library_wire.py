"""The public library as the wire types of the view of local models."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...errors import ParllamaError
from .library_protocol import (
    LibraryData,
    LibraryModelData,
    LibraryParams,
    RecommendedData,
    TagData,
    TagsData,
    TagsParams,
)
from .service import Fetched, Full, LibraryModel, LibraryTag, Recommendation

__all__ = ["library_data", "tags_data"]


async def library_data(
    service: Full, params: LibraryParams, redact: Callable[[str], str]
) -> LibraryData:
    """Return the official models, or with words those of all users.

    Raises:
        ProviderError: the site gave no list, and none is kept.

    """
    found: Fetched[LibraryModel] = await service.library.search(
        params.query,
        namespace="" if params.query.strip() else "library",
        sort=params.sort,
        refresh=params.refresh,
    )
    recommended = [] if params.query.strip() else await _recommended(service)
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
        recommended=recommended,
    )


async def tags_data(
    service: Full, params: TagsParams, redact: Callable[[str], str]
) -> TagsData:
    """Return the tags of a model, and roughly whether each fits into memory.

    Raises:
        ModelNotFoundError: the library has no such model.
        ProviderError: the site gave no list, and none is kept.

    """
    found: Fetched[LibraryTag] = await service.library.tags(
        params.name, refresh=params.refresh
    )
    sized = [each for each in found.entries if each.size]
    fits = await service.fits([each.size or 0 for each in sized])
    fit_of = {each.name: fit for each, fit in zip(sized, fits, strict=True)}
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


async def _recommended(service: Full) -> list[RecommendedData]:
    """Return what the server recommends; nothing from one that cannot be asked."""
    try:
        found: list[Recommendation] = [*await service.recommendations()]
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
