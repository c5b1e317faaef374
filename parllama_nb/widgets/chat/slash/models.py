"""Slash commands for the model and what it is asked with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from ....errors import UsageError
from ....fuzzy import score
from ....providers.messages import OPTIONS
from ..protocol import ChatOptions
from .command import SlashCall, SlashCommand, meant
from .protocol import CommandDone, CommandOption

__all__ = ["MODEL", "model_named", "model_names"]

_OFFERED = 50

_DEFAULT = "default"
"""What unsets an option."""

_SETTABLE = tuple(name for name in ChatOptions.model_fields if name in OPTIONS)

_CHOICES = {"reasoning": ("off", "low", "medium", "high")}


def _ranked(text: str, values: Iterable[tuple[str, str]]) -> list[CommandOption]:
    scored = [(score(text, value), value, about) for value, about in values]
    found = [each for each in scored if each[0]]
    if text.strip():
        found.sort(key=lambda each: -each[0])
    return [
        CommandOption(value=value, about=about) for _, value, about in found[:_OFFERED]
    ]


# model and provider


async def _model(call: SlashCall, name: str) -> CommandDone:
    session = call.session
    if not name:
        if session.model is None:
            return CommandDone(text="The default model answers here.")
        return CommandDone(text=f"{session.model} answers here.")
    if name == _DEFAULT:
        await call.sessions.set_model(session, "")
        return CommandDone(text="The default model answers from now on.")
    await call.sessions.set_model(session, model_named(call, name))
    return CommandDone(text=f"{session.model} answers from now on.")


def model_named(call: SlashCall, name: str) -> str:
    """Return the model that its name, or a part of it, means.

    Raises:
        UsageError: there is none, or there are several.

    """
    known = [each for each, _ in _models(call)]
    if name in known:
        return name
    if "/" in name:
        return _only(name, known) or name
    return _matching(name, known)


def _matching(name: str, known: list[str]) -> str:
    """Return the model that a part of its name means."""
    exact = [each for each in known if each.partition("/")[2] == name]
    begin = [each for each in known if each.partition("/")[2].startswith(name)]
    found = exact or begin or [each for each in known if name in each]
    if len(found) == 1:
        return found[0]
    message = f"There are {len(found)} models like {name!r:.60}."
    if found:
        raise UsageError(message, hint=f"For example {', '.join(found[:3])}.")
    message = f"There is no model {name!r:.60}, as far as is known."
    hint = meant(name, known, other="Name it as provider/model.")
    raise UsageError(message, hint=hint)


def _only(name: str, known: list[str]) -> str | None:
    """Return the one model whose name begins so, if it is the only one."""
    found = [each for each in known if each.startswith(name)]
    return found[0] if len(found) == 1 else None


def _models(call: SlashCall) -> list[tuple[str, str]]:
    """Return the models that are known, each with its provider's title."""
    providers = call.app.providers
    enabled = set(providers.enabled())
    return [
        (model.id, providers.spec(each.provider).title)
        for each in call.app.model_lists.at_hand()
        if each.provider in enabled
        for model in each.models
    ]


async def model_names(call: SlashCall, text: str) -> list[CommandOption]:
    """Return the models whose names fit a text."""
    call.chat.learn_models()
    return _ranked(text, [*_models(call), (_DEFAULT, "the default of this kernel")])


async def _provider(call: SlashCall, name: str) -> CommandDone:
    providers, session = call.app.providers, call.session
    if not name:
        model = call.chat.model
        if model is None:
            return CommandDone(text="No provider is chosen.")
        title = providers.spec(model.partition("/")[0]).title
        return CommandDone(text=f"{title} answers here, with {model}.")
    chosen = _provider_named(call, name)
    if (session.model or "").partition("/")[0] == chosen:
        return CommandDone(text=f"{session.model} answers already.")
    model = await _usual_model(call, chosen)
    await call.sessions.set_model(session, model)
    return CommandDone(text=f"{model} answers from now on.")


def _provider_named(call: SlashCall, name: str) -> str:
    providers = call.app.providers
    names = list(providers.enabled())
    titles = {providers.spec(each).title.casefold(): each for each in names}
    wanted = name.casefold()
    if wanted in names:
        return wanted
    if wanted in titles:
        return titles[wanted]
    message = f"There is no provider {name!r:.60}."
    hint = meant(wanted, names, other=f"There are {', '.join(names)}.")
    raise UsageError(message, hint=hint)


async def _usual_model(call: SlashCall, provider: str) -> str:
    """Return the model of a provider that was used last, else its first one."""
    prefix = f"{provider}/"
    for each in await call.app.chats.sessions():
        if each.model and each.model.startswith(prefix):
            return each.model
    (listed,) = await call.app.model_lists.get([provider])
    for model in listed.models:
        if model.capabilities is None or "embedding" not in model.capabilities:
            return model.id
    title = call.app.providers.spec(provider).title
    message = f"{title} has no models."
    raise UsageError(message, hint=listed.note or f"Name one: /model {prefix}MODEL.")


