"""What PAR LLAMA's settings say about providers, under the names these have here."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from ..errors import UnknownProviderError
from ..providers.address import PARLLAMA_NAMES
from ..providers.registry import Registry

__all__ = ["disabled_providers"]

# Its LiteLLM is the proxy, not the library of that name.
_NAMES = {name.lower(): ours for name, ours in PARLLAMA_NAMES.items()}


def disabled_providers(settings: Mapping[str, object], registry: Registry) -> list[str]:
    """Return the providers that PAR LLAMA's `settings.json` switches off.

    Since version 0.10 they are in `provider.disabled_providers`, before that at the top
    level, and still earlier there was only `disable_litellm_provider`. Providers that
    do not exist here are ignored.

    Args:
        settings: the parsed JSON of the file, whatever it holds.
        registry: has the providers that exist here.

    """
    disabled: list[str] = []
    if settings.get("disable_litellm_provider") is True:
        disabled.append(PARLLAMA_NAMES["LiteLLM"])
    for place in (settings, settings.get("provider")):
        table = place.get("disabled_providers") if isinstance(place, Mapping) else None
        if not isinstance(table, Mapping):
            continue
        for name, off in table.items():
            if off is not True:
                continue
            with contextlib.suppress(UnknownProviderError):
                known = _NAMES.get(str(name).strip().lower(), str(name))
                disabled.append(registry.spec(known).name)
    return list(dict.fromkeys(disabled))
