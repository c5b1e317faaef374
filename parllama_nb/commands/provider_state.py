"""The state of a provider: its address, where its key is from, and what it lacks."""

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
"""Optional packages that a provider imports, and the extra that installs them."""

NO_KEY = "no key"
"""The `Lack.what` of a provider that requires a key."""

_PROFILE = "AWS_PROFILE"

_EXAMPLES = {"azure": "https://RESOURCE.openai.azure.com"}
"""Example addresses of providers that have one for each customer."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a provider needs and lacks, and how to get it.

    `remedy` says it in words, or `command` can be run as it is. `url`, if not empty, is
    the page that issues keys.
    """

    what: str
    remedy: str = ""
    command: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """A provider as it is configured now; its server is not asked.

    `address` has no password, and is empty if there is none. `source` says where it is
    from: "setting", an environment name, or "" for the default. `wrong_address` says
    why a required address is missing or invalid. `key_name` is the name under which its
    key was found and `key_source` the place, both empty without a key. `lacks` is in
    the order in which to act on it.
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
    """Whether the provider has an address that can be set."""
    return bool(spec.base_url or spec.url_env)


def state_of(app: Parllama, name: str) -> ProviderState:
    """Returns the state of a provider without a request.

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
            place = app.providers.address(spec.name)
            address, source = app.redact(place.shown), place.source
    except ParllamaError as error:
        # litellm itself knows the addresses of its providers.
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
    """Returns the name under which the provider's key was found, or what is lacking."""
    try:
        key_name = app.providers.key_name(spec.name)
    except ParllamaError as error:
        return "", Lack(app.redact(error.message), app.redact(error.hint or ""))
    if key_name is not None or not spec.key_env or spec.local:
        return key_name or "", None
    names, url = " or ".join(spec.key_env), spec.keys_url
    if spec.key == "required":
        elsewhere = app.providers.context.elsewhere()
        return "", Lack(NO_KEY, f"Set {names}{elsewhere}.", url=url)
    if spec.name == "bedrock" and not app.providers.context.environ(_PROFILE):
        # A machine at AWS may have access without any of them.
        return "", Lack(NO_KEY, f"Set {names}, or {_PROFILE}.", url=url)
    return "", None


def _no_address(app: Parllama, spec: Spec, error: ParllamaError) -> Lack:
    example = spec.base_url or _EXAMPLES.get(spec.name, "https://HOST")
    command = f"%parllama providers set {spec.name} base_url={example}"
    return Lack(app.redact(error.message.rstrip(".")), command=command)
