"""Widgets whose comms belong to no cell."""

from __future__ import annotations

from typing import Any

from ipywidgets import Layout, Widget

from ._comm import open_comm

__all__ = ["Detached", "shared_layout"]


class Detached(Widget):
    """A widget whose comm belongs to no cell; see `_comm`."""

    comm: Any

    def open(self) -> None:
        """Open the comm as ipywidgets does, but with a `KernelComm`."""
        if self.comm is None:
            self.comm = open_comm(
                "jupyter.widget",
                comm_id=getattr(self, "_model_id", None),
                data={"state": self.get_state(), "buffer_paths": []},
                metadata={"version": "2.1.0"},
            )


class _DetachedLayout(Detached, Layout):
    """The layout that every widget has, itself a widget."""


_layouts: list[_DetachedLayout] = []


def shared_layout() -> Layout:
    """Return the layout that all views share, since none of them changes it.

    It stays open: JupyterLab ends its subshell with the last comm, and a view whose
    subshell is still being made is not heard until the cell ends.
    """
    if not _layouts or _layouts[0].comm is None:
        _layouts[:] = [_DetachedLayout()]
    return _layouts[0]
