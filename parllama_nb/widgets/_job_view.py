"""What the views of one job share: they hear it, stop it and show how it ended."""

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

    Hand `hear` to `JobRunner.start` and call `settle` with what the job gave.
    """

    _job: Job[Any] | None = None

    def follow(self, job: Job[Any]) -> None:
        """Which job Stop stops."""
        self._job = job

    def hear(self, event: Event) -> None:
        """Show an event of the job. On the service loop."""
        raise NotImplementedError

    def partial(self) -> object | None:
        """What had come, where nothing better is to be had. From any thread."""
        return None

    def settle(self, result: object) -> None:
        """Show how it ended. From any thread.

        Where a front end replaces the view by what the job gave this is seen for a
        moment only; where it does not, this is what stays.
        """
        self._loop.call_soon_threadsafe(self._settle, result)

    def _settle(self, result: object) -> None:
        raise NotImplementedError

    @request
    async def on_stop(self) -> None:
        """Stop the job."""
        if self._job is not None:
            self._job.cancel()
