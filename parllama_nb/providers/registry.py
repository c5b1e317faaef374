"""All providers: those of `SPECS` and those of plugins.

A plugin is one of two things:

- a `Spec` whose `wire` is one of the built-in formats (`openai`, `anthropic`,
  `ollama`): a provider as data;
- a subclass of `Provider` with a class attribute `spec`.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from importlib import import_module
from typing import cast

from ..errors import (
    ProviderDisabledError,
    UnknownProviderError,
    UsageError,
)
from ..fuzzy import near
from ..plugins import PROVIDERS, Plugins
from .address import OLD_NAMES, RETIRED, SPECS, Address, address
from .base import Provider, ProviderContext
from .keys import KeyState, key_state
from .spec import Spec

__all__ = ["Registry"]

_log = logging.getLogger(__name__)

_WIRES = {
    "openai": ("openai.provider", "OpenAIWire"),
    "anthropic": ("anthropic.provider", "AnthropicWire"),
    "azure": ("openai.azure", "AzureWire"),
    "ollama": ("ollama.provider", "Ollama"),
    "embedded": ("embedded", "EmbeddedProvider"),
    "litellm": ("litellm.provider", "LiteLLMWire"),
}
"""Which module of this package speaks a wire format, and its provider's class."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")

_Brought = dict[str, tuple[Spec, type[Provider] | None]]

# The provider that a bare name probably belongs to; for a hint only.
_FAMILIES = (
    ("embedded", re.compile(r"smollm2$", re.IGNORECASE)),
    ("openai", re.compile(r"(gpt-|chatgpt|o\d\b)", re.IGNORECASE)),
    ("anthropic", re.compile(r"claude", re.IGNORECASE)),
    ("gemini", re.compile(r"gemini", re.IGNORECASE)),
    ("xai", re.compile(r"grok", re.IGNORECASE)),
    ("mistral", re.compile(r"(mistral|codestral|magistral).*-", re.IGNORECASE)),
    ("deepseek", re.compile(r"deepseek-(chat|reasoner|v\d|flash)", re.IGNORECASE)),
    ("ollama", re.compile(r"\S+", re.IGNORECASE)),
)


