"""Lets a page that is loaded while a cell runs find its widgets at once.

Such a page asks for the kernel's info, for the states of all widgets (over a comm of
ipywidgets' own) and for the ids of all comms. This goes to the main shell, where it
waits until the cell ends: JupyterLab makes a subshell for comms only once it has the
info (`_maybeStartSubshell` in packages/services/src/kernel/comm.ts). So while the main
shell is busy these messages are addressed to a subshell of ours, and ipykernel handles
them there as it handles all messages of a subshell. Every other message is left alone.

Tried with ipykernel 7.1 and 7.4. Where there are no subshells, or ipykernel is not made
as expected, nothing is changed: the page gets the states when the cell ends.
"""

from __future__ import annotations

import hmac
import logging
import weakref
from typing import Any

__all__ = ["answer_new_pages"]

_log = logging.getLogger(__name__)

_CONTROL = "jupyter.widget.control"
"""The target of the comm over which a page asks for the states of all widgets."""

_NEEDED = (
    "_main_asyncio_lock",
    "session",
    "shell_channel_thread",
    "shell_channel_thread_main",
    "shell_stream",
)

_answered: weakref.WeakSet[Any] = weakref.WeakSet()


def answer_new_pages(kernel: Any) -> None:  # noqa: ANN401 - ipykernel's
    """Answer a kernel's new pages from now on, also while it is busy. On any thread."""
    if kernel in _answered or not all(getattr(kernel, each, None) for each in _NEEDED):
        return
    _answered.add(kernel)
    # A stream belongs to the thread that reads it.
    kernel.shell_channel_thread.io_loop.add_callback(
        kernel.shell_stream.on_recv, _NewPages(kernel).receive, copy=False
    )


class _NewPages:
    """Reads the messages of a kernel's shell channel, on the thread of the channel."""

    def __init__(self, kernel: Any) -> None:  # noqa: ANN401 - as above
        self._kernel = kernel
        self._comms: set[str] = set()
        self._subshell = ""

    async def receive(self, message: list[Any]) -> None:
        """Pass a message on to the kernel."""
        try:
            message = self._addressed(message)
        except Exception as error:  # noqa: BLE001 - the kernel must get its message
            _log.warning("a message is left as it is: %s", type(error).__name__)
        await self._kernel.shell_channel_thread_main(message)

    def _addressed(self, message: list[Any]) -> list[Any]:
        """Return a message, addressed to our subshell if a new page waits for it."""
        if not self._kernel._main_asyncio_lock.locked():  # noqa: SLF001 - no other way
            return message
        session = self._kernel.session
        _, parts = session.feed_identities(message, copy=False)
        signature, *body = [part.bytes for part in parts[:5]]
        header = session.unpack(body[0])
        if header.get("subshell_id") or not self._is_of_new_page(header, body[3]):
            return message
        # Only what the kernel would accept is signed anew.
        if session.auth and not hmac.compare_digest(session.sign(body), signature):
            return message
        if not self._subshell:
            manager = self._kernel.shell_channel_thread.manager
            self._subshell = manager._create_subshell()  # noqa: SLF001 - as above
        body[0] = session.pack({**header, "subshell_id": self._subshell})
        signed = map(type(parts[0]), [session.sign(body), *body])
        return [*message[: -len(parts)], *signed, *parts[5:]]

    def _is_of_new_page(self, header: dict[str, Any], content: bytes) -> bool:
        kind = header["msg_type"]
        if kind in {"kernel_info_request", "comm_info_request"}:
            return True
        # What is long is not read for nothing: a question is a comm's message too.
        if kind != "comm_open" and not (self._comms and kind.startswith("comm_")):
            return False
        found = self._kernel.session.unpack(content)
        comm = found["comm_id"]
        if kind == "comm_open" and found["target_name"] == _CONTROL:
            self._comms.add(comm)
        ours = comm in self._comms
        if kind == "comm_close":
            self._comms.discard(comm)
        return ours
