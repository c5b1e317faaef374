"""The providers that are built in, as data."""

from __future__ import annotations

from .spec import COMMON_OPTIONS, Spec

__all__ = ["SPECS"]

_SHAPED = COMMON_OPTIONS | {"reasoning", "response_schema"}
"""What most servers of the OpenAI wire format support; a model may support less."""

_LLAMACPP = _SHAPED | {"top_k"}

_MEGABYTE = 1_000_000

SPECS: dict[str, Spec] = {
    spec.name: spec
    for spec in (
        Spec(
            name="embedded",
            title="Embedded engine",
            wire="embedded",
            key="none",
            local=True,
            options=_LLAMACPP,
            continues=True,
        ),
        Spec(
            name="ollama",
            title="Ollama",
            wire="ollama",
            base_url="http://127.0.0.1:11434",
            url_env=("OLLAMA_HOST",),
            key_env=("OLLAMA_API_KEY",),
            key="optional",
            local=True,
            options=_SHAPED | {"top_k", "context_window", "keep_alive"},
            continues=True,
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
            options=_LLAMACPP,
            cache_hours=24,
            continues=True,
        ),
        Spec(
            name="litellm_proxy",
            title="LiteLLM proxy",
            wire="openai",
            base_url="http://127.0.0.1:4000",
            url_env=("LITELLM_PROXY_API_BASE", "LITELLM_BASE_URL"),
            key_env=("LITELLM_PROXY_API_KEY", "LITELLM_API_KEY"),
            key="optional",
            local=True,
            options=_SHAPED | {"reasoning_budget", "top_k"},
            cache_hours=24,
        ),
        Spec(
            name="openai",
            title="OpenAI",
            wire="openai",
            base_url="https://api.openai.com/v1",
            url_env=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
            key_env=("OPENAI_API_KEY",),
            keys_url="https://platform.openai.com/api-keys",
            options=_SHAPED,
            cache_hours=48,
            # https://developers.openai.com/api/docs/guides/file-inputs: 50 MB.
            documents=30 * _MEGABYTE,
        ),
        Spec(
            name="anthropic",
            title="Anthropic",
            wire="anthropic",
            base_url="https://api.anthropic.com",
            url_env=("ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE"),
            key_env=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
            keys_url="https://platform.claude.com/settings/keys",
            options=(_SHAPED - {"seed"}) | {"reasoning_budget", "top_k"},
            cache_hours=48,
            # https://platform.claude.com/docs/en/build-with-claude/pdf-support: 32 MB
            # for all of a request, in which a file is a third larger.
            documents=20 * _MEGABYTE,
        ),
        Spec(
            name="gemini",
            title="Gemini",
            wire="openai",
            base_url="https://generativelanguage.googleapis.com/v1beta/openai",
            url_env=("GEMINI_BASE_URL", "GOOGLE_GEMINI_BASE_URL"),
            key_env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            keys_url="https://aistudio.google.com/apikey",
            # Its OpenAI endpoint answers 400 to a seed: "Unknown name".
            options=(_SHAPED - {"seed"}) | {"reasoning_budget"},
            cache_hours=48,
        ),
        Spec(
            name="azure",
            title="Azure OpenAI",
            wire="azure",
            url_env=("AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"),
            key_env=("AZURE_OPENAI_API_KEY", "AZURE_API_KEY"),
            keys_url="https://ai.azure.com",
            options=_SHAPED,
            cache_hours=48,
        ),
        Spec(
            name="openrouter",
            title="OpenRouter",
            wire="openai",
            base_url="https://openrouter.ai/api/v1",
            url_env=("OPENROUTER_BASE_URL",),
            key_env=("OPENROUTER_API_KEY",),
            keys_url="https://openrouter.ai/settings/keys",
            options=_SHAPED | {"reasoning_budget", "top_k"},
            cache_hours=24,
            # https://openrouter.ai/docs/guides/overview/multimodal/pdfs
            documents=20 * _MEGABYTE,
        ),
        Spec(
            name="groq",
            title="Groq",
            wire="openai",
            base_url="https://api.groq.com/openai/v1",
            url_env=("GROQ_BASE_URL",),
            key_env=("GROQ_API_KEY",),
            keys_url="https://console.groq.com/keys",
            options=_SHAPED,
            cache_hours=24,
        ),
        Spec(
            name="deepseek",
            title="DeepSeek",
            wire="openai",
            base_url="https://api.deepseek.com",
            url_env=("DEEPSEEK_BASE_URL",),
            key_env=("DEEPSEEK_API_KEY",),
            keys_url="https://platform.deepseek.com/api_keys",
            options=_SHAPED - {"seed"},
            cache_hours=48,
        ),
        Spec(
            name="xai",
            title="xAI",
            wire="openai",
            base_url="https://api.x.ai/v1",
            url_env=("XAI_BASE_URL",),
            key_env=("XAI_API_KEY",),
            keys_url="https://console.x.ai",
            options=_SHAPED,
            cache_hours=48,
        ),
        Spec(
            name="mistral",
            title="Mistral",
            wire="openai",
            base_url="https://api.mistral.ai/v1",
            url_env=("MISTRAL_BASE_URL",),
            key_env=("MISTRAL_API_KEY",),
            keys_url="https://console.mistral.ai/api-keys",
            options=_SHAPED,
        ),
        Spec(
            name="bedrock",
            title="Amazon Bedrock",
            wire="litellm",
            url_env=(
                "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
                "AWS_BEDROCK_RUNTIME_ENDPOINT",
            ),
            key_env=("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"),
            key="optional",
            keys_url="https://console.aws.amazon.com/bedrock/home#/api-keys",
            options=_SHAPED | {"reasoning_budget"},
            cache_hours=72,
            offered=False,
            # https://docs.litellm.ai/docs/completion/document_understanding; Bedrock
            # takes 4.5 MB of each document.
            documents=4 * _MEGABYTE,
        ),
        Spec(
            name="litellm",
            title="LiteLLM",
            wire="litellm",
            key="optional",
            # litellm itself refuses what a model does not support.
            options=_SHAPED | {"reasoning_budget", "top_k"},
            offered=False,
            documents=20 * _MEGABYTE,
        ),
    )
}
