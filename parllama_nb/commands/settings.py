"""settings: shows and changes the settings, which hold in every notebook."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Annotated

from ..application import Parllama
from ..errors import UsageError
from ..markdown.sanitize import escape
from ..settings.keys import default, field_of, keys
from .report import Report, table
from .table import Argument, Call, Command, Option, Params

__all__ = ["COMMAND", "SettingsParams", "formatted"]

_ALL = "all"


def _keys(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    del before
    return keys(app.providers.names())


def _choices(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    """Returns the possible values of a setting, if they can be listed."""
    key = before[0] if before else ""
    if key == "model":
        lists = app.model_lists.at_hand()
        return sorted(model.id for each in lists for model in each.models)
    if key.endswith(".enabled"):
        return ("true", "false")
    return ()


class SettingsParams(Params):
    """A setting, and its new value."""

    key: Annotated[
        str | None,
        Argument("KEY", "A setting, or a group such as chat.", values=_keys),
    ] = None
    value: Annotated[
        tuple[str, ...],
        Argument("VALUE", "The new value.", many=True, values=_choices),
    ] = ()
    reset: Annotated[
        bool, Option(("--reset",), "Restore the default of KEY; all is every setting.")
    ] = False


async def settings(params: SettingsParams, call: Call) -> Report:
    """Show all settings or some; change one; restore defaults."""
    file = call.app.settings
    if params.reset:
        if params.key is None or params.value:
            message = "--reset needs one setting, or all."
            hint = "Write %parllama settings --reset KEY, or --reset all."
            raise UsageError(message, hint=hint)
        reset = [*file.changes()] if params.key == _ALL else [params.key]
        await asyncio.to_thread(file.reset, *reset)
        shown = [] if params.key == _ALL else reset
    elif params.key is not None and params.value:
        await asyncio.to_thread(file.update, {params.key: " ".join(params.value)})
        shown = [params.key]
    else:
        shown = _named(params.key, call.app)
    return _table(shown or _named(None, call.app), call.app)


def _named(name: str | None, app: Parllama) -> list[str]:
    """Returns the settings to show: all, those of a group, or one.

    Without a name, settings of providers are included only if they are not defaults.
    """
    changed = app.settings.changes()
    if name is None:
        return [*keys(), *(key for key in changed if key not in keys())]
    group = f"{name.rstrip('.')}."
    members = [key for key in keys(app.providers.names()) if key.startswith(group)]
    if members or name == "providers":
        return members
    field_of(name)
    return [name]


def _table(shown: Iterable[str], app: Parllama) -> Report:
    changed = app.settings.changes()
    rows = []
    for key in shown:
        value = _shown(formatted(app.settings.value(key)), app)
        fallback = _shown(formatted(default(key)), app)
        about = escape(field_of(key).description or "")
        mark = f"**{value}**" if key in changed else value
        rows.append((escape(key), mark, fallback, about))
    lines = [table(("setting", "value", "default", "description"), rows)]
    state = app.settings.state
    if state.problem:
        words = f"{state.problem} {state.remedy}".strip()
        lines += ["", escape(app.redact(words))]
    lines += [
        f"\nThe file's {escape(key)} is ignored: {escape(app.redact(why))}."
        for key, why in state.ignored.items()
    ]
    return Report("\n".join(lines))


def formatted(value: object) -> str:
    """Returns a setting's value as text; None as a dash."""
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value)


def _shown(text: str, app: Parllama) -> str:
    return escape(" ".join(app.redact(text).split()))


COMMAND = Command(
    name="settings",
    group="Notebook",
    summary="Show or change the settings of all notebooks.",
    params=SettingsParams,
    run=settings,
    examples=(
        "%parllama settings",
        "%parllama settings model ollama/llama3.2:1b",
        "%parllama settings timeouts.first_token 600",
        "%parllama settings --reset model",
    ),
)
