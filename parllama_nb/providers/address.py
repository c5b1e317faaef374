"""Names and addresses of the built-in providers."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ..errors import UsageError
from .http.endpoint import is_loopback
from .spec import Spec
from .specs import SPECS

__all__ = [
    "OLD_NAMES",
    "PARLLAMA_NAMES",
    "RETIRED",
    "SPECS",
    "Address",
    "address",
    "base_url",
    "hints",
    "ollama_address",
]

OLD_NAMES = {
    "azure-openai": "azure",
    "azure_openai": "azure",
    "claude": "anthropic",
    "google": "gemini",
    "llama-cpp": "llamacpp",
    "llama.cpp": "llamacpp",
    "llama_cpp": "llamacpp",
}
"""Other names of providers, in lower case."""

PARLLAMA_NAMES = {
    "Anthropic": "anthropic",
    "Azure": "azure",
    "Bedrock": "bedrock",
    "Deepseek": "deepseek",
    "Gemini": "gemini",
    "Github": "github",
    "Google": "gemini",
    "Groq": "groq",
    "LiteLLM": "litellm_proxy",
    "LlamaCpp": "llamacpp",
    "Mistral": "mistral",
    "Ollama": "ollama",
    "OpenAI": "openai",
    "OpenRouter": "openrouter",
    "XAI": "xai",
}
"""PAR LLAMA's name of a provider, and ours."""

RETIRED = {"github": "GitHub Models was shut down on 30 July 2026."}
"""Providers that no longer exist, and why."""

_HINTS: dict[str, dict[str, str]] = {
    "llamacpp": {
        "unreachable": "Is it running? `llama-server -m MODEL.gguf` starts it.",
    },
    "litellm_proxy": {
        "unreachable": "Is it running? `litellm --config FILE` starts it.",
    },
    "ollama": {
        "unreachable": "Is it running? `ollama serve` starts it; OLLAMA_HOST says "
        "where it is.",
        "authentication": "Check OLLAMA_API_KEY, or the name and password in "
        "OLLAMA_HOST: http://NAME:PASSWORD@HOST:PORT.",
        "no-model": "`%parllama pull llama3.2` fetches one.",
        "response": "Check OLLAMA_HOST, and that Ollama is up to date.",
        "memory": "Use a smaller model or context window, or unload what is loaded "
        "(`ollama ps`, `ollama stop MODEL`).",
    },
}


def hints(spec: Spec) -> dict[str, str]:
    """Return what to do at this provider about an error, by the code of the error.

    Not about its key: see `keys.error_hints`.
    """
    return dict(_HINTS.get(spec.name, {}))


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a provider, and where it is set.

    `source` is "setting", the name of an environment variable, or "" for the default.
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
    """Return the base URL of a provider; see `address`.

    Raises:
        UsageError: the setting, or a variable, is not an address.

    """
    return address(spec, environ, chosen).url


def address(
    spec: Spec, environ: Callable[[str], str | None], chosen: str = ""
) -> Address:
    """Return a provider's address: the user's setting, else a variable, else its own.

    Args:
        spec: the provider.
        environ: looks up an environment variable.
        chosen: the user's setting; `ProviderOptions.base_url`.

    Raises:
        UsageError: the setting, or a variable, is not an address, or none is set for a
            provider that has no default address.

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
        message = f"{spec.title} has no default address."
        raise UsageError(message, hint=f"Set {names}." if names else None)
    return Address(spec.base_url)


def ollama_address(value: str) -> str:
    """Return the server's address from `OLLAMA_HOST`, in every form Ollama accepts.

    A host, `host:port`, `:port`, an address to listen at (`0.0.0.0`, `::`), with or
    without a scheme and a path. The `/v1` of the OpenAI wire format is removed.
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
    # A server that listens on every interface is reached on this machine.
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    with contextlib.suppress(ValueError):
        host = f"[{ipaddress.IPv6Address(host)}]"
    path = path.strip("/").removesuffix("v1").strip("/")
    return f"{scheme}://{user}{at}{host}:{port}" + (f"/{path}" if path else "")


def _ollama(value: str, spec: Spec) -> str:  # noqa: ARG001 - a rule takes both
    return ollama_address(value)


def _plain(value: str, spec: Spec) -> str:
    if "://" not in value:
        with contextlib.suppress(ValueError):  # `_checked` says it
            local = spec.local or is_loopback(urlsplit(f"//{value}").hostname or "")
            value = f"{'http' if local else 'https'}://{value}"
    return value.rstrip("/")


def _groq(value: str, spec: Spec) -> str:
    """Add the path: Groq's own library takes an address without it."""
    url = _plain(value, spec)
    return url if urlsplit(url).path else f"{url}/openai/v1"


def _gemini(value: str, spec: Spec) -> str:
    """Add the path: Google's own library takes an address without it."""
    url = _plain(value, spec)
    return url if urlsplit(url).path else f"{url}/v1beta/openai"


def _anthropic(value: str, spec: Spec) -> str:
    """Remove the version: Anthropic's library adds it, but many write it."""
    return _plain(value, spec).removesuffix("/v1")


def _azure(value: str, spec: Spec) -> str:
    """Return the resource's address: Azure's pages show that of a deployment."""
    return _plain(value, spec).partition("/openai")[0].rstrip("/")


_RULES: dict[str, Callable[[str, Spec], str]] = {
    "anthropic": _anthropic,
    "azure": _azure,
    "gemini": _gemini,
    "groq": _groq,
    "ollama": _ollama,
}


def _checked(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
        valid = valid and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        # Not shown: an address may hold a password.
        message = f"{name} is not the address of a server."
        raise UsageError(message, hint="Addresses look like http://127.0.0.1:8080/v1.")
    return url
