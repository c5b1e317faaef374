"""What the user has chosen for good: validated values, and the keys to them.

`Settings` is the whole, frozen; `settings_file` keeps it on disk. A key is the way to a
value, with dots: `model`, `chat.temperature`, `providers.ollama.base_url`. No setting
ever holds a key, a token or a password: what looks like one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from .errors import UsageError
from .fuzzy import near

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = [
    "ChatSettings",
    "ProviderSettings",
    "Settings",
    "TimeoutSettings",
    "default",
    "field_of",
    "keys",
    "lookup",
    "path_of",
    "read",
    "refuse_secret",
    "validated",
]

PROVIDERS = "providers"

_SECRET_NAME = re.compile(
    r"(api_?key|(?<![a-z])key\Z|token|passw(or)?d|passphrase|secret|credential"
    r"|authorization|bearer)",
    re.IGNORECASE,
)
# What keys of providers look like, so that one typed in the wrong place is not kept.
_SECRET_VALUE = re.compile(
    r"\b(sk-[\w-]{16,}|(gsk|hf|ghp|gho|ghu|ghs|glpat)_\w{16,}|github_pat_\w{16,}"
    r"|xai-[\w-]{16,}|AIza[\w-]{30,}|(AKIA|ASIA)[A-Z0-9]{16}|eyJ[\w-]+\.eyJ[\w-]+\.)"
)
_ODD = re.compile(r"[\s\\<>\"{}|^`\x00-\x20\x7f-\x9f]")

_WHERE_KEYS_BELONG = (
    "Keys belong in the provider's environment variable, as OPENAI_API_KEY is."
)

_LONGEST_TEXT = 20_000


def _no_secret(text: str) -> str:
    if _SECRET_VALUE.search(text):
        message = "this looks like a key, and settings hold none"
        raise ValueError(message)
    return text


def _model(text: str) -> str:
    text = text.strip()
    provider, slash, name = text.partition("/")
    if not (slash and provider and name) or _ODD.search(text):
        message = "models are named provider/model"
        raise ValueError(message)
    return text


def _address(text: str) -> str:
    """An address without what it must not hold; how it is completed, providers know."""
    text = text.strip().strip("'\"")
    scheme, found, rest = text.partition("://")
    authority = (rest if found else text).partition("/")[0]
    if "@" in authority:
        message = "an address in the settings holds no user name and no password"
    elif found and scheme.lower() not in ("http", "https"):
        message = "an address begins with http:// or https://"
    elif "?" in text or "#" in text:
        message = "an address ends with its path: no ? and no #"
    elif not authority or "%" in authority or _ODD.search(text):
        message = "this is no address of a server"
    else:
        return text.rstrip("/")
    raise ValueError(message)


Text = Annotated[str, Field(max_length=_LONGEST_TEXT), AfterValidator(_no_secret)]
Seconds = Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ChatSettings(_Group):
    """What a question is sent with that does not say it itself."""

    model_config = ConfigDict(title="Chat")

    system: Text | None = Field(
        default=None,
        title="System prompt",
        description="Goes before every question that has none of its own (`-s`).",
        json_schema_extra={"format": "multiline"},
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=2,
        allow_inf_nan=False,
        title="Temperature",
        description="0 is steady, 1 is lively; empty: as the provider has it.",
    )
    max_tokens: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        title="Longest answer",
        description="Stop an answer after this many tokens; empty: no limit of ours.",
    )


class TimeoutSettings(_Group):
    """Seconds to wait, at every provider that has no limit of its own."""

    model_config = ConfigDict(title="Timeouts")

    connect: Seconds = Field(
        default=10.0,
        title="Connection",
        description="Seconds to wait for a connection.",
    )
    first_token: Seconds = Field(
        default=300.0,
        title="First token",
        description="Seconds a model may think, or load, before its answer begins.",
    )
    stall: Seconds = Field(
        default=60.0,
        title="Next token",
        description="Seconds of silence after which an answer counts as broken off.",
    )
    models: Seconds = Field(
        default=5.0,
        le=300,
        title="List of models",
        description="Seconds a provider may take to list its models.",
    )


class ProviderSettings(_Group):
    """One provider: whether it is used, where it is, and how long it is waited for."""

    model_config = ConfigDict(title="Provider")

    enabled: bool = Field(
        default=True,
        title="Enabled",
        description="A provider that is off is never contacted, and offered nowhere.",
    )
    base_url: Annotated[Text, AfterValidator(_address)] | None = Field(
        default=None,
        title="Address",
        description="Where it is; empty: as its environment variable says, or usual.",
    )
    cache_hours: float | None = Field(
        default=None,
        ge=0,
        le=24 * 366,
        allow_inf_nan=False,
        title="List of models kept for",
        description="Hours until its models are listed anew; empty: as usual.",
    )
    connect_timeout: Seconds | None = Field(
        default=None,
        title="Connection",
        description="Seconds to wait for a connection.",
    )
    first_token_timeout: Seconds | None = Field(
        default=None,
        title="First token",
        description="Seconds its models may think, or load, before they answer.",
    )
    stall_timeout: Seconds | None = Field(
        default=None,
        title="Next token",
        description="Seconds of silence after which its answer counts as broken off.",
    )


class Settings(_Group):
    """All settings. A field that is None is not chosen."""

    model_config = ConfigDict(title="Settings")

    model: Annotated[Text, AfterValidator(_model)] | None = Field(
        default=None,
        title="Default model",
        description="Answers in every notebook that has not chosen its own (`use`).",
    )
    chat: ChatSettings = Field(default=ChatSettings(), title="Chat")
    timeouts: TimeoutSettings = Field(default=TimeoutSettings(), title="Timeouts")
    providers: dict[str, ProviderSettings] = Field(
        default_factory=dict, title="Providers", description="By the provider's name."
    )

    @field_validator("providers", mode="before")
    @classmethod
    def _in_lower_case(cls, value: object) -> object:
        if isinstance(value, Mapping):
            return {str(name).lower(): each for name, each in value.items()}
        return value

    def provider(self, name: str) -> ProviderSettings:
        """The settings of one provider; of an unknown one, the defaults."""
        return self.providers.get(name) or ProviderSettings()


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
    if isinstance(value, str) and _SECRET_VALUE.search(value):
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
