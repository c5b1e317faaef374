"""jobs: what is under way and what has ended, and a way to stop it."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from ..errors import UsageError
from ..markdown.sanitize import escape
from ._table import Argument, Call, Command, Params, Report

__all__ = ["COMMAND", "JobsParams"]


class JobsParams(Params):
    """List jobs, or cancel one."""

    action: Annotated[
        Literal["cancel"] | None, Argument("cancel", "Cancel a job.", values="action")
    ] = None
    id: Annotated[
        str | None, Argument("ID", "Its number in the list, or all.", values="job")
    ] = None


async def jobs(params: JobsParams, call: Call) -> Report:
    """The jobs as a table, the newest first."""
    others = [job for job in call.app.jobs.list() if job.id != call.job.id]
    if params.action == "cancel":
        if params.id is None:
            message = "Cancel which job?"
            raise UsageError(message, hint="%parllama jobs cancel ID, or all.")
        chosen = (
            [job for job in others if job.state == "running"]
            if params.id == "all"
            else [call.app.jobs.get(params.id)]
        )
        for job in chosen:
            job.cancel()
        names = ", ".join(job.id for job in chosen) or "nothing; nothing is running"
        return Report(f"Cancelled: {names}.")
    # What the list is asked for is what takes a while, not the list itself.
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
