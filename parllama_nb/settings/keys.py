"""The key of a setting: the way to its value, with dots.

`model`, `chat.temperature`, `providers.ollama.base_url`: by it a value is found,
checked and described.
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
    "Keys belong in the provider's environment variable, as OPENAI_API_KEY is."
)


def keys(providers: Iterable[str] = ()) -> list[str]:
    """The keys of all settings, those of these providers included, in order."""
    found: list[str] = []
    for name, info in Settings.model_fields.items():
        group = info.annotation
        if name == PROVIDERS:
            fields = ProviderSettings.model_fields
            found += [f"{name}.{each}.{key}" for each in providers for key in fields]
        elif isinstance(group, type) and issubclass(group, BaseModel):
            found += [f"{name}.{key}" for key in group.model_fields]
        else:
            found.append(name)
    return found


def path_of(key: str) -> tuple[str, ...]:
    """The way to the value of a key; a provider's name may hold dots itself.

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
        message = "Settings hold no keys, tokens or passwords."
        raise UsageError(message, hint=_WHERE_KEYS_BELONG)
    offered = near(wanted, known) or known
    hint = f"There is {', '.join(prefix + each for each in offered)}."
    message = f"There is no setting {text!r}."
    raise UsageError(message, hint=hint)


def lookup(settings: Settings, key: str) -> object:
    """The value of a key.

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
    """The description of a setting: title, description, bounds.

    Raises:
        UsageError: there is no such setting.

    """
    first, *rest = path_of(key)
    if first == PROVIDERS:
        return ProviderSettings.model_fields[rest[-1]]
    model: Any = Settings
    for group in (first, *rest)[:-1]:
        model = model.model_fields[group].annotation
    found: FieldInfo = model.model_fields[(first, *rest)[-1]]
    return found


def default(key: str) -> object:
    """The value a key has where nothing is chosen."""
    return lookup(Settings(), key)


def refuse_secret(key: str, value: object) -> None:
    """Refuse a value that looks like a key, and do not repeat it.

    Raises:
        UsageError: it does.

    """
    if isinstance(value, str) and holds_key(value):
        message = f"{key}: this looks like a key, and settings hold none."
        raise UsageError(message, hint=_WHERE_KEYS_BELONG)


def validated(key: str, value: object) -> object:
    """The value as it is kept, from what was typed or passed.

    Raises:
        UsageError: there is no such setting, or its value cannot be this.

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
    """Settings from what a file holds, and why each part is left out that is wrong."""
    kept = _copied(data)
    wrong: dict[str, str] = {}
    while True:
        try:
            return Settings.model_validate(kept), wrong
        except ValidationError as error:
            problems = error.errors(include_input=False, include_url=False)
        for problem in problems:
            wrong[_drop(kept, problem["loc"])] = _reason(problem)


def _reason(problem: Mapping[str, Any]) -> str:
    if problem["type"] in {"model_type", "dict_type"}:
        return "this is no group of settings"
    reason = str(problem["msg"]).removeprefix("Value error, ")
    return f"{reason[:1].lower()}{reason[1:]}"


def _copied(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _copied(value) if isinstance(value, Mapping) else value
        for key, value in data.items()
    }


def _drop(data: dict[str, Any], location: tuple[int | str, ...]) -> str:
    """Take what is wrong out of nested data; gives its key."""
    way: list[str] = []
    node: Any = data
    for part in location:
        # Letter case: names of providers are read in lower case.
        found = [each for each in node if str(each).lower() == str(part).lower()]
        if not found:
            break
        way.append(str(found[-1]))
        if not isinstance(node[found[-1]], dict):
            break
        node = node[found[-1]]
    node = data
    for part in way[:-1]:
        node = node[part]
    del node[way[-1]]
    return ".".join(way)
