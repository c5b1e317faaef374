"""Kernel threads, parents and comms: only this module and `_new_pages` know of them.

A message from the kernel carries a parent: the request it belongs to. ipykernel takes
the running cell's, and where a view's messages have a cell's parent

- ipykernel 7.4 sends the view's replies to the thread that runs this cell, where they
  wait until it ends,
- the front end may drop them once the cell is over, and
- nbclient keeps the widget's state in the notebook it saves.

So our comms send with an empty parent, over the kernel's session itself; they do not
derive from ipykernel's comm, so that its routing of replies leaves them where the front
end sent them: to JupyterLab's own subshell, which is free while a cell runs.

A widget's state is the exception. A page that is loaded while a cell runs asks each
comm for it, and ipywidgets' manager accepts only the message whose parent is its own
request (`_loadFromKernelModels` in packages/base-manager/src/manager-base.ts); without
that it waits for good, and so does every widget of the page.

Tried with ipykernel 6.29, 7.1 and 7.4. On kernels that are not ipykernel the comm
package's own comms are used.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any

import comm
from comm.base_comm import BaseComm

from ._new_pages import answer_new_pages

__all__ = [
    "Cell",
    "KernelComm",
    "current_cell",
    "in_kernel",
    "open_comm",
    "publish",
    "supports_subshells",
]

Message = dict[str, Any]

_state_request: ContextVar[Message] = ContextVar("_state_request")
"""The request for a widget's state that is being answered."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The running cell: its id, if the front end sends it, and its request."""

    id: str | None = None
    request: Message = field(default_factory=dict)

    @property
    def has_user(self) -> bool:
        """Whether the front end says that somebody can be asked; nbclient does not."""
        return bool((self.request.get("content") or {}).get("allow_stdin"))


class KernelComm(BaseComm):
    """A comm whose messages belong to no cell, but a state to the request for it."""

    def publish_msg(
        self,
        msg_type: str,
        data: Message | None = None,
        metadata: Message | None = None,
        buffers: list[bytes] | None = None,
        **keys: Any,  # noqa: ANN401 - as in the class it overrides
    ) -> None:
        """Send on IOPub. From any thread: the socket hands over to its own thread."""
        kernel = _kernel()
        if kernel is None or kernel.session is None:
            return
        kernel.session.send(
            kernel.iopub_socket,
            msg_type,
            {"data": data or {}, "comm_id": self.comm_id, **keys},
            metadata=metadata or {},
            parent=_state_request.get({}),
            ident=self.topic,
            buffers=buffers,
        )

    def handle_msg(self, msg: Message) -> None:
        """Pass a message on, without the cell hooks that ipykernel would run.

        The hooks belong to the main thread (matplotlib draws in them), and the kernel
        calls this on a thread of its choice.
        """
        if self._msg_callback is None:
            return
        if msg["content"]["data"].get("method") != "request_state":
            self._msg_callback(msg)
            return
        # What the callback passes on to the service loop keeps this context.
        context = copy_context()
        context.run(_state_request.set, msg)
        context.run(self._msg_callback, msg)


def open_comm(target_name: str, *, comm_id: str | None = None, **keys: Any) -> BaseComm:  # noqa: ANN401
    """Open a comm that works while a cell runs; `keys` as for `comm.create_comm`."""
    kernel = _kernel()
    make: Callable[..., BaseComm] = comm.create_comm if kernel is None else KernelComm
    if kernel is not None:
        answer_new_pages(kernel)
    return make(target_name=target_name, comm_id=comm_id or uuid.uuid4().hex, **keys)


def current_cell() -> Cell:
    """Return the cell that runs on the calling thread; an empty one outside cells."""
    kernel = _kernel()
    if kernel is None:
        return Cell()
    request = kernel.get_parent("shell") or {}
    # JupyterLab, VS Code and nbclient put it into the request's metadata.
    cell_id = (request.get("metadata") or {}).get("cellId")
    return Cell(cell_id if isinstance(cell_id, str) else None, request)


def publish(
    data: Mapping[str, str], *, display_id: str, cell: Cell, update: bool
) -> None:
    """Show an output in a cell, or replace it. From any thread.

    On the main thread while the cell runs this goes through IPython's publisher, so
    that `%%capture` and the like see it; later there is nothing left to go through.
    """
    from IPython import get_ipython  # noqa: PLC0415 - not known outside of IPython

    kernel = _kernel()
    if kernel is None or current_cell().request is cell.request:
        shell = get_ipython()
        if shell is not None:
            shell.display_pub.publish(
                data=dict(data), transient={"display_id": display_id}, update=update
            )
        return
    kernel.session.send(
        kernel.iopub_socket,
        "update_display_data" if update else "display_data",
        {
            "data": dict(data),
            "metadata": {},
            "transient": {"display_id": display_id},
        },
        parent=cell.request,
        ident=b"display_data",
    )


def _kernel() -> Any:  # noqa: ANN401 - ipykernel's, which may not be there
    from IPython import get_ipython  # noqa: PLC0415

    kernel = getattr(get_ipython(), "kernel", None)
    return kernel if hasattr(kernel, "iopub_socket") else None


def in_kernel() -> bool:
    """Whether this process is a Jupyter kernel; a terminal is not."""
    return _kernel() is not None


def supports_subshells() -> bool:
    """Whether a view's messages can reach the kernel while a cell runs."""
    return bool(getattr(_kernel(), "_supports_kernel_subshells", False))
