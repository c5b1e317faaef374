"""Which key a provider has, where it comes from, and what the user is told without it.

Every sentence about a key is made here: for the error of a request, for the lists of
models, and for the commands and views that show the providers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..errors import AuthenticationError, ParllamaError
from ..secret import Secret
from .address import hints
from .base import ProviderContext
from .spec import Spec

__all__ = [
    "NO_KEY",
    "KeyState",
    "check_key",
    "error_hints",
    "find_key",
    "key_state",
    "missing_key",
    "refused_hint",
    "require_key",
    "same_key",
]

NO_KEY = "no key"
"""What is missing where a provider has no key."""

_QUOTES = ('""', "''", "``", "“”", "„“", "‘’", "‚‘", "«»", "””", "’’")  # noqa: RUF001
"""Pairs of quotes, of all scripts; word processors write the curved ones."""

_AROUND = "\u200b\u200e\u200f\u2060\ufeff"
"""Characters without a width that web pages put around what is copied."""

_SCHEME = re.compile(r"(authorization:\s*)?bearer\s+", re.IGNORECASE)

_INSTEAD = {"bedrock": "AWS_PROFILE"}
"""The variable that replaces the key of a provider."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """The key of a provider.

    `secret` is the key, None without one, and `source` where it comes from:
    "environment", "vault", or "". `missing` says in a few words what is missing, and
    `hint` in a sentence what to do; both are "" where nothing is missing. `url` is the
    page where the provider hands out keys. `required=False`: the provider can be asked
    all the same.
    """

    secret: Secret | None = None
    source: str = ""
    missing: str = ""
    hint: str = ""
    url: str = ""
    required: bool = True

    @property
    def name(self) -> str:
        """The environment name that the key has, "" without a key."""
        return self.secret.name if self.secret else ""

    @property
    def advice(self) -> str:
        """`hint`, and where to get a key."""
        return _with_url(self.hint, self.url)


def key_state(spec: Spec, context: ProviderContext) -> KeyState:
    """Look the key of a provider up. Never raises: an error is `missing`."""
    looking = replace(context, secret=context.peek or context.secret)
    try:
        secret = find_key(spec.key_env, looking)
        source = context.source(secret.name) if secret else ""
    except ParllamaError as error:
        missing, hint = context.redact(error.message), context.redact(error.hint or "")
        return KeyState(missing=missing, hint=hint, required=spec.key == "required")
    if secret is not None:
        return KeyState(secret, source)
    instead = _INSTEAD.get(spec.name, "")
    replaced = bool(instead and context.environ(instead))
    if spec.key != "required" and (not instead or replaced):
        return KeyState(required=False)
    hint = _set(spec.key_env, context, instead)
    # A machine of Amazon's own may be let in without any key.
    required = spec.key == "required"
    return KeyState(missing=NO_KEY, hint=hint, url=spec.keys_url, required=required)


def find_key(names: Iterable[str], context: ProviderContext) -> Secret | None:
    """Return the first secret of these environment names that is set.

    Without what is pasted around a key: white space, a pair of quotes, and the
    `Bearer` of a header. The redactor knows both forms.
    """
    for name in names:
        secret = context.secret(name)
        key = _bare(secret.reveal()) if secret else ""
        if secret and key == secret.reveal():
            return secret
        if secret and key:
            return context.redact.add(Secret(secret.name, key))
    return None


def require_key(spec: Spec, context: ProviderContext) -> Secret | None:
    """Return the key for a request; None if the provider has none and needs none.

    Raises:
        AuthenticationError: there is no key, and the provider requires one.

    """
    secret = None if spec.key == "none" else find_key(spec.key_env, context)
    if secret is None and spec.key == "required":
        raise missing_key(spec.title, spec.key_env, context, spec.keys_url)
    return secret


def missing_key(
    label: str, names: Iterable[str], context: ProviderContext, url: str
) -> AuthenticationError:
    """Make the error of a request without a key; `names` are where it may be set."""
    names = tuple(names)
    hint = _with_url(_set(names, context, keep=True), url)
    error = AuthenticationError(f"{label}: there is no key.", hint=hint)
    error.missing_key = next(iter(names), "")
    return error


def refused_hint(
    names: Iterable[str], context: ProviderContext, url: str, *, sent: bool
) -> str:
    """Say what to do about a key that was refused, or was not `sent` and is needed."""
    if sent:
        return _with_url(f"Check {' or '.join(names)}.", url)
    return _with_url(_set(tuple(names), context, keep=True), url)


def error_hints(
    spec: Spec, context: ProviderContext, key: Secret | None
) -> dict[str, str]:
    """Return what to do about an error of this provider, by the code of the error."""
    found = hints(spec)
    own = found.get("authentication")
    if own is None and spec.key_env:
        names = (key.name,) if key else spec.key_env
        sent = key is not None
        own = refused_hint(names, context, spec.keys_url, sent=sent)
    elif own is not None and key is None:
        own = f"{own.removesuffix('.')}{context.key_hint('')}."
    return found | ({"authentication": own} if own else {})


def check_key(key: Secret | None, label: str) -> None:
    """Refuse a key that no header can carry, as one with a line break.

    The error of an HTTP library would quote it.

    Raises:
        AuthenticationError: the key cannot be sent.

    """
    value = key.reveal() if key else ""
    if key is None or (value.isascii() and value.isprintable()):
        return
    message = f"{label}: {key.name} has characters that no key has."
    hint = "It may have been copied with a line break or with other text."
    raise AuthenticationError(message, hint=hint)


def same_key(one: Secret | None, other: Secret | None) -> bool:
    """Whether two keys are the same, or both missing."""
    return (one.reveal() if one else None) == (other.reveal() if other else None)


def _bare(pasted: str) -> str:
    """Return a key without what is pasted around it."""
    key = pasted.strip().strip(_AROUND)
    if len(key) > 1 and key[0] + key[-1] in _QUOTES:
        return _bare(key[1:-1])
    scheme = _SCHEME.match(key)
    key = key[scheme.end() :] if scheme else key
    return key if key == pasted else _bare(key)


def _with_url(hint: str, url: str) -> str:
    """Add to a hint where a provider hands out keys."""
    return f"{hint} Keys: {url}" if url else hint


def _set(
    names: Sequence[str],
    context: ProviderContext,
    instead: str = "",
    *,
    keep: bool = False,
) -> str:
    """Say which variable to set; with `keep`, also how to keep the key in the vault."""
    named = " or ".join(names)
    also = f", or {instead}" if instead else ""
    return f"Set {named}{also}{context.key_hint(names[0] if keep and names else '')}."