async def _provider_names(call: SlashCall, text: str) -> list[CommandOption]:
    providers = call.app.providers
    return _ranked(
        text, [(each, providers.spec(each).title) for each in providers.enabled()]
    )


# options


async def _temperature(call: SlashCall, text: str) -> CommandDone:
    return await _set(call, f"temperature {text}".rstrip())


async def _set(call: SlashCall, argument: str) -> CommandDone:
    name, _, text = argument.partition(" ")
    name, text = name.casefold().replace("-", "_"), text.strip()
    if not name:
        return CommandDone(act="options")
    if name not in _SETTABLE:
        message = f"There is no option {name!r:.40}."
        other = f"There are {', '.join(_SETTABLE)}."
        raise UsageError(message, hint=meant(name, _SETTABLE, other=other))
    options = call.session.options
    if not text:
        value = options.get(name)
        shown = "the provider's default" if value is None else _shown(value)
        return CommandDone(text=f"{name} is {shown}.")
    value = None if text == _DEFAULT else _value(name, text)
    spec = call.chat.spec
    await _configure(call, {name: value})
    if value is None:
        return CommandDone(text=f"{name} is the provider's default from now on.")
    done = f"{name} is {_shown(value)} from now on."
    if spec is not None and name not in spec.options:
        done += f" {spec.title} does not take it: it is kept for other models."
    return CommandDone(text=done)


def _value(name: str, text: str) -> Any:  # noqa: ANN401 - the option's own
    given: object = text
    if name == "stop":
        given = _texts(text)
    try:
        return getattr(ChatOptions.model_validate({name: given}), name)
    except ValidationError as error:
        reason = error.errors(include_url=False, include_context=False)[0]["msg"]
        message = f"{name} cannot be {text!r:.40}."
    raise UsageError(message, hint=f"{reason}.")


def _texts(text: str) -> object:
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            return [text]
    return [text]


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(json.dumps(each, ensure_ascii=False) for each in value)
    return str(value)


async def _configure(call: SlashCall, changes: dict[str, Any]) -> None:
    session = call.session
    options = {**session.options, **changes}
    await session.configure(model=session.model, options=options)


async def _option_names(call: SlashCall, text: str) -> list[CommandOption]:
    name, space, value = text.partition(" ")
    if space:
        values = [*_CHOICES.get(name, ()), _DEFAULT]
        return [
            CommandOption(value=f"{name} {each}")
            for each in values
            if each.startswith(value.strip())
        ]
    spec = call.chat.spec
    options = call.session.options
    taken = [each for each in _SETTABLE if spec is None or each in spec.options]
    return [
        CommandOption(value=each.value, about=each.about, open=True)
        for each in _ranked(
            text,
            [
                (each, f"now {_shown(options[each])}" if each in options else "")
                for each in taken
            ],
        )
    ]


async def _system(call: SlashCall, text: str) -> CommandDone:
    if not text:
        return CommandDone(act="options")
    if len(text) > _LONGEST_SYSTEM:
        message = f"The instructions have {len(text):,} characters."
        raise UsageError(message, hint=f"The limit is {_LONGEST_SYSTEM:,}.")
    await _configure(call, {"system": text})
    return CommandDone(text="These instructions hold from now on.")


_LONGEST_SYSTEM = 200_000


async def _clear_system(call: SlashCall, _: str) -> CommandDone:
    if not call.session.options.get("system"):
        return CommandDone(text="There are no instructions.")
    await _configure(call, {"system": None})
    return CommandDone(text="There are no instructions any more.")


async def _options(_: SlashCall, __: str) -> CommandDone:
    return CommandDone(act="options")


MODEL = (
    SlashCommand(
        "model",
        "Choose the model that answers here.",
        _model,
        "[NAME]",
        ("session.model",),
        model_names,
    ),
    SlashCommand(
        "provider",
        "Choose a provider, with its model that was used last.",
        _provider,
        "[NAME]",
        ("session.provider",),
        _provider_names,
    ),
    SlashCommand(
        "temp",
        "Set the temperature, 0 to 2.",
        _temperature,
        "[T]",
        ("session.temp", "temperature"),
    ),
    SlashCommand(
        "set",
        "Set an option such as seed or top_p; default unsets it.",
        _set,
        "[OPTION VALUE]",
        offers=_option_names,
    ),
    SlashCommand(
        "system",
        "Set the instructions: how the model should answer here.",
        _system,
        "[TEXT]",
        ("session.system_prompt",),
    ),
    SlashCommand(
        "clear-system",
        "Remove the instructions.",
        _clear_system,
        "",
        ("session.clear_system_prompt",),
    ),
    SlashCommand("options", "Show instructions and options.", _options),
)
