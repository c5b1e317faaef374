"""jobs: lists running and finished jobs, and cancels running ones."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from ..errors import UsageError
from ..markdown.sanitize import escape
from .report import Report, table
from .table import Argument, Call, Command, Params

__all__ = ["COMMAND", "JobsParams"]


class JobsParams(Params):
    """List jobs, or cancel one."""

    action: Annotated[
        Literal["cancel"] | None, Argument("cancel", "Cancel a job.", values="action")
    ] = None
    id: Annotated[
        str | None, Argument("ID", "The job's number, or all.", values="job")
    ] = None


async def jobs(params: JobsParams, call: Call) -> Report:
    """List the jobs, the newest first, or cancel some."""
    others = [job for job in call.app.jobs.list() if job.id != call.job.id]
    if params.action == "cancel":
        if params.id is None:
            message = "jobs cancel needs the number of a job, or all."
            hint = "%parllama jobs lists them."
            raise UsageError(message, hint=hint)
        chosen = (
            [job for job in others if job.state == "running"]
            if params.id == "all"
            else [call.app.jobs.get(params.id)]
        )
        for job in chosen:
            job.cancel()
        names = ", ".join(job.id for job in chosen if job.listed or params.id == job.id)
        return Report(f"Cancelled: {names}." if names else "No job is running.")
    # Quick commands are jobs too, but not listed.
    shown = [job for job in others if job.listed]
    if not shown:
        return Report("No jobs yet.")
    rows = []
    for job in shown:
        seconds = (job.finished or time.time()) - job.started
        title = escape(call.app.redact(job.title))
        rows.append((job.id, job.state, f"{seconds:.1f}", title))
    return Report(table((">job", "state", ">seconds", "what"), rows))


COMMAND = Command(
    name="jobs",
    group="Notebook",
    summary="Show what runs, and stop it.",
    params=JobsParams,
    run=jobs,
    examples=("%parllama jobs", "%parllama jobs cancel 3"),
)
