"""The arguments of a model's provider: keys, addresses and the like."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["fields_of"]

_LITELLM = "litellm"

_ALIASES = {
    "aws_profile_name": ("AWS_PROFILE",),
    "aws_region_name": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "aws_bedrock_runtime_endpoint": (
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        "AWS_BEDROCK_RUNTIME_ENDPOINT",
    ),
    "bedrock api_key": ("AWS_BEARER_TOKEN_BEDROCK",),
    "huggingface api_key": ("HF_TOKEN",),
    "vertex_credentials": ("GOOGLE_APPLICATION_CREDENTIALS",),
    "vertex_location": ("VERTEXAI_LOCATION",),
    "vertex_project": ("VERTEXAI_PROJECT",),
    "watsonx api_base": ("WATSONX_URL",),
}
"""Environment names that do not follow from the name of litellm's argument."""


def fields_of(litellm: Any, model: str) -> dict[str, Any]:  # noqa: ANN401 - a module
    """Return the arguments of a model's provider, and their environment names.

    From litellm's own data; by its convention where that says nothing.
    """
    provider = litellm.get_llm_provider(model=model)[1]
    missing: list[str] = litellm.validate_environment(model=model)["missing_keys"]
    known = _json("proxy/public_endpoints/provider_create_fields.json") or []
    entry: dict[str, Any] = next(
        (e for e in known if e.get("litellm_provider") == provider), {}
    )
    plain = (_json("llms/openai_like/providers.json") or {}).get(provider) or {}
    fields = {"api_key": True, "api_base": False} | {
        field["key"]: field.get("field_type") == "password"
        for field in entry.get("credential_fields") or ()
    }
    named = {
        argument: _names(provider, argument, missing, plain.get(f"{argument}_env"))
        for argument in fields
    }
    return {
        "provider": provider,
        "fields": [
            {
                "argument": argument,
                "names": names,
                "secret": fields[argument],
                "required": not set(missing).isdisjoint(names),
            }
            for argument, names in named.items()
        ],
    }


def _names(
    provider: str, argument: str, missing: list[str], given: str | None
) -> list[str]:
    maker = provider.removeprefix("text-completion-").removesuffix("_chat")
    prefix = maker.upper().replace("-", "_")
    names = [each for each in missing if _is_of(argument, each)]
    names += [given] if given else []
    names += _ALIASES.get(f"{provider} {argument}", ()) or _ALIASES.get(argument, ())
    names += [f"{prefix}_{argument.upper()}"]
    names += [f"{prefix.removesuffix('_AI')}_{argument.upper()}"]
    # aws_region_name names its maker; client_secret does not.
    if argument.split("_", maxsplit=1)[0] in (
        "aws",
        "oci",
        "vertex",
        "azure",
        "gigachat",
    ):
        names.append(argument.upper())
    return list(dict.fromkeys(names))


def _is_of(argument: str, name: str) -> bool:
    """Whether an environment name is that of an argument."""
    if argument == "api_key":
        return name.endswith(("_API_KEY", "_API_TOKEN"))
    return name.endswith(argument.upper())


def _json(path: str) -> Any:  # noqa: ANN401 - whatever it holds
    folder = Path(sys.modules[_LITELLM].__file__ or "").parent
    with contextlib.suppress(OSError, ValueError):
        return json.loads((folder / path).read_bytes())
    return None
