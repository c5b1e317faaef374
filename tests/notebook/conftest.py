"""What a cell shows is seen by the page of the views' tests."""

from __future__ import annotations

from ..widgets.conftest import page

__all__ = ["page"]
