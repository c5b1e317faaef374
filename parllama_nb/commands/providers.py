"""providers: the providers with their addresses and keys; switches them on or off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from ..application import Parllama
from ..errors import UsageError
from ..markdown.sanitize import escape
from ..model_catalog.listing import ModelList
from ..settings.model import ProviderSettings
from .provider_state import ProviderState, state_of
from .settings import formatted
from .table import Argument, Call, Command, Params, Report

__all__ = ["COMMAND", "ProvidersParams", "age"]

_FIELDS = tuple(ProviderSettings.model_fields)
_DASH = "\N{EN DASH}"


def _words(app: Parllama, before: Sequence[str]) -> Iterable[str]:
    """Providers, and after `set NAME` what can be set."""
    if before[:1] == ["set"] and len(before) > 1:
        return [f"{name}=" for name in _FIELDS]
    names = app.providers.names()
    if before[:1] == ["enable"]:
        return [name for name in names if not app.options(name).enabled]
    return app.providers.enabled() if before[:1] != ["set"] else names


_ACTIONS = ("enable", "disable", "set", "test")


class ProvidersParams(Params):
    """What to do, and with which providers."""

    action: Annotated[
        Literal["enable", "disable", "set", "test"] | None,
        Argument(
            "ACTION", f"{', '.join(_ACTIONS)}.", values=lambda _app, _words: _ACTIONS
        ),
    ] = None
    words: Annotated[
        tuple[str, ...],
        Argument(
            "NAME",
            "Providers; after set, one provider and its KEY=VALUE pairs.",
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
        message = f"{params.action.capitalize()} which provider?"
        raise UsageError(
            message, hint=f"Available: {', '.join(app.providers.names())}."
        )
    if params.action == "set":
        return await _set(params.words[0], params.words[1:], app)
    on = params.action == "enable"
    names = [app.providers.spec(word).name for word in params.words]
    changes = {f"providers.{name}.enabled": None if on else False for name in names}
    await asyncio.to_thread(app.settings.update, changes)
    done = "on" if on else "off: nothing is sent there, and its models are not offered"
    return Report(f"Switched {done}: {escape(', '.join(names))}.")


async def _set(word: str, pairs: Sequence[str], app: Parllama) -> Report:
    spec = app.providers.spec(word)
    changes: dict[str, object] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            message = f"{key!r} sets nothing."
            hint = f"Write KEY=VALUE; available: {', '.join(_FIELDS)}."
            raise UsageError(message, hint=hint)
        # Nothing after the sign: back to the default.
        changes[f"providers.{spec.name}.{key}"] = value or None
    await asyncio.to_thread(app.settings.update, changes)
    own = app.settings.current.provider(spec.name)
    lines = [
        f"**{escape(spec.title)}** is at {_address(state_of(app, spec.name))}.",
        "",
    ]
    lines += ["| setting | value | what it is |", "|:---|:---|:---|"]
    for name, info in ProviderSettings.model_fields.items():
        value = escape(app.redact(formatted(getattr(own, name))))
        about = escape(info.description or "")
        lines.append(f"| {escape(name)} | {value} | {about} |")
    return Report("\n".join(lines))


async def _overview(app: Parllama) -> Report:
    states = [state_of(app, name) for name in app.providers.names()]
    enabled = [state.spec.name for state in states if state.enabled]
    known = {each.provider: each for each in await app.model_lists.known(enabled)}
    lines = [
        "| provider | | address | key | models | listed |",
        "|:---|:---|:---|:---|---:|:---|",
    ]
    for state in states:
        name = state.spec.name
        on = "on" if state.enabled else "**off**"
        listed = known.get(name) or ModelList(name)
        count = str(len(listed.models)) if listed.fetched is not None else _DASH
        old = age(listed.fetched)
        if listed.failure:
            old = f"{old}; {listed.failure}"
        lines.append(
            f"| {escape(name)} | {on} | {_address(state)} | {_key(state)} "
            f"| {count} | {escape(old)} |"
        )
    return Report("\n".join(lines))


async def _test(words: Sequence[str], app: Parllama) -> Report:
    """List the models of some providers now, or say why they cannot be listed."""
    names = [app.providers.require(word) for word in words] or None
    begun = time.monotonic()
    lists = await app.model_lists.get(names, refresh=True)
    lines = ["| provider | | what it says |", "|:---|:---|:---|"]
    for each in lists:
        name = escape(each.provider)
        if each.missing or each.failure:
            mark = _DASH if each.missing else "**no**"
            reason = f"{each.missing or each.failure.rstrip('.')}. {each.hint}"
            lines.append(f"| {name} | {mark} | {escape(reason.strip())} |")
        else:
            count = len(each.models)
            many = "" if count == 1 else "s"
            lines.append(f"| {name} | ok | {count} model{many} |")
    seconds = f"{time.monotonic() - begun:.1f} s, all at the same time."
    return Report("\n".join([*lines, "", f"Asked for {seconds}"]))


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
        return "needs none"
    if state.key.secret:
        return f"{escape(state.key.name)}, {escape(state.key.source)}"
    return "none" if state.spec.key == "required" else "none, none needed"


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
    summary="Show the providers; switch them on or off; set their address; test them.",
    params=ProvidersParams,
    run=providers,
    examples=(
        "%parllama providers",
        "%parllama providers disable openai groq",
        "%parllama providers set ollama base_url=http://box:11434 stall_timeout=120",
        "%parllama providers test openrouter",
    ),
)
