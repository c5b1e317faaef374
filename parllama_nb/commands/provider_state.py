"""How a provider stands: where it is, whose key it has, and what it still wants."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from ..application import Parllama
from ..errors import ParllamaError
from ..providers.base import Spec

__all__ = ["NO_KEY", "Lack", "ProviderState", "has_address", "state_of"]

_PACKAGES = {
    "embedded": (("xllamacpp",), "embedded"),
    "litellm": (("litellm",), "litellm"),
    "bedrock": (("litellm", "boto3"), "bedrock"),
}
"""What a provider imports that is not always there, and the extra that brings it."""

NO_KEY = "no key"
"""What a provider lacks that has to have a key."""

_PROFILE = "AWS_PROFILE"

_USUAL = {"azure": "https://RESOURCE.openai.azure.com"}
"""What an address looks like, of those that have one for each customer."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something a provider cannot do without, and the one thing to do about it.

    It is told by `remedy`, in words, or is a `command` to be run as it stands. What is
    wanted for it is to be had at `url`, where there is one.
    """

    what: str
    remedy: str = ""
    command: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """A provider as it stands now, whatever its server says.

    `address` is without a password and empty where it has none; `source` is whose word
    it is: "setting", an environment name, or "" for the usual one; `wrong_address` says
    why there is none where there has to be one. `key_name` is the name under which its
    key was found and `key_source` where, both empty where there is none. `lacks` is in
    the order in which it is to be mended.
    """

    spec: Spec
    enabled: bool
    address: str
    source: str
    wrong_address: str
    key_name: str
    key_source: str
    lacks: tuple[Lack, ...]


def has_address(spec: Spec) -> bool:
    """Whether there is an address of it that can be set."""
    return bool(spec.base_url or spec.url_env)


def state_of(app: Parllama, name: str) -> ProviderState:
    """How a provider stands; asks nobody.

    Raises:
        UnknownProviderError: there is no such provider.

    """
    spec = app.providers.spec(name)
    lacks: list[Lack] = []
    package = _package(spec)
    if package:
        lacks.append(package)
    key_name, no_key = _key(app, spec)
    if no_key is not None:
        lacks.append(no_key)
    address = source = wrong = ""
    try:
        if has_address(spec):
            found = app.providers.address(spec.name)
            address, source = app.redact(found.shown), found.source
    except ParllamaError as error:
        # litellm knows the addresses of its providers itself.
        if spec.wire != "litellm" or app.options(spec.name).base_url:
            wrong = app.redact(str(error))
            lacks.append(_no_address(app, spec, error))
    return ProviderState(
        spec=spec,
        enabled=app.options(spec.name).enabled,
        address=address,
        source=source,
        wrong_address=wrong,
        key_name=key_name,
        key_source=app.keychain.source(key_name) if key_name else "",
        lacks=tuple(lacks),
    )


def _package(spec: Spec) -> Lack | None:
    which = spec.wire if spec.wire == "embedded" else spec.name
    packages, extra = _PACKAGES.get(which, ((), ""))
    if all(map(_is_installed, packages)):
        return None
    return Lack("not installed", command=f'%pip install "parllama_nb[{extra}]"')


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _key(app: Parllama, spec: Spec) -> tuple[str, Lack | None]:
    """The name a provider's key was found under, or what is to be done."""
    try:
        found = app.providers.key_name(spec.name)
    except ParllamaError as error:
        return "", Lack(app.redact(error.message), app.redact(error.hint or ""))
    if found is not None or not spec.key_env or spec.local:
        return found or "", None
    names, url = " or ".join(spec.key_env), spec.keys_url
    if spec.key == "required":
        elsewhere = app.providers.context.elsewhere()
        return "", Lack(NO_KEY, f"Set {names}{elsewhere}.", url=url)
    if spec.name == "bedrock" and not app.providers.context.environ(_PROFILE):
        # A machine of AWS's own may be let in without any of them.
        return "", Lack(NO_KEY, f"Set {names}, or {_PROFILE}.", url=url)
    return "", None


def _no_address(app: Parllama, spec: Spec, error: ParllamaError) -> Lack:
    usual = spec.base_url or _USUAL.get(spec.name, "https://HOST")
    command = f"%parllama providers set {spec.name} base_url={usual}"
    return Lack(app.redact(error.message.rstrip(".")), command=command)
