"""The import as the wire types of the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...prompting.import_jobs import ImportRun
from ...prompting.importing import Offer
from .._base import failure
from ..jobs.protocol import JobData
from .import_protocol import (
    BesideData,
    CandidateData,
    ImportData,
    OfferData,
    ProblemData,
    SourceData,
    SourcesData,
)
from .wire import prompt_text

if TYPE_CHECKING:
    from ...application import Parllama
    from ...jobs import Job

__all__ = ["beside", "import_data", "offer_data", "sources_data"]

_LONGEST_DESCRIPTION = 200
_PROBLEMS = 200


def import_data(
    app: Parllama, run: ImportRun | None, job_data: Callable[[Job[object]], JobData]
) -> ImportData:
    """Return how the last import stands."""
    if run is None:
        return ImportData()
    job = run.job
    error = job.error if job.state == "failed" else None
    done = run.imported
    return ImportData(
        stage=run.stage,
        id=run.id,
        source=run.source,
        title=_title(app, run.source),
        location=app.redact(run.location),
        job=job_data(job),
        error=failure(error, app.redact) if error is not None else None,
        added=list(done.added),
        updated=list(done.updated),
        beside=list(done.beside),
    )


def offer_data(offer: Offer, redact: Callable[[str], str]) -> OfferData:
    """Return what a source offers."""
    return OfferData(
        origin=redact(offer.origin),
        from_cache=offer.from_cache,
        candidates=[
            CandidateData(
                name=each.prompt.name,
                description=redact(each.prompt.description)[:_LONGEST_DESCRIPTION],
                tags=list(each.prompt.tags),
                state=each.state,
                current="" if each.current is None else each.current.name,
                beside=each.beside,
            )
            for each in offer.candidates
        ],
        problems=[
            ProblemData(where=redact(each.where), what=redact(each.what))
            for each in offer.problems[:_PROBLEMS]
        ],
        problem_count=len(offer.problems),
    )


def beside(offer: Offer, name: str) -> BesideData:
    """Return a candidate and the prompt that has its place, as texts.

    Raises:
        UsageError: there is no such candidate.

    """
    (candidate,) = offer.chosen([name])
    current = candidate.current
    readable = current is not None and current.messages
    return BesideData(
        mine=prompt_text(current) if current is not None and readable else "",
        theirs=prompt_text(candidate.prompt),
    )


def sources_data(app: Parllama) -> SourcesData:
    """Return all sources, in their order."""
    registry = app.prompt_sources
    sources = [registry.get(name) for name in registry.names()]
    return SourcesData(
        sources=[
            SourceData(
                name=each.name,
                title=each.title,
                location=each.location,
                needs_location=each.needs_location,
                writes=each.writes,
            )
            for each in sources
        ]
    )


def _title(app: Parllama, source: str) -> str:
    return app.prompt_sources.get(source).title
