"""What the views of one job share: they hear it, stop it and show how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._base import Method, View

if TYPE_CHECKING:
    from ..events import Event
    from ..jobs import Job

__all__ = ["JobView"]


class JobView(View):
    """Shows one job while it runs.

    Hand `hear` to `JobRunner.start` and call `settle` with what the job gave.
    """

    _job: Job[Any] | None = None

    def follow(self, job: Job[Any]) -> None:
        """Which job Stop stops."""
        self._job = job

    def methods(self) -> dict[str, Method]:
        """As of every view, and `stop`."""
        return {**super().methods(), "stop": self._stop}

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

    async def _stop(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        if self._job is not None:
            self._job.cancel()
        return {}
