"""A page that records, and a loop of virtual time: those of the views' tests."""

from ..widgets.conftest import app, loop, page

__all__ = ["app", "loop", "page"]
