"""The providers that are built in, as data, and where each is to be found."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ..errors import UsageError
from .base import Spec

__all__ = [
    "OLD_NAMES",
    "SPECS",
    "Address",
    "address",
    "base_url",
    "hints",
    "ollama_address",
]

SPECS: dict[str, Spec] = {
    spec.name: spec
    for spec in (
        Spec(
            name="embedded",
            title="Embedded engine",
            wire="embedded",
            key="none",
            local=True,
        ),
        Spec(
            name="ollama",
            title="Ollama",
            wire="openai",
            base_url="http://127.0.0.1:11434/v1",
            url_env=("OLLAMA_HOST",),
            key_env=("OLLAMA_API_KEY",),
            key="optional",
            local=True,
        ),
        Spec(
            name="llamacpp",
            title="llama.cpp",
            wire="openai",
            base_url="http://127.0.0.1:8080/v1",
            url_env=("LLAMACPP_BASE_URL",),
            key_env=("LLAMACPP_API_KEY",),
            key="optional",
            local=True,
            keep_alive=False,
        ),
        Spec(
            name="litellm",
            title="LiteLLM proxy",
            wire="openai",
            base_url="http://127.0.0.1:4000",
            url_env=("LITELLM_PROXY_API_BASE", "LITELLM_BASE_URL"),
            key_env=("LITELLM_PROXY_API_KEY", "LITELLM_API_KEY"),
            key="optional",
            local=True,
        ),
        Spec(
            name="openai",
            title="OpenAI",
            wire="openai",
            base_url="https://api.openai.com/v1",
            url_env=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
            key_env=("OPENAI_API_KEY",),
            keys_url="https://platform.openai.com/api-keys",
        ),
        Spec(
            name="openrouter",
            title="OpenRouter",
            wire="openai",
            base_url="https://openrouter.ai/api/v1",
            url_env=("OPENROUTER_BASE_URL",),
            key_env=("OPENROUTER_API_KEY",),
            keys_url="https://openrouter.ai/settings/keys",
        ),
        Spec(
            name="groq",
            title="Groq",
            wire="openai",
            base_url="https://api.groq.com/openai/v1",
            url_env=("GROQ_BASE_URL",),
            key_env=("GROQ_API_KEY",),
            keys_url="https://console.groq.com/keys",
        ),
        Spec(
            name="deepseek",
            title="DeepSeek",
            wire="openai",
            base_url="https://api.deepseek.com",
            url_env=("DEEPSEEK_BASE_URL",),
            key_env=("DEEPSEEK_API_KEY",),
            keys_url="https://platform.deepseek.com/api_keys",
        ),
        Spec(
            name="xai",
            title="xAI",
            wire="openai",
            base_url="https://api.x.ai/v1",
            url_env=("XAI_BASE_URL",),
            key_env=("XAI_API_KEY",),
            keys_url="https://console.x.ai",
        ),
        Spec(
            name="mistral",
            title="Mistral",
            wire="openai",
            base_url="https://api.mistral.ai/v1",
            url_env=("MISTRAL_BASE_URL",),
            key_env=("MISTRAL_API_KEY",),
            keys_url="https://console.mistral.ai/api-keys",
        ),
    )
}

OLD_NAMES = {"google": "gemini", "llama.cpp": "llamacpp", "llama-cpp": "llamacpp"}
"""Other names, in lower case, a provider is known by, PAR LLAMA's among them."""

_START = {
    "ollama": "Is it running? `ollama serve` starts it; OLLAMA_HOST says where it is.",
    "llamacpp": "Is it running? `llama-server -m MODEL.gguf` starts it.",
    "litellm": "Is it running? `litellm --config FILE` starts it.",
}


def hints(spec: Spec) -> dict[str, str]:
    """What to do at this provider about an error, by the code of the error."""
    given: dict[str, str] = {}
    if spec.name in _START:
        given["unreachable"] = _START[spec.name]
    if spec.key_env:
        where = f" Keys: {spec.keys_url}" if spec.keys_url else ""
        given["authentication"] = f"Check {' or '.join(spec.key_env)}.{where}"
    return given


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider is, and by whose word.

    `source` is "setting", the name of an environment variable, or "" for the usual one.
    """

    url: str
    source: str = ""

    @property
    def shown(self) -> str:
        """The address without a user name and a password."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=host))


def base_url(spec: Spec, environ: Callable[[str], str | None], chosen: str = "") -> str:
    """Where a provider is; see `address`.

    Raises:
        UsageError: what was chosen, or a variable, is no address.

    """
    return address(spec, environ, chosen).url


def address(
    spec: Spec, environ: Callable[[str], str | None], chosen: str = ""
) -> Address:
    """Where a provider is: as the user chose, else its variables say, else as usual.

    Args:
        spec: the provider.
        environ: looks up an environment variable.
        chosen: what the settings say; `ProviderOptions.base_url`.

    Raises:
        UsageError: what was chosen, or a variable, is no address.

    """
    written = [("", chosen), *((name, environ(name)) for name in spec.url_env)]
    for variable, text in written:
        value = (text or "").strip().strip("'\"")
        if value:
            label = variable or f"providers.{spec.name}.base_url"
            url = _checked(label, _RULES.get(spec.name, _plain)(value, spec))
            return Address(url, variable or "setting")
    if not spec.base_url:
        names = " or ".join(spec.url_env)
        message = f"{spec.title} has no usual address."
        raise UsageError(message, hint=f"Set {names}." if names else None)
    return Address(spec.base_url)


def ollama_address(value: str) -> str:
    """The server's address from `OLLAMA_HOST`, in every form Ollama itself takes.

    A host, `host:port`, `:port`, an address to listen at (`0.0.0.0`, `::`), with or
    without a scheme and a path. Gives it without the `/v1` of the OpenAI wire format.
    """
    scheme, found, rest = value.strip().partition("://")
    if not found:
        scheme, rest = "http", value.strip()
        port = "11434"
    else:
        port = {"http": "80", "https": "443"}.get(scheme, "11434")
    authority, _, path = rest.partition("/")
    user, at, authority = authority.rpartition("@")
    if authority.count(":") > 1 and not authority.startswith("["):
        host = authority
    else:
        bracketed, bracket, after = authority.rpartition("]")
        host, _, given = after.partition(":")
        host = f"{bracketed}{bracket}{host}".strip("[]")
        port = given or port
    # What a server listens at on every interface is reached on this machine.
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    with contextlib.suppress(ValueError):
        host = f"[{ipaddress.IPv6Address(host)}]"
    path = path.strip("/").removesuffix("v1").strip("/")
    return f"{scheme}://{user}{at}{host}:{port}" + (f"/{path}" if path else "")


def _ollama(value: str, spec: Spec) -> str:  # noqa: ARG001 - a rule takes both
    return f"{ollama_address(value)}/v1"


def _plain(value: str, spec: Spec) -> str:
    if "://" not in value:
        value = f"{'http' if spec.local else 'https'}://{value}"
    return value.rstrip("/")


def _groq(value: str, spec: Spec) -> str:
    """Groq's own library takes the address of the host and adds the path itself."""
    url = _plain(value, spec)
    return url if urlsplit(url).path else f"{url}/openai/v1"


_RULES: dict[str, Callable[[str, Spec], str]] = {"ollama": _ollama, "groq": _groq}


def _checked(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
        valid = valid and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        # Not shown: an address may hold a password.
        message = f"{name} holds no address of a server."
        raise UsageError(message, hint="Addresses look like http://127.0.0.1:8080/v1.")
    return url
