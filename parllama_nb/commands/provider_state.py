"""The state of a provider: its address, its key, and what is still missing."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from ..application import Parllama
from ..errors import ParllamaError
from ..providers.keys import KeyState
from ..providers.litellm import INSTALL
from ..providers.spec import Spec

__all__ = ["Lack", "ProviderState", "has_address", "state_of"]

_PACKAGES = {
    "embedded": (("xllamacpp", '%pip install "parllama_nb[embedded]"'),),
    "litellm": (("litellm", INSTALL),),
    "bedrock": (
        ("litellm", INSTALL),
        ("boto3", '%pip install "parllama_nb[bedrock]"'),
    ),
}
"""Packages of a provider that may be missing, and the command that installs each."""

_USUAL = {"azure": "https://RESOURCE.openai.azure.com"}
"""What an address looks like where each customer has one."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something a provider needs and does not have, and the one thing to do about it.

    `remedy` says so in words, or `command` is run as it stands. `url` is where to get
    what is needed, "" where there is no such page.
    """

    what: str
    remedy: str = ""
    command: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """The state of a provider as far as it is known without asking its server.

    `address` has no password and is "" where there is none; `source` says where it is
    set: "setting", an environment name, or "" for the default; `wrong_address` says why
    a provider that needs an address has none. `lacks` is in the order in which to mend
    it. `key` says whether there is a key, and where it comes from.
    """

    spec: Spec
    enabled: bool
    address: str
    source: str
    wrong_address: str
    key: KeyState
    lacks: tuple[Lack, ...]


def has_address(spec: Spec) -> bool:
    """Whether the provider has an address that can be set."""
    return bool(spec.base_url or spec.url_env)


def state_of(app: Parllama, name: str) -> ProviderState:
    """Return the state of a provider; asks no server.

    Raises:
        UnknownProviderError: there is no such provider.

    """
    spec = app.providers.spec(name)
    lacks: list[Lack] = []
    package = _package(spec)
    if package:
        lacks.append(package)
    key = app.providers.key(spec.name)
    if key.missing:
        lacks.append(Lack(key.missing, key.hint, url=key.url))
    address = source = wrong = ""
    try:
        if has_address(spec):
            found = app.providers.address(spec.name)
            address, source = app.redact(found.shown), found.source
    except ParllamaError as error:
        # litellm itself knows the addresses of its providers.
        if spec.wire != "litellm" or app.applied.options(spec.name).base_url:
            wrong = app.redact(str(error))
            lacks.append(_no_address(app, spec, error))
    return ProviderState(
        spec=spec,
        enabled=app.applied.options(spec.name).enabled,
        address=address,
        source=source,
        wrong_address=wrong,
        key=key,
        lacks=tuple(lacks),
    )


def _package(spec: Spec) -> Lack | None:
    which = spec.wire if spec.wire == "embedded" else spec.name
    for package, command in _PACKAGES.get(which, ()):
        if not _is_installed(package):
            return Lack("not installed", command=command)
    return None


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _no_address(app: Parllama, spec: Spec, error: ParllamaError) -> Lack:
    usual = spec.base_url or _USUAL.get(spec.name, "https://HOST")
    command = f"%parllama providers set {spec.name} base_url={usual}"
    return Lack(app.redact(error.message.rstrip(".")), command=command)
