"""jobs: lists running and finished jobs, and cancels running ones."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from ..errors import UsageError
from ..markdown.sanitize import escape
from .table import Argument, Call, Command, Params, Report

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
            message = "Cancel which job?"
            hint = "%parllama jobs cancel ID, or %parllama jobs cancel all."
            raise UsageError(message, hint=hint)
        chosen = (
            [job for job in others if job.state == "running"]
            if params.id == "all"
            else [call.app.jobs.get(params.id)]
        )
        for job in chosen:
            job.cancel()
        names = ", ".join(job.id for job in chosen)
        return Report(f"Cancelled: {names}." if names else "No job is running.")
    # Quick commands are jobs too, but not listed.
    shown = [job for job in others if job.listed]
    if not shown:
        return Report("No jobs yet.")
    lines = ["| job | state | seconds | what |", "|---:|:---|---:|:---|"]
    for job in shown:
        seconds = (job.finished or time.time()) - job.started
        title = escape(call.app.redact(job.title))
        lines.append(f"| {job.id} | {job.state} | {seconds:.1f} | {title} |")
    return Report("\n".join(lines))


COMMAND = Command(
    name="jobs",
    summary="List jobs; cancel one.",
    params=JobsParams,
    run=jobs,
    examples=("%parllama jobs", "%parllama jobs cancel 3"),
)
