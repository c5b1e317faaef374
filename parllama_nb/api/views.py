"""The app, its vault, lists of models, and the views that functions open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..application import Parllama, get_app
from ..commands import COMMANDS, Call, Notebook

if TYPE_CHECKING:
    from pandas import DataFrame

    from ..vaults.vault import Vault
    from ..widgets.chat.view import ChatView
    from ..widgets.panel.view import ControlPanel

__all__ = ["app", "models", "open_chat", "panel", "vault"]


def app() -> Parllama:
    """The services of this kernel."""
    return get_app()


def vault() -> Vault:
    """The vault of this user; `pl.vault` is this."""
    return get_app().vault


def panel() -> ControlPanel:
    """The control panel: chat, jobs and settings in one view, which shows itself.

    Each call gives another one; all of them show the same.

    Raises:
        FrontEndError: the front end was not built into this installation.

    """
    from ..notebook.run import notebook_name  # noqa: PLC0415
    from ..widgets.panel.view import ControlPanel  # noqa: PLC0415 - widgets are heavy

    return ControlPanel(get_app(), notebook_name())


def models(provider: str | None = None, *, refresh: bool = False) -> DataFrame:
    """The models there are, as a DataFrame with a row for each.

    Its columns are `provider`, `model`, `context_window` (tokens), `input_price` and
    `output_price` (US dollars for a million tokens), `capabilities`, `size` (bytes),
    `modified` and `note`. `attrs["notes"]` says, by provider, why its list is old or
    missing. Lists are kept; local providers are asked each time.

    Args:
        provider: only this one's; without it, those of all that are on.
        refresh: ask again, however new the list is.

    Raises:
        UnknownProviderError: there is no such provider.
        ProviderDisabledError: it is switched off.
        UsageError: pandas is not installed.

    """
    app, command = get_app(), COMMANDS["models"]
    # A word that is no provider would be looked for in the names of models.
    words = () if provider is None else (app.providers.require(provider),)
    params = command.validated({"words": words, "refresh": refresh})
    job = app.jobs.start(
        "models",
        lambda job: command.run(params, Call(app, Notebook(name="python"), job)),
        listed=False,
    )
    frame: DataFrame = job.result().frame
    return frame


def open_chat(session: str | None = None) -> ChatView:
    """A chat in a view: shown where it is the last thing of a cell, or displayed.

    Args:
        session: the conversation's name; without it, this notebook's own, which is
            that of `%%parllama -c`.

    Raises:
        StoreError: its turns cannot be read.
        FrontEndError: the front end is not built.

    """
    from ..notebook.run import notebook_name  # noqa: PLC0415
    from ..widgets.chat.view import ChatView  # noqa: PLC0415 - not needed to ask

    app = get_app()
    opening = app.sessions.open(session or notebook_name())
    return ChatView(app, app.runtime.run(opening))
