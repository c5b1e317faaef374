"""What the views of one job share: its events, Stop, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from ._base import EventT, SnapshotT, View
from ._requests import request

if TYPE_CHECKING:
    from ..events import Event
    from ..jobs import Job

__all__ = ["JobView"]


class JobView(View[SnapshotT, EventT], Generic[SnapshotT, EventT]):
    """Shows one job while it runs.

    Pass `hear` to `JobRunner.start` and call `settle` with the job's result.
    """

    _job: Job[Any] | None = None

    def follow(self, job: Job[Any]) -> None:
        """Set the job that Stop cancels."""
        self._job = job

    def hear(self, event: Event) -> None:
        """Show an event of the job. On the service loop."""
        raise NotImplementedError

    def partial(self) -> object | None:
        """Return the partial result, or None if there is none. From any thread."""
        return None

    def settle(self, result: object) -> None:
        """Show the job's result. From any thread.

        A front end that replaces the view by the result shows this for a moment only;
        elsewhere this is what stays.
        """
        self._loop.call_soon_threadsafe(self._settle, result)

    def _settle(self, result: object) -> None:
        raise NotImplementedError

    @request
    async def on_stop(self) -> None:
        """Stop the job."""
        if self._job is not None:
            self._job.cancel()
