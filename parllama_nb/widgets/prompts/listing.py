"""What the list of prompts shows, and by what it can be filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import UsageError
from .protocol import FacetData, FacetsData, FindParams, FoundData
from .wire import row_data

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["facets", "found"]

_HERE = "Written here"
_TAGS = 300
"""Tags that are offered, the most frequent ones."""


async def found(app: Parllama, params: FindParams) -> FoundData:
    """Return some of the prompts that are looked for."""
    listing = await app.prompts.find(
        params.query,
        tags=params.tags,
        source=params.source,
        favourites=params.favourites,
        offset=params.offset,
        limit=params.limit,
    )
    return FoundData(
        rows=[row_data(row, app.redact) for row in listing.rows],
        offset=params.offset,
        total=listing.total,
    )


async def facets(app: Parllama) -> FacetsData:
    """Return the tags and the sources of all prompts."""
    tags, sources = await app.prompts.tags(), await app.prompts.sources()
    return FacetsData(
        tags=[
            FacetData(name=tag, title=app.redact(tag), count=count)
            for tag, count in [*tags.items()][:_TAGS]
        ],
        sources=[
            FacetData(name=name, title=_title(app, name), count=count)
            for name, count in sources.items()
        ],
        total=sum(sources.values()),
    )


def _title(app: Parllama, source: str) -> str:
    """Return what people call a source, which may be of a package that is gone."""
    if not source:
        return _HERE
    try:
        return app.prompt_sources.get(source).title
    except UsageError:
        return source
