"""A request as litellm takes it, with the keys and addresses of its provider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import UsageError
from ...secret import Secret
from ..base import ProviderContext
from ..keys import check_key, find_key, missing_key
from ..messages import ChatRequest
from ..openai.request import messages_of

__all__ = ["Access", "access_to", "arguments_of"]

_KEYS_OF_AWS = ("aws_access_key_id", "aws_secret_access_key")

# Others may be files' contents, of many lines.
_IN_HEADERS = ("api_key", *_KEYS_OF_AWS)


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a provider: litellm's arguments without secrets, and the keys."""

    plain: Mapping[str, str]
    secrets: Mapping[str, Secret]

    def reveal(self) -> dict[str, str]:
        """Return all arguments. Pass them on at once; keep no copy."""
        return dict(self.plain) | {
            name: secret.reveal() for name, secret in self.secrets.items()
        }


def access_to(
    fields: Iterable[Mapping[str, Any]],
    context: ProviderContext,
    label: str,
    *,
    keys_url: str = "",
) -> Access:
    """Look up keys and addresses of a provider, by litellm's names for them.

    Raises:
        AuthenticationError: a key that the provider requires is missing, or a key
            cannot be sent.
        UsageError: an address or another required setting is missing.

    """
    plain: dict[str, str] = {}
    secrets: dict[str, Secret] = {}
    missing: list[Mapping[str, Any]] = []
    for each in fields:
        argument, names = each["argument"], each["names"]
        if each["secret"]:
            secret = find_key(names, context)
            if secret is not None:
                if argument in _IN_HEADERS:
                    check_key(secret, label)
                secrets[argument] = secret
                continue
        else:
            values = ((context.environ(name) or "").strip() for name in names)
            value = next(filter(None, values), None)
            if value is not None:
                plain[argument] = value
                continue
        if each["required"]:
            missing.append(each)
    _one_way_to_aws(plain, secrets)
    # AWS has more ways to a key than names: profiles, roles, the machine's own.
    missing = [each for each in missing if each["argument"] not in _KEYS_OF_AWS]
    if missing:
        names = missing[0]["names"][:2]
        if missing[0]["secret"]:
            raise missing_key(label, names, context, keys_url)
        named = " or ".join(names)
        message = f"{label}: {named} is not set."
        raise UsageError(message, hint=f"Set {named}.")
    return Access(plain, secrets)


def arguments_of(request: ChatRequest, model: str) -> dict[str, Any]:
    """Return the arguments of a completion; an option that is not set is left out."""
    arguments: dict[str, Any] = {
        "model": model,
        # In OpenAI's format, which litellm translates.
        "messages": messages_of(request, files=True),
    }
    for name, value in request.options().items():
        if name == "stop":
            arguments[name] = list(value)
        elif name == "reasoning":
            arguments["reasoning_effort"] = "none" if value == "off" else value
        elif name == "reasoning_budget":
            arguments["thinking"] = {"type": "enabled", "budget_tokens": value}
        elif name == "response_schema":
            schema = {"name": "answer", "schema": dict(value), "strict": True}
            arguments["response_format"] = {
                "type": "json_schema",
                "json_schema": schema,
            }
        else:
            arguments[name] = value
    return arguments | dict(request.extra)


def _one_way_to_aws(plain: dict[str, str], secrets: dict[str, Secret]) -> None:
    """Keep a key of Bedrock's own, else a pair of AWS keys, else a profile."""
    pair = all(name in secrets for name in _KEYS_OF_AWS)
    if "api_key" in secrets or not pair:
        for name in (*_KEYS_OF_AWS, "aws_session_token"):
            secrets.pop(name, None)
    if pair or "api_key" in secrets:
        # It would be used before the keys.
        plain.pop("aws_profile_name", None)
