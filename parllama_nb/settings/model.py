"""The user's settings as validated, frozen values.

`Settings` holds them all; `file` saves them on disk, `keys` finds one by its key. No
setting ever holds a key, a token or a password: a value that looks like one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

__all__ = [
    "PROVIDERS",
    "AttachmentSettings",
    "BudgetSettings",
    "ChatSettings",
    "LocalModelSettings",
    "MemorySettings",
    "ProviderSettings",
    "Settings",
    "TimeoutSettings",
    "VaultSettings",
    "holds_key",
]

PROVIDERS = "providers"

# What keys of providers look like, so that one typed in the wrong place is not saved.
_SECRET_VALUE = re.compile(
    r"\b(sk-[\w-]{16,}|(gsk|hf|ghp|gho|ghu|ghs|glpat)_\w{16,}|github_pat_\w{16,}"
    r"|xai-[\w-]{16,}|AIza[\w-]{30,}|(AKIA|ASIA)[A-Z0-9]{16}|eyJ[\w-]+\.eyJ[\w-]+\.)"
)
_ODD = re.compile(r"[\s\\<>\"{}|^`\x00-\x20\x7f-\x9f]")

_LONGEST_TEXT = 20_000

# Entries: fewer would not even show what happened today.
_SHORTEST_LOG = 100

# Minutes or hours: nobody can work with a vault that locks sooner.
_SHORTEST = 0.5


def holds_key(text: str) -> bool:
    """Whether a text holds something that looks like a provider's key."""
    return _SECRET_VALUE.search(text) is not None


def _no_secret(text: str) -> str:
    if holds_key(text):
        message = "this looks like a key, which settings cannot hold"
        raise ValueError(message)
    return text


def _model(text: str) -> str:
    text = text.strip()
    provider, slash, name = text.partition("/")
    if not (slash and provider and name) or _ODD.search(text):
        message = "a model's name is provider/model, such as ollama/llama3.2"
        raise ValueError(message)
    return text


def _address(text: str) -> str:
    """Refuses an address with a password or a query; `providers` completes the rest."""
    text = text.strip().strip("'\"")
    scheme, separator, rest = text.partition("://")
    authority = (rest if separator else text).partition("/")[0]
    if "@" in authority:
        message = "an address cannot hold a user name or a password here"
    elif separator and scheme.lower() not in ("http", "https"):
        message = "an address begins with http:// or https://"
    elif "?" in text or "#" in text:
        message = "an address cannot hold ? or #"
    elif not authority or "%" in authority or _ODD.search(text):
        message = "this is not an address of a server"
    else:
        return text.rstrip("/")
    raise ValueError(message)


def _half_or_never(value: float) -> float:
    if 0 < value < _SHORTEST:
        message = f"this must be at least {_SHORTEST}, or 0 for never"
        raise ValueError(message)
    return value


def _some_or_all(value: int) -> int:
    if 0 < value < _SHORTEST_LOG:
        message = f"this must be at least {_SHORTEST_LOG}, or 0 to keep all"
        raise ValueError(message)
    return value


Text = Annotated[str, Field(max_length=_LONGEST_TEXT), AfterValidator(_no_secret)]
Megabytes = Annotated[int, Field(ge=1, le=1_000)]
Seconds = Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)]
Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class _Group(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True
    )


class ChatSettings(_Group):
    """The options of a question that does not set them itself."""

    model_config = ConfigDict(title="Chat")

    system: Text | None = Field(
        default=None,
        title="System prompt",
        description="Sent with every question that does not set its own with -s.",
        json_schema_extra={"format": "multiline"},
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=2,
        allow_inf_nan=False,
        title="Temperature",
        description=(
            "How much answers vary; at 0 they vary least. If it is not set, the "
            "provider decides."
        ),
    )
    max_tokens: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        title="Longest answer",
        description=(
            "An answer ends after this many tokens. If it is not set, the provider "
            "decides."
        ),
    )
    name_by_model: bool = Field(
        default=False,
        title="Names by a model",
        description=(
            "A model names a new conversation after its first answer, unless you have "
            "named it or it is encrypted."
        ),
    )
    naming_model: Annotated[Text, AfterValidator(_model)] | None = Field(
        default=None,
        title="Model that names",
        description="If it is not set, the conversation's own model names it.",
        json_schema_extra={"format": "model"},
    )


class MemorySettings(_Group):
    """What new conversations know of you."""

    model_config = ConfigDict(title="Memory")

    enabled: bool = Field(
        default=True,
        title="Memory in new conversations",
        description=(
            "A conversation takes the memory with its first question, and sends it "
            "with every question from then on."
        ),
    )
    model: Annotated[Text, AfterValidator(_model)] | None = Field(
        default=None,
        title="Model that rewrites the memory",
        description=(
            "Asked by remember and forget. If it is not set, the default model is."
        ),
        json_schema_extra={"format": "model"},
    )


class BudgetSettings(_Group):
    """What models that cost something may cost in a calendar month, in US dollars."""

    model_config = ConfigDict(title="Budget")

    warn: Dollars | None = Field(
        default=None,
        title="Warn at",
        description=(
            "US dollars in a calendar month, in all notebooks, from which on answers "
            "say so. If it is not set, none does."
        ),
    )
    stop: Dollars | None = Field(
        default=None,
        title="Stop at",
        description=(
            "US dollars in a calendar month, in all notebooks, from which on no model "
            "is asked whose price is known. Models on this machine always answer."
        ),
    )


