"""Makes the views that commands open, by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..application import Parllama
from ..widgets._base import AnyView

__all__ = ["open_view"]

_VIEWS = {
    "chat": ("chat.view", "ChatView"),
    "compare": ("compare.view", "CompareView"),
    "models": ("models.view", "ModelBrowser"),
    "prompts": ("prompts.view", "PromptBrowser"),
    "usage": ("usage.view", "UsageView"),
    "vault": ("vault.view", "VaultView"),
    "panel": ("panel.view", "ControlPanel"),
}
"""Module and class of each view; the class takes the app and the subject to show."""


def open_view(app: Parllama, name: str, subject: object) -> AnyView:
    """Returns a new view that shows `subject`. From any thread."""
    module, attribute = _VIEWS[name]
    # Imported by name, so that views that are not opened cost nothing.
    kind: Callable[..., Any] = getattr(
        import_module(f"..widgets.{module}", __package__), attribute
    )
    view: AnyView = kind(app, subject)
    return view
