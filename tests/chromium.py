"""Which Chromium the tests run."""

from __future__ import annotations

import shutil

__all__ = ["chromium_path"]

# The first has no window to draw: a page costs half as much, or less.
_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def chromium_path() -> str | None:
    """The system's Chromium; None where there is none, for Playwright's own."""
    return next(filter(None, map(shutil.which, _NAMES)), None)
