"""What the views of one job share: its events, Stop, and its result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic

import traitlets

from ._base import EventT, SnapshotT, View
from ._protocol import OutputData
from ._requests import request

if TYPE_CHECKING:
    from ..events import Event
    from ..jobs import Job

__all__ = ["JobView"]


class JobView(View[SnapshotT, EventT], Generic[SnapshotT, EventT]):
    """Shows one job while it runs.

    Pass `hear` to `JobRunner.start`, call `settle` with the job's result, and
    `replaced_by` with the output that the cell shows in the view's place.
    """

    settled = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether the cell's own output is there, which the request `output` gets."""

    _job: Job[Any] | None = None
    _output: Callable[[], Mapping[str, str]] | None = None

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

    def replaced_by(self, output: Callable[[], Mapping[str, str]]) -> None:
        """Keep what makes the MIME bundle that replaces the view, and close soon.

        From any thread; `output` is called on any.

        A page that was loaded while the cell ran does not know the output by its
        display id, so JupyterLab does not replace it there; the view itself does.
        """
        self._soon(lambda: self._replace(output))
        self.close_soon()

    def _replace(self, output: Callable[[], Mapping[str, str]]) -> None:
        self._output = output
        self.settled = True

    @request
    async def on_stop(self) -> None:
        """Stop the job."""
        if self._job is not None:
            self._job.cancel()

    @request
    async def on_output(self) -> OutputData:
        """Return the output that the cell shows in the view's place."""
        output = await asyncio.to_thread(self._output) if self._output else {}
        return OutputData(data=dict(output))
