"""providers: the providers with their addresses and keys; switches them on or off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from ..application import Parllama
from ..errors import ConnectionFailedError, UsageError
from ..markdown.sanitize import escape
from ..model_catalog.listing import ModelList
from ..settings.model import ProviderSettings
from .provider_state import ProviderState, state_of
from .report import Report, prose, table
from .settings import formatted
from .table import Argument, Call, Command, Params

__all__ = ["COMMAND", "ProvidersParams", "age", "counted"]

_FIELDS = tuple(ProviderSettings.model_fields)
_DASH = "\N{EN DASH}"


def _words(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    """Providers, and after `set NAME` what can be set."""
    if before[:1] == ["set"] and len(before) > 1:
        return [f"{name}=" for name in _FIELDS]
    names = app.providers.names()
    if before[:1] == ["enable"]:
        return [name for name in names if not app.applied.options(name).enabled]
    return app.providers.enabled() if before[:1] != ["set"] else names


_ACTIONS = ("enable", "disable", "set", "test")


class ProvidersParams(Params):
    """What to do, and with which providers."""

    action: Annotated[
        Literal["enable", "disable", "set", "test"] | None,
        Argument(
            "ACTION",
            "enable, disable, set or test.",
            values=lambda _app, _words: _ACTIONS,
        ),
    ] = None
    words: Annotated[
        tuple[str, ...],
        Argument(
            "NAME",
            "The providers; after set, one provider and KEY=VALUE pairs.",
            many=True,
            values=_words,
        ),
    ] = ()


async def providers(params: ProvidersParams, call: Call) -> Report:
    """Show the providers; switch some on or off; set the address of one; test some."""
    app = call.app
    if params.action is None:
        return await _overview(app)
    if params.action == "test":
        return await _test(params.words, app)
    if not params.words:
        message = f"providers {params.action} needs the name of a provider."
        raise UsageError(
            message, hint=f"Available: {', '.join(app.providers.names())}."
        )
    if params.action == "set":
        return await _set(params.words[0], params.words[1:], app)
    on = params.action == "enable"
    names = [app.providers.spec(word).name for word in params.words]
    changes = {f"providers.{name}.enabled": None if on else False for name in names}
    await asyncio.to_thread(app.settings.update, changes)
    listed = escape(", ".join(names))
    if on:
        return Report(f"Switched on: {listed}.")
    return Report(
        f"Switched off: {listed}. Nothing is sent there, and no model is offered."
    )


async def _set(word: str, pairs: Sequence[str], app: Parllama) -> Report:
    spec = app.providers.spec(word)
    changes: dict[str, object] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            message = f"{key!r} is not KEY=VALUE."
            hint = f"Available keys: {', '.join(_FIELDS)}."
            raise UsageError(message, hint=hint)
        # Nothing after the sign: back to the default.
        changes[f"providers.{spec.name}.{key}"] = value or None
    await asyncio.to_thread(app.settings.update, changes)
    own = app.settings.current.provider(spec.name)
    where = _address(state_of(app, spec.name))
    rows = [
        (
            escape(name),
            escape(app.redact(formatted(getattr(own, name)))),
            escape(info.description or ""),
        )
        for name, info in ProviderSettings.model_fields.items()
    ]
    shown = table(("setting", "value", "description"), rows)
    return Report(f"**{escape(spec.title)}**, address: {where}\n\n{shown}")


async def _overview(app: Parllama) -> Report:
    states = [state_of(app, name) for name in app.providers.names()]
    enabled = [state.spec.name for state in states if state.enabled]
    known = {each.provider: each for each in await app.model_lists.known(enabled)}
    rows = []
    for state in states:
        name = state.spec.name
        on = "on" if state.enabled else "**off**"
        listed = known.get(name) or ModelList(name)
        count = str(len(listed.models)) if listed.fetched is not None else _DASH
        last = _listed(state, listed)
        rows.append((escape(name), on, _address(state), _key(state), count, last))
    header = ("provider", "", "address", "key", ">models", "last listed")
    return Report(table(header, rows))


async def _test(words: Sequence[str], app: Parllama) -> Report:
    """List the models of some providers now, or say why they cannot be listed."""
    names = [app.providers.require(word) for word in words] or None
    begun = time.monotonic()
    lists = await app.model_lists.get(names, refresh=True)
    rows = []
    for each in lists:
        if each.missing or each.failure:
            mark = _DASH if each.missing else "**no**"
            reason = f"{each.missing or each.failure.rstrip('.')}. {each.hint}"
            rows.append((escape(each.provider), mark, prose(reason.strip())))
        else:
            rows.append((escape(each.provider), "ok", counted(each)))
    took = f"All were asked at the same time, in {time.monotonic() - begun:.1f} s."
    return Report(f"{table(('provider', '', 'result'), rows)}\n\n{took}")


def _listed(state: ProviderState, listed: ModelList) -> str:
    """When the models of a provider were listed, and why not since then."""
    failure = listed.failure.removeprefix(f"{state.spec.title}: ").rstrip(".")
    if state.spec.local and listed.code == ConnectionFailedError.code:
        failure = "not running"
    if not failure:
        return age(listed.fetched)
    known = f"{age(listed.fetched)}, then " if listed.fetched is not None else ""
    return escape(f"{known}{failure}")


def counted(listed: ModelList) -> str:
    """How many models a list has, in words."""
    count = len(listed.models)
    away = sum(bool(model.extra.get("remote")) for model in listed.models)
    words = f"{count:,} model{'' if count == 1 else 's'}"
    return f"{words}, {away} of them in the cloud" if away else words


def _address(state: ProviderState) -> str:
    """The address of a provider, and where it is set."""
    if state.wrong_address:
        return f"**{escape(state.wrong_address)}**"
    if not state.address:
        return "on this machine" if state.spec.local else _DASH
    source = f" ({escape(state.source)})" if state.source else ""
    return escape(state.address) + source


def _key(state: ProviderState) -> str:
    """Where the key of a provider comes from; never the key."""
    if state.spec.key == "none":
        return "not needed"
    if state.key.secret:
        return f"{escape(state.key.name)}, {escape(state.key.source)}"
    if state.spec.wire == "litellm" and not state.spec.key_env:
        return "those of its providers"
    return "missing" if state.key.missing else "not needed"


def age(fetched: float | None, now: float | None = None) -> str:
    """How long ago something was, in words."""
    if fetched is None:
        return "never"
    seconds = (time.time() if now is None else now) - fetched
    if seconds < 0:
        return "in the future, by the clock of this machine"
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


COMMAND = Command(
    name="providers",
    group="Models",
    summary="Show the providers; set, test or switch them off.",
    params=ProvidersParams,
    run=providers,
    examples=(
        "%parllama providers",
        "%parllama providers disable openai groq",
        "%parllama providers set ollama base_url=http://box:11434 stall_timeout=120",
        "%parllama providers test openrouter",
    ),
)
