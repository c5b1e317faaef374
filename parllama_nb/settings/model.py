"""What the user has chosen for good: validated values.

`Settings` is the whole, frozen; `file` keeps it on disk, `keys` finds one value in it.
No setting ever holds a key, a token or a password: what looks like one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

__all__ = [
    "PROVIDERS",
    "ChatSettings",
    "ProviderSettings",
    "Settings",
    "TimeoutSettings",
    "VaultSettings",
    "holds_key",
]

PROVIDERS = "providers"

# What keys of providers look like, so that one typed in the wrong place is not kept.
_SECRET_VALUE = re.compile(
    r"\b(sk-[\w-]{16,}|(gsk|hf|ghp|gho|ghu|ghs|glpat)_\w{16,}|github_pat_\w{16,}"
    r"|xai-[\w-]{16,}|AIza[\w-]{30,}|(AKIA|ASIA)[A-Z0-9]{16}|eyJ[\w-]+\.eyJ[\w-]+\.)"
)
_ODD = re.compile(r"[\s\\<>\"{}|^`\x00-\x20\x7f-\x9f]")

_LONGEST_TEXT = 20_000

# Minutes or hours: a vault that locks sooner cannot be worked with.
_SHORTEST = 0.5


def holds_key(text: str) -> bool:
    """Whether a text holds what looks like a provider's key."""
    return _SECRET_VALUE.search(text) is not None


def _no_secret(text: str) -> str:
    if holds_key(text):
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


def _half_or_never(value: float) -> float:
    if 0 < value < _SHORTEST:
        message = f"this is at least {_SHORTEST}, or 0 for never"
        raise ValueError(message)
    return value


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


class VaultSettings(_Group):
    """When the vault locks itself."""

    model_config = ConfigDict(title="Vault")

    idle_minutes: Annotated[float, AfterValidator(_half_or_never)] = Field(
        default=15.0,
        ge=0,
        le=527_040,
        title="Lock when unused",
        description="Minutes without use until it locks; 0: never.",
    )
    longest_hours: Annotated[float, AfterValidator(_half_or_never)] = Field(
        default=8.0,
        ge=0,
        le=8_784,
        title="Lock at the latest",
        description="Hours until it locks in any case; 0: never.",
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
    vault: VaultSettings = Field(default=VaultSettings(), title="Vault")
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
