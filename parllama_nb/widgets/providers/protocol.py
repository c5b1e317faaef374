"""What the view of the providers and the kernel send each other."""

from __future__ import annotations

from pydantic import Field

from .._protocol import EventData, Failure, Snapshot, Wire
from ..settings.protocol import SettingData

__all__ = [
    "LackData",
    "ProviderData",
    "ProviderNames",
    "ProvidersData",
    "ProvidersSnapshot",
    "Tested",
]


class ProviderNames(Wire):
    """The providers to ask for their models."""

    providers: list[str] = Field(max_length=1000)


class Tested(Wire):
    """How many seconds they took, all asked at the same time."""

    seconds: float


class LackData(Wire):
    """Something a provider cannot do without; `command` mends it, or else `remedy`.

    A key it lacks has the page as its `url` that gives one.
    """

    what: str
    remedy: str = ""
    command: str = ""
    url: str = ""


class ProviderData(Wire):
    """A provider as it stands.

    `address` is where it is and `source` where that is set: "setting", the name of an
    environment variable, or "" for the default. `key` says in a few words where its key
    comes from, `key_names` are the names it is looked for under, and `missing_key` is
    the one to store a missing key under. `models` is how many were listed at `listed`,
    in seconds of the kernel's clock; null means never. `failure` is why they could not
    be listed since. `settings` are all settings but whether it is enabled.
    """

    name: str
    title: str
    local: bool
    enabled: bool
    address: str = ""
    source: str = ""
    key: str
    key_names: list[str] = Field(default_factory=list)
    missing_key: str = ""
    keys_url: str = ""
    lacks: list[LackData] = Field(default_factory=list)
    models: int = 0
    listed: float | None = None
    failure: Failure | None = None
    settings: list[SettingData] = Field(default_factory=list)


class ProvidersData(EventData):
    """Providers that are not as they were; `now` is the time by the kernel's clock.

    It is sent whoever made the change. `locked`: the vault, which may have keys.
    """

    event = "providers"
    now: float
    changed: list[ProviderData]
    locked: bool = False
    problem: Failure | None = None


class ProvidersSnapshot(Snapshot):
    """All providers. `keys_belong` says where keys are kept, `locked` is as above."""

    now: float
    providers: list[ProviderData]
    keys_belong: str
    locked: bool = False
    problem: Failure | None = None
