"""`pl.app`, `pl.vault`, `pl.models`, and the functions that open views."""

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
    """Returns the services of this kernel."""
    return get_app()


def vault() -> Vault:
    """Returns this user's vault, which is `pl.vault`."""
    return get_app().vault


def panel() -> ControlPanel:
    """Open the control panel: chat, jobs and settings in one view, which shows itself.

    Each call opens another view of the same state.

    Raises:
        FrontEndError: the front end was not built into this installation.

    """
    from ..widgets.panel.view import ControlPanel  # noqa: PLC0415 - widgets are heavy

    app = get_app()
    return ControlPanel(app, app.notebook_name)


def models(provider: str | None = None, *, refresh: bool = False) -> DataFrame:
    """List the available models in a DataFrame, one row each.

    Its columns are `provider`, `model`, `context_window` (tokens), `input_price` and
    `output_price` (US dollars for a million tokens), `capabilities`, `size` (bytes),
    `quantization`, `state` (`loaded`, `installed`, `not downloaded` or `cloud`),
    `modified` and `note`. `attrs["notes"]` says, by provider, why its list is old or
    missing. Lists are cached, except those of local providers.

    Args:
        provider: list its models only; None lists those of all enabled providers.
        refresh: ask the providers again, however new their lists are.

    Raises:
        UnknownProviderError: there is no such provider.
        ProviderDisabledError: it is switched off.
        UsageError: pandas is not installed.

    """
    app, command = get_app(), COMMANDS["models"]
    # The command would look for an unknown provider's name in the names of models.
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
    """Open a chat in a view, shown as the last expression of a cell or by `display`.

    Args:
        session: the conversation's name; None opens this notebook's own, which is
            that of `%%parllama -c`.

    Raises:
        StoreError: its turns cannot be read.
        FrontEndError: the front end is not built.

    """
    from ..widgets.chat.view import ChatView  # noqa: PLC0415 - not needed to ask

    app = get_app()
    opening = app.sessions.open(session or app.notebook_name)
    return ChatView(app, app.runtime.run(opening))
