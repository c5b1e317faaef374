"""What PAR LLAMA's settings say of providers, in the names they have here."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from ..errors import UnknownProviderError
from .address import PARLLAMA_NAMES
from .registry import Registry

__all__ = ["disabled_providers"]

# Its LiteLLM is the proxy, and not the library of that name.
_NAMES = {name.lower(): ours for name, ours in PARLLAMA_NAMES.items()}


def disabled_providers(settings: Mapping[str, object], registry: Registry) -> list[str]:
    """The providers that are switched off in a PAR LLAMA's `settings.json`.

    Since 0.10 they stand in `provider.disabled_providers`, before that at the top, and
    once there was `disable_litellm_provider` alone. Who is not known here is left out.

    Args:
        settings: the file, as parsed JSON; whatever it holds.
        registry: knows the providers there are.

    """
    found: list[str] = []
    if settings.get("disable_litellm_provider") is True:
        found.append(PARLLAMA_NAMES["LiteLLM"])
    for place in (settings, settings.get("provider")):
        table = place.get("disabled_providers") if isinstance(place, Mapping) else None
        if not isinstance(table, Mapping):
            continue
        for name, off in table.items():
            if off is not True:
                continue
            with contextlib.suppress(UnknownProviderError):
                known = _NAMES.get(str(name).strip().lower(), str(name))
                found.append(registry.spec(known).name)
    return list(dict.fromkeys(found))