class TimeoutSettings(_Group):
    """Seconds to wait for providers that have no limits of their own."""

    model_config = ConfigDict(title="Timeouts")

    connect: Seconds = Field(
        default=10.0,
        title="Connection",
        description="Seconds to wait for a connection to a server.",
    )
    first_token: Seconds = Field(
        default=300.0,
        title="First token",
        description=(
            "Seconds that a model may think, or load, before it answers; up to ten "
            "times as many while the server says that it is alive."
        ),
    )
    stall: Seconds = Field(
        default=60.0,
        title="Next token",
        description=(
            "Seconds of silence after which an answer counts as broken off; up to ten "
            "times as many while the server says that it is alive."
        ),
    )
    models: Seconds = Field(
        default=5.0,
        le=300,
        title="List of models",
        description="Seconds that a provider may take to list its models.",
    )


class LocalModelSettings(_Group):
    """Models on this machine."""

    model_config = ConfigDict(title="Local models")

    parallel_pulls: int = Field(
        default=3,
        ge=1,
        le=32,
        title="Downloads at once",
        description="How many models are pulled at the same time; others wait.",
    )
    cloud_models: bool = Field(
        default=True,
        title="Cloud models of Ollama",
        description=(
            "Ollama sends questions to its cloud models on to ollama.com. If this is "
            "off, such a model is not asked."
        ),
    )


class AttachmentSettings(_Group):
    """How large the files may be that are sent with a question."""

    model_config = ConfigDict(title="Attachments")

    file_mb: Megabytes = Field(
        default=50,
        title="Largest document",
        description="Megabytes that a PDF file, a notebook or a text may have.",
    )
    image_mb: Megabytes = Field(
        default=50,
        title="Largest image",
        description=(
            "Megabytes that an image may have. Most providers accept 5 to 20 MB."
        ),
    )
    message_mb: Megabytes = Field(
        default=250,
        title="All of one question",
        description="Megabytes that everything together may have that is attached.",
    )


class VaultSettings(_Group):
    """When the vault locks itself, what its log keeps, and what outputs may show."""

    model_config = ConfigDict(title="Vault")

    idle_minutes: Annotated[float, AfterValidator(_half_or_never)] = Field(
        default=15.0,
        ge=0,
        le=527_040,
        title="Lock when unused",
        description="Minutes without use after which the vault locks; 0 is never.",
    )
    longest_hours: Annotated[float, AfterValidator(_half_or_never)] = Field(
        default=8.0,
        ge=0,
        le=8_784,
        title="Lock at the latest",
        description="Hours after which the vault locks in any case; 0 is never.",
    )
    log_entries: Annotated[int, AfterValidator(_some_or_all)] = Field(
        default=10_000,
        ge=0,
        le=10_000_000,
        title="Length of the log",
        description=(
            "How many entries the vault's log keeps: an unlock that finds a tenth more "
            "removes the oldest. 0 keeps all."
        ),
    )
    redact_outputs: bool = Field(
        default=True,
        title="Hide secrets in outputs",
        description=(
            "Puts its name in place of a secret that a cell prints. Turn it off to "
            "print one on purpose."
        ),
    )


class ProviderSettings(_Group):
    """One provider: whether it is used, its address, and how long to wait for it."""

    model_config = ConfigDict(title="Provider")

    enabled: bool = Field(
        default=True,
        title="Enabled",
        description="If it is off, nothing is sent there, and no model is offered.",
    )
    base_url: Annotated[Text, AfterValidator(_address)] | None = Field(
        default=None,
        title="Address",
        description=(
            "Address of its server. If it is not set, that of its environment "
            "variable holds, else the usual one."
        ),
    )
    cache_hours: float | None = Field(
        default=None,
        ge=0,
        le=24 * 366,
        allow_inf_nan=False,
        title="List of models cached for",
        description=(
            "Hours after which its list of models is fetched again. If it is not set, "
            "the provider's own time holds."
        ),
    )
    connect_timeout: Seconds | None = Field(
        default=None,
        title="Connection",
        description="Seconds to wait for a connection to its server.",
    )
    first_token_timeout: Seconds | None = Field(
        default=None,
        title="First token",
        description="Seconds that its models may think, or load, before they answer.",
    )
    stall_timeout: Seconds | None = Field(
        default=None,
        title="Next token",
        description="Seconds of silence after which its answer counts as broken off.",
    )


class Settings(_Group):
    """All settings. A field that is None is not set."""

    model_config = ConfigDict(title="Settings")

    model: Annotated[Text, AfterValidator(_model)] | None = Field(
        default=None,
        title="Default model",
        description=(
            "Answers in every notebook that has not chosen another by %parllama use."
        ),
        json_schema_extra={"format": "model"},
    )
    chat: ChatSettings = Field(default=ChatSettings(), title="Chat")
    memory: MemorySettings = Field(default=MemorySettings(), title="Memory")
    budget: BudgetSettings = Field(default=BudgetSettings(), title="Budget")
    timeouts: TimeoutSettings = Field(default=TimeoutSettings(), title="Timeouts")
    local_models: LocalModelSettings = Field(
        default=LocalModelSettings(), title="Local models"
    )
    attachments: AttachmentSettings = Field(
        default=AttachmentSettings(), title="Attachments"
    )
    vault: VaultSettings = Field(default=VaultSettings(), title="Vault")
    providers: dict[str, ProviderSettings] = Field(
        default_factory=dict,
        title="Providers",
        description="The settings of each provider, by its name.",
    )

    @field_validator("providers", mode="before")
    @classmethod
    def _in_lower_case(cls, value: object) -> object:
        if isinstance(value, Mapping):
            return {str(name).lower(): each for name, each in value.items()}
        return value

    def provider(self, name: str) -> ProviderSettings:
        """Returns the settings of one provider; the defaults if it has none."""
        return self.providers.get(name) or ProviderSettings()
