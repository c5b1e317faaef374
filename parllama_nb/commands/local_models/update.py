"""update: newer models of the registries, found and pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ...errors import ParllamaError
from ...markdown.sanitize import escape
from ...sizes import size_in_words
from ..report import Report, table
from ..table import Argument, Call, Command, Option, Params
from .names import ALL, GROUP, of_ollama_or_all
from .together import Together, failed_lines

if TYPE_CHECKING:
    from ...local_models.ollama.updates import Update

__all__ = ["COMMAND", "UpdateParams"]


class UpdateParams(Params):
    """Which models to look at."""

    models: Annotated[
        tuple[str, ...],
        Argument(
            "MODEL",
            "Pull these if they are newer; all for every one.",
            many=True,
            values=of_ollama_or_all,
        ),
    ] = ()
    check: Annotated[bool, Option(("--check",), "Only say what is newer.")] = False


async def update(params: UpdateParams, call: Call) -> Report:
    """Say which models are newer in their registries; pull those that are named."""
    service = call.app.local_models
    named = [] if ALL in params.models else [*params.models]
    found = await service.updates(named)
    newer = [each for each in found if each.available]
    if not newer or params.check or not params.models:
        return Report(_summary(found, newer))
    jobs = {each.model: service.pull(each.model) for each in newer}
    subject = f"{len(jobs)} models" if len(jobs) > 1 else newer[0].model
    await Together(f"Updating {subject}", call.job).wait(jobs)
    failed = {
        name: ParllamaError.of(job.error)
        for name, job in jobs.items()
        if job.error is not None
    }
    done = [escape(name) for name in jobs if name not in failed]
    lines = [f"Updated: {', '.join(done)}."] if done else []
    return Report("\n\n".join([*lines, *failed_lines(failed)]))


def _summary(found: list[Update], newer: list[Update]) -> str:
    if not found:
        return "Ollama has no models. `%parllama pull NAME` downloads one."
    rows = [(escape(each.model), escape(_state(each))) for each in found]
    lines = [table(("model", "registry"), rows)]
    if newer:
        names = " ".join(each.model for each in newer)
        lines.append(f"`%parllama update {names}` pulls what is newer.")
    return "\n\n".join(lines)


def _state(update: Update) -> str:
    if update.available is None:
        return f"not known: {update.note}"
    if not update.available:
        return "the same"
    return f"newer ({size_in_words(update.size)})" if update.size else "newer"


COMMAND = Command(
    name="update",
    group=GROUP,
    summary="Look for newer models, and pull them.",
    params=UpdateParams,
    run=update,
    live=True,
    follower=True,
    examples=("%parllama update", "%parllama update all"),
)
