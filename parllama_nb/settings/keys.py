"""Finds, checks and describes a setting by its key, the dotted path to its value.

Examples: `model`, `chat.temperature`, `providers.ollama.base_url`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from ..errors import UsageError
from ..fuzzy import near
from .model import PROVIDERS, ProviderSettings, Settings, holds_key

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = [
    "default",
    "field_of",
    "keys",
    "lookup",
    "path_of",
    "read",
    "refuse_secret",
    "validated",
]

_SECRET_NAME = re.compile(
    r"(api_?key|(?<![a-z])key\Z|token|passw(or)?d|passphrase|secret|credential"
    r"|authorization|bearer)",
    re.IGNORECASE,
)
_WHERE_KEYS_BELONG = (
    "Put keys into the vault (%parllama vault set NAME) or into the provider's "
    "environment variable, such as OPENAI_API_KEY."
)


def keys(providers: Iterable[str] = ()) -> list[str]:
    """Returns the keys of all settings in order, for these providers too."""
    names: list[str] = []
    for name, info in Settings.model_fields.items():
        group = info.annotation
        if name == PROVIDERS:
            fields = ProviderSettings.model_fields
            names += [f"{name}.{each}.{key}" for each in providers for key in fields]
        elif isinstance(group, type) and issubclass(group, BaseModel):
            names += [f"{name}.{key}" for key in group.model_fields]
        else:
            names.append(name)
    return names


def path_of(key: str) -> tuple[str, ...]:
    """Returns the path to the value of a key; a provider's name may hold dots itself.

    Raises:
        UsageError: there is no such setting; the hint names the nearest.

    """
    text = key.strip()
    first, _, rest = text.partition(".")
    if first == PROVIDERS:
        name, _, field = rest.rpartition(".")
        if name and field in ProviderSettings.model_fields:
            return first, name, field
        known = [*ProviderSettings.model_fields]
        wanted, prefix = field or rest, f"{first}.{name or 'NAME'}."
    elif text in keys():
        return tuple(text.split("."))
    else:
        known, wanted, prefix = keys(), text, ""
    if _SECRET_NAME.search(wanted) and not near(wanted, known, 1, cutoff=0.8):
        message = "Settings cannot hold keys, tokens or passwords."
        raise UsageError(message, hint=_WHERE_KEYS_BELONG)
    close = near(wanted, known)
    names = ", ".join(prefix + each for each in close or known)
    hint = f"Did you mean {names}?" if close else f"Available: {names}."
    message = f"There is no setting {text!r}."
    raise UsageError(message, hint=hint)


def lookup(settings: Settings, key: str) -> object:
    """Returns the value of a key.

    Raises:
        UsageError: there is no such setting.

    """
    first, *rest = path_of(key)
    if first == PROVIDERS:
        name, field = rest
        return getattr(settings.provider(name), field)
    value: object = getattr(settings, first)
    for part in rest:
        value = getattr(value, part)
    return value


def field_of(key: str) -> FieldInfo:
    """Returns the field of a setting: title, description, bounds.

    Raises:
        UsageError: there is no such setting.

    """
    first, *rest = path_of(key)
    if first == PROVIDERS:
        return ProviderSettings.model_fields[rest[-1]]
    model: Any = Settings
    for group in (first, *rest)[:-1]:
        model = model.model_fields[group].annotation
    info: FieldInfo = model.model_fields[(first, *rest)[-1]]
    return info


def default(key: str) -> object:
    """Returns the value of a key that is not set."""
    return lookup(Settings(), key)


def refuse_secret(key: str, value: object) -> None:
    """Refuse a value that looks like a provider's key, without repeating it.

    Raises:
        UsageError: it looks like one.

    """
    if isinstance(value, str) and holds_key(value):
        message = f"{key}: this looks like a key, which settings cannot hold."
        raise UsageError(message, hint=_WHERE_KEYS_BELONG)


def validated(key: str, value: object) -> object:
    """Returns the value to save, converted from what was typed or passed.

    Raises:
        UsageError: there is no such setting, or the value is invalid.

    """
    nested: object = value
    for part in reversed(path_of(key)):
        nested = {part: nested}
    try:
        return lookup(Settings.model_validate(nested), key)
    except ValidationError as error:
        problem = _reason(error.errors(include_input=False, include_url=False)[0])
    message = f"{key}: {problem}."
    is_secret = "key" in problem or "password" in problem
    raise UsageError(message, hint=_WHERE_KEYS_BELONG if is_secret else None)


def read(data: Mapping[str, Any]) -> tuple[Settings, dict[str, str]]:
    """Returns a file's settings, and its invalid keys, left out, with the reason."""
    valid = _copied(data)
    invalid: dict[str, str] = {}
    while True:
        try:
            return Settings.model_validate(valid), invalid
        except ValidationError as error:
            problems = error.errors(include_input=False, include_url=False)
        for problem in problems:
            invalid[_drop(valid, problem["loc"])] = _reason(problem)


def _reason(problem: Mapping[str, Any]) -> str:
    if problem["type"] in {"model_type", "dict_type"}:
        return "this is not a group of settings"
    reason = str(problem["msg"]).removeprefix("Value error, ")
    # "Input should be a valid number, unable to parse string as a number"
    rule, *_ = reason.removeprefix("Input should ").partition(", unable to")
    if rule != reason:
        return f"it must {rule}"
    return f"{reason[:1].lower()}{reason[1:]}"


def _copied(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _copied(value) if isinstance(value, Mapping) else value
        for key, value in data.items()
    }


def _drop(data: dict[str, Any], location: tuple[int | str, ...]) -> str:
    """Remove the value at a location of nested data. Returns its key."""
    way: list[str] = []
    node: Any = data
    for part in location:
        # In any letter case: providers' names were lowered before validation.
        same = [each for each in node if str(each).lower() == str(part).lower()]
        if not same:
            break
        way.append(str(same[-1]))
        if not isinstance(node[same[-1]], dict):
            break
        node = node[same[-1]]
    node = data
    for part in way[:-1]:
        node = node[part]
    del node[way[-1]]
    return ".".join(way)