class Registry:
    """Providers by name. One instance of each, made when it is first needed.

    `get` and `aclose` run on the service loop, all others on any thread.
    """

    def __init__(self, context: ProviderContext, plugins: Plugins) -> None:
        self.context = context
        self.plugins = plugins
        self._lock = threading.Lock()
        self._made: dict[str, Provider] = {}
        self._brought: tuple[Mapping[str, object], _Brought] = {}, {}

    def names(self) -> list[str]:
        """Return all providers, the built-in ones first."""
        return [*SPECS, *self._plugins()]

    def enabled(self) -> list[str]:
        """Return the providers that are not switched off, in the same order."""
        return [name for name in self.names() if self.context.options(name).enabled]

    def require(self, name: str) -> str:
        """Return the canonical name of a provider that may be asked.

        Raises:
            UnknownProviderError: there is no such provider.
            ProviderDisabledError: the provider is switched off.

        """
        known = self._known(name)
        if self.context.options(known).enabled:
            return known
        message = f"The provider {known} is switched off."
        raise ProviderDisabledError(message, hint=f"%parllama providers enable {known}")

    def key(self, name: str) -> KeyState:
        """Return which key a provider has, and what is missing.

        Raises:
            UnknownProviderError: there is no such provider.

        """
        return key_state(self.spec(name), self.context)

    def address(self, name: str) -> Address:
        """Return the address of a provider, and where it is set.

        Raises:
            UnknownProviderError: there is no such provider.
            UsageError: the provider has no address, or none that can be used.

        """
        spec = self.spec(name)
        chosen = self.context.options(spec.name).base_url
        return address(spec, self.context.environ, chosen)

    def spec(self, name: str) -> Spec:
        """Return the description of a provider.

        Raises:
            UnknownProviderError: there is no such provider.

        """
        known = self._known(name)
        return SPECS[known] if known in SPECS else self._plugins()[known][0]

    def get(self, name: str) -> Provider:
        """Return the provider of this name.

        Raises:
            UnknownProviderError: there is no such provider.
            ProviderDisabledError: the provider is switched off.

        """
        known = self.require(name)
        with self._lock:
            provider = self._made.get(known)
            if provider is None:
                provider = self._made[known] = self._make(known)
        return provider

    def parse(self, model: str) -> tuple[str, str]:
        """Return the provider and the model's own name in `provider/model`.

        Raises:
            UsageError: the text has no slash, or nothing on one side of it.
            UnknownProviderError: the text before the first slash is no provider.

        """
        text = model.strip()
        before, slash, name = text.partition("/")
        if slash and before and name:
            return self._known(before), name
        message = f"{text!r} is not a model: models are named provider/model."
        raise UsageError(message, hint=self._guess(before, name))

    async def aclose(self) -> None:
        """Close all providers."""
        with self._lock:
            made, self._made = list(self._made.values()), {}
        for provider in made:
            try:
                await provider.aclose()
            except Exception as error:  # noqa: BLE001 - the others are to be closed too
                kind = type(error).__name__
                _log.warning("%s failed to close: %s", provider.spec.name, kind)

    def _known(self, name: str) -> str:
        """Return the canonical name of a provider; accepts any case, and old names."""
        wanted = name.strip().lower()
        for candidate in (wanted, OLD_NAMES.get(wanted, wanted)):
            # `SPECS` first: it answers without a search for plugins.
            if candidate in SPECS or candidate in self._plugins():
                return candidate
        names = self.names()
        offered = near(wanted, names)
        reason = self.plugins.failures.get(wanted)
        if wanted in RETIRED:
            raise UnknownProviderError(
                RETIRED[wanted], hint=f"Available: {', '.join(names)}."
            )
        if reason:
            hint = f"Its plugin cannot be used: {reason}"
        elif offered:
            hint = f"Did you mean {' or '.join(offered)}?"
        else:
            hint = f"Available: {', '.join(names)}."
        message = f"There is no provider {name.strip()!r}."
        raise UnknownProviderError(message, hint=hint)

    def _guess(self, before: str, name: str) -> str:
        names = self.names()
        bare = before or name
        if bare.lower() in names and not name:
            return f"Add the model: {bare.lower()}/MODEL."
        for provider, family in _FAMILIES:
            if bare and provider in names and family.match(bare):
                return f"Did you mean {provider}/{bare}?"
        return "For example ollama/llama3.2:1b or openai/gpt-5-mini."

    def _make(self, name: str) -> Provider:
        if name in SPECS:
            spec, cls = SPECS[name], None
        else:
            spec, cls = self._plugins()[name]
        if cls is None:
            module, attribute = _WIRES[spec.wire]
            # By its name, so that a provider's libraries are not paid for before it.
            loaded = getattr(import_module(f".{module}", __package__), attribute)
            return cast("type[Provider]", loaded)(spec, self.context)
        try:
            return cls(spec, self.context)
        except Exception as error:  # noqa: BLE001 - a plugin's, whatever it is
            reason = f"{type(error).__name__}: {error}"
        self.plugins.reject(name, reason)
        message = f"The plugin of the provider {name!r} cannot be used."
        raise UnknownProviderError(message, hint=self.plugins.failures[name])

    def _plugins(self) -> _Brought:
        loaded = self.plugins.load(PROVIDERS)
        if self._brought[0] is not loaded:
            brought: _Brought = {}
            for point, plugin in loaded.items():
                spec = plugin if isinstance(plugin, Spec) else _spec_of(plugin)
                wrong = _wrong(spec, plugin, brought)
                if spec is None or wrong:
                    self.plugins.reject(point, wrong)
                else:
                    cls = plugin if isinstance(plugin, type) else None
                    brought[spec.name] = spec, cls
            self._brought = loaded, brought
        return self._brought[1]


def _spec_of(plugin: object) -> Spec | None:
    if isinstance(plugin, type) and issubclass(plugin, Provider):
        spec = getattr(plugin, "spec", None)
        return spec if isinstance(spec, Spec) else None
    return None


def _wrong(
    spec: Spec | None,
    plugin: object,
    brought: _Brought,
) -> str:
    """Return why a plugin cannot be used; '' if it can."""
    if spec is None:
        return "it is neither a Spec nor a subclass of Provider with a spec"
    if not _NAME.fullmatch(spec.name):
        return (
            f"{spec.name!r} is not a name: lower-case letters, digits, . _ and - only"
        )
    if spec.name in SPECS:
        return f"the provider {spec.name} is built in"
    if spec.name in brought:
        return f"another plugin brings the provider {spec.name}"
    if isinstance(plugin, Spec) and spec.wire not in _WIRES:
        return f"{spec.wire!r} is not a wire format; available: {', '.join(_WIRES)}"
    return ""
