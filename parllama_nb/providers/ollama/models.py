"""The models of an Ollama server, and what is known of each.

Newer servers list what a model can do and how much it can read; of older ones each
model is asked for it, a few at once, and once for each digest: models of the same
digest are the same. How much a model can read is in its own metadata, as
`ARCH.context_length`, and not in `num_ctx` of its Modelfile, which is what it gets.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ...errors import ParllamaError
from ..spec import ModelInfo
from .client import OllamaClient, entries_of
from .names import canonical

__all__ = ["CLOUD", "Facts", "Library", "facts_of", "host_of", "loaded"]

CLOUD = "ollama.com"
"""Where cloud models run whose server does not say it."""

_AT_ONCE = 4

_DETAILS = ("family", "parameter_size", "quantization_level", "format")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a model; None where the server does not say.

    `window` is how many tokens the model can read and `num_ctx` how many its Modelfile
    gives it; a `remote` one runs at ollama.com.
    """

    window: int | None = None
    num_ctx: int | None = None
    capabilities: frozenset[str] | None = None
    remote: bool = False


class Library:
    """The models of a server; what it says of one is cached by digest."""

    def __init__(self) -> None:
        self._by_digest: dict[str, Facts] = {}
        self.remote_hosts: dict[str, str] = {}
        """Where the cloud models of the last list run, by their full names."""

    async def models(self, client: OllamaClient, provider: str) -> list[ModelInfo]:
        """Return all models: the loaded ones first, by last use, then the newest.

        Raises:
            ProviderError: the server did not list them.

        """
        entries = await client.models()
        self.remote_hosts = {
            canonical(str(entry["name"])): host_of(entry)
            for entry in entries
            if entry.get("remote_host")
        }
        try:
            running = await loaded(client.call)
        except ParllamaError:
            # The list is useful without it.
            running = []
        asking = asyncio.Semaphore(_AT_ONCE)
        facts = await asyncio.gather(
            *(self._known(client, entry, asking) for entry in entries)
        )
        order = [canonical(str(entry["name"])) for entry in running]
        found = [
            _info(provider, entry, known, canonical(str(entry["name"])) in order)
            for entry, known in zip(entries, facts, strict=True)
        ]

        def rank(info: ModelInfo) -> int:
            name = canonical(info.name)
            return order.index(name) if name in order else len(order)

        return sorted(found, key=rank)

    async def _known(
        self, client: OllamaClient, entry: Mapping[str, Any], asking: asyncio.Semaphore
    ) -> Facts:
        listed = _listed(entry)
        if listed is not None:
            return listed
        digest = str(entry.get("digest") or "")
        if digest in self._by_digest:
            return self._by_digest[digest]
        name = str(entry["name"])
        try:
            async with asking:
                shown = await client.call("POST", "/api/show", {"model": name})
        except ParllamaError:
            # A model that cannot be shown, half deleted perhaps, hides no other.
            return Facts(remote="remote_host" in entry)
        facts = facts_of(shown)
        if digest:
            self._by_digest[digest] = facts
        return facts


async def loaded(
    call: Callable[[str, str], Awaitable[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Return the models in the server's memory, the one used last first.

    `call` is the client's method that asks for them.

    Raises:
        ProviderError: the server did not list them.

    """
    return entries_of(await call("GET", "/api/ps"))


def facts_of(shown: Mapping[str, Any]) -> Facts:
    """Return what `/api/show` says of a model."""
    given = shown.get("model_info")
    info: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    arch = info.get("general.architecture")
    return Facts(
        window=_count(info.get(f"{arch}.context_length")),
        num_ctx=_num_ctx(shown.get("parameters")),
        capabilities=_capabilities(shown, info),
        remote=bool(shown.get("remote_host")),
    )


def _listed(entry: Mapping[str, Any]) -> Facts | None:
    """Return what a server since 0.30 lists of a model; None for an older one.

    Not `num_ctx`, which only `/api/show` has.
    """
    details = entry.get("details") or {}
    if not isinstance(entry.get("capabilities"), list):
        return None
    return Facts(
        window=_count(details.get("context_length")),
        capabilities=frozenset(map(str, entry["capabilities"])),
        remote=bool(entry.get("remote_host")),
    )


def _capabilities(
    shown: Mapping[str, Any], info: Mapping[str, Any]
) -> frozenset[str] | None:
    """Return a model's capabilities; of a server before 0.6.4 by its own rules."""
    capabilities = shown.get("capabilities")
    if isinstance(capabilities, list):
        return frozenset(map(str, capabilities))
    arch = info.get("general.architecture")
    if not arch:
        return None
    found = {"embedding" if f"{arch}.pooling_type" in info else "completion"}
    if shown.get("projector_info") or f"{arch}.vision.block_count" in info:
        found.add("vision")
    if ".Tools" in str(shown.get("template")):
        found.add("tools")
    return frozenset(found)


def _num_ctx(parameters: object) -> int | None:
    """Return `num_ctx` of the parameters, a text with one on each line."""
    for line in str(parameters or "").splitlines():
        name, _, value = line.partition(" ")
        if name == "num_ctx":
            # Go writes a large one as 1.048576e+06.
            with contextlib.suppress(ValueError, OverflowError):
                return _count(int(float(value)))
    return None


def _info(
    provider: str,
    entry: Mapping[str, Any],
    facts: Facts,
    is_loaded: bool,  # noqa: FBT001
) -> ModelInfo:
    details = entry.get("details") or {}
    extra = {name: details[name] for name in _DETAILS if details.get(name)}
    if entry.get("digest"):
        extra["digest"] = entry["digest"]
    modified = entry.get("modified_at")
    return ModelInfo(
        provider=provider,
        name=str(entry["name"]),
        context_window=facts.window,
        size=_count(entry.get("size")),
        modified=str(modified) if modified else None,
        capabilities=facts.capabilities,
        extra=extra
        | {
            "loaded": is_loaded,
            "remote": facts.remote,
            "remote_host": host_of(entry) if facts.remote else "",
        },
    )


def host_of(entry: Mapping[str, Any]) -> str:
    """Return the host that a cloud model runs on, without scheme and port."""
    address = str(entry.get("remote_host") or "")
    return urlsplit(address).hostname or address or CLOUD


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
