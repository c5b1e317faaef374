"""What PAR LLAMA's settings say about providers."""

from __future__ import annotations

import pytest

from parllama_nb.importers.parllama_settings import disabled_providers
from parllama_nb.plugins import Plugins
from parllama_nb.providers.registry import Registry
from parllama_nb.testing import context


@pytest.mark.parametrize(
    ("settings", "off"),
    [
        ({}, []),
        ({"disabled_providers": {"OpenAI": True, "Groq": False}}, ["openai"]),
        (
            {"provider": {"disabled_providers": {"LlamaCpp": True, "XAI": True}}},
            ["llamacpp", "xai"],
        ),
        ({"disable_litellm_provider": True}, ["litellm_proxy"]),
        ({"disable_litellm_provider": False}, []),
        (
            {
                "disable_litellm_provider": True,
                "disabled_providers": {"LiteLLM": True, "Nobody": True},
            },
            ["litellm_proxy"],
        ),
        (
            {"disabled_providers": {"Google": True, "openai": True}},
            ["gemini", "openai"],
        ),
        ({"disabled_providers": {"Github": True}}, []),
        ({"disabled_providers": {"OpenRouter": 1, "Deepseek": "yes"}}, []),
        ({"disabled_providers": ["OpenAI"], "provider": "x"}, []),
        ({"disabled_providers": {"": True, "a/b": True, "\n": True}}, []),
    ],
)
def test_providers_switched_off_in_par_llama_get_their_names_here(
    settings: dict[str, object], off: list[str]
) -> None:
    registry = Registry(context(), Plugins())
    assert disabled_providers(settings, registry) == off
