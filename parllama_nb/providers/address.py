"""The providers that are built in: their names, and where each is to be found."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ..errors import UsageError
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
"""Other names, in lower case, a provider is known by."""

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
"""What PAR LLAMA's files call a provider, and what it is called here."""

RETIRED = {"github": "GitHub Models was shut down on 30 July 2026."}
"""Providers there were, by name, and what became of them."""

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
        "no-model": "`ollama pull llama3.2` fetches one.",
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
    return ollama_address(value)


def _plain(value: str, spec: Spec) -> str:
    if "://" not in value:
        value = f"{'http' if spec.local else 'https'}://{value}"
    return value.rstrip("/")


def _groq(value: str, spec: Spec) -> str:
    """Groq's own library takes the address of the host and adds the path itself."""
    url = _plain(value, spec)
    return url if urlsplit(url).path else f"{url}/openai/v1"


def _gemini(value: str, spec: Spec) -> str:
    """Google's own library takes the address of the host, too."""
    url = _plain(value, spec)
    return url if urlsplit(url).path else f"{url}/v1beta/openai"


def _anthropic(value: str, spec: Spec) -> str:
    """Anthropic's own library adds the version itself; many write it nevertheless."""
    return _plain(value, spec).removesuffix("/v1")


def _azure(value: str, spec: Spec) -> str:
    """The resource's address: what Azure's pages show goes on to one deployment."""
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
        message = f"{name} holds no address of a server."
        raise UsageError(message, hint="Addresses look like http://127.0.0.1:8080/v1.")
    return url
