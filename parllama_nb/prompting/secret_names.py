"""Names that look like those of secrets, and their values in a text, hidden.

A name says more than a value: a password looks like any other word. So what bears such
a name is never described, and a value that is assigned to one in a text is replaced.
"""

from __future__ import annotations

import re
from itertools import pairwise
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

from ..secret import redacted

__all__ = ["HIDDEN", "hides", "looks_secret", "without_secrets"]

HIDDEN = "[hidden]"
"""What stands for a value that is not shown."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST_NAME = 100

_SECRET = frozenset(
    [
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "secrets",
        "credential",
        "credentials",
        "apikey",
        "apikeys",
        "authtoken",
        "accesskey",
        "secretkey",
        "privatekey",
        "authorization",
        "cookie",
        "cookies",
        "dsn",
    ]
)
"""Words that make a name secret, wherever in it they stand."""

_PARTS = ("password", "passwd", "apikey")
"""What makes a name secret within a word, too: `PGPASSWORD`."""

_PAIRS = frozenset(
    {
        ("connection", "string"),
        ("conn", "str"),
        ("database", "url"),
        ("session", "id"),
        ("recovery", "code"),
        ("recovery", "codes"),
        ("seed", "phrase"),
    }
)

_KEYS = frozenset(
    [
        "access",
        "account",
        "admin",
        "anthropic",
        "api",
        "auth",
        "aws",
        "azure",
        "client",
        "cohere",
        "deepseek",
        "encryption",
        "gemini",
        "google",
        "gpg",
        "groq",
        "hf",
        "huggingface",
        "license",
        "master",
        "mistral",
        "openai",
        "openrouter",
        "pgp",
        "private",
        "secret",
        "sas",
        "service",
        "signing",
        "ssh",
        "storage",
        "stripe",
        "subscription",
        "together",
        "vault",
        "webhook",
        "xai",
    ]
)
"""What a key is of, if it is secret; a key of a table or a dict is not."""

_PUBLIC_KEYS = frozenset(
    [
        "cache",
        "col",
        "column",
        "composite",
        "dict",
        "foreign",
        "group",
        "index",
        "join",
        "map",
        "natural",
        "partition",
        "primary",
        "public",
        "row",
        "sort",
        "surrogate",
        "unique",
    ]
)

_TOKENS = frozenset(
    [
        "access",
        "api",
        "auth",
        "bearer",
        "bot",
        "github",
        "gitlab",
        "hf",
        "id",
        "oauth",
        "refresh",
        "secret",
        "session",
        "slack",
    ]
)
"""What several tokens are of, if they are secret; those of a text are not."""

_TEXT_TOKENS = frozenset(
    [
        "bos",
        "class",
        "cls",
        "current",
        "end",
        "eos",
        "eot",
        "first",
        "last",
        "mask",
        "max",
        "min",
        "new",
        "next",
        "pad",
        "per",
        "prev",
        "previous",
        "prompt",
        "sep",
        "special",
        "start",
        "stop",
        "unk",
        "unknown",
        "word",
    ]
)
"""Which token is one of a text and no secret."""

_PAT = frozenset(["azure", "gh", "github", "gitlab"])


def looks_secret(name: str) -> bool:  # noqa: PLR0911 - one a rule
    """Whether a name is one that people give to secrets: `api_key`, `GITHUB_TOKEN`.

    What only counts or contains tokens (`max_tokens`, `tokenizer`), and a key of a
    table (`primary_key`), is not.
    """
    if len(name) > _LONGEST_NAME:
        return False
    if any(part in name.lower() for part in _PARTS):
        return True
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and (words[-1].isdigit() or (words[-1] == "value" and len(words) > 1)):
        words.pop()
    pairs = set(pairwise(words))
    if not _SECRET.isdisjoint(words) or not _PAIRS.isdisjoint(pairs):
        return True
    before, last = ["", "", *words][-2:]
    if last == "token":
        return before not in _TEXT_TOKENS
    if last == "tokens":
        return before in _TOKENS
    if last in {"key", "keys"}:
        # OPENAI_KEY and the like: a constant, or a variable of the environment.
        return before in _KEYS or (name.isupper() and before not in {"", *_PUBLIC_KEYS})
    return last == "pat" and before in _PAT


_HARMLESS = (
    type(None),
    bool,
    type,
    ModuleType,
    FunctionType,
    MethodType,
    BuiltinFunctionType,
)


def hides(name: str, value: object) -> bool:
    """Whether a value is not shown, since its name looks secret.

    A function, a class or a module is no secret, whatever it is called.
    """
    # Not `isinstance`, which asks the value for its class.
    return looks_secret(name) and not issubclass(type(value), _HARMLESS)


_QUOTED = r""""(?:[^"\\\n]|\\.){0,4000}"?|'(?:[^'\\\n]|\\.){0,4000}'?"""
# Any expression may follow a name in code; only what looks like a value is hidden.
_BARE = r"[\w+/.~-]{6,4000}={0,2}(?![\w(\[])"
_ASSIGNED = re.compile(
    r"""(?<![\w.-])(?P<name>[A-Za-z_][\w.-]{0,80})(?P<between>["'\])]{0,3}[ \t]{0,9}"""
    r"""(?::[ \t]{0,3}[\w.|\[\] ]{1,40}?[ \t]{0,3}=|=>|==|!=|:=|=|:)[ \t]{0,9})"""
    rf"""(?P<prefix>[rRbBfFuU]{{0,2}})(?P<value>{_QUOTED}|{_BARE})"""
)
_NAMES = re.compile(r"[A-Za-z_]\w{0,80}")
_PASSED = re.compile(
    r"""(?P<before>[\(\[][ \t]{0,9}["'](?P<name>[\w.-]{1,80})["'][ \t]{0,9},"""
    r"""[ \t]{0,9})"""
    rf"""(?P<value>{_QUOTED})"""
)
_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.{0,20000}?"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,300}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,300}|\bgithub_pat_\w{20,300}"
    r"|\bhf_[A-Za-z0-9]{20,300}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,60}"
    r"|\bxox[abprs]-[\w-]{10,300}|\bgsk_[A-Za-z0-9]{20,300}"
    r"|\beyJ[\w-]{8,4000}\.[\w-]{8,4000}\.[\w-]{5,1000}"
    r"|(?<=[Bb]earer )[\w.~+/-]{8,4000}={0,2}"
    r"|(?<=://)[^\s:/@]{0,200}:[^\s@/]{1,500}(?=@)",
    re.DOTALL,
)


def without_secrets(text: str) -> str:
    """Return a text without known secrets, and without what looks like one.

    That is a value after a name that looks secret, as in code, JSON or a file of
    settings, and what has the form of a well-known kind of key.
    """
    text = redacted(text)
    text = _ASSIGNED.sub(_assigned, text)
    text = _PASSED.sub(_passed, text)
    return _SHAPES.sub(HIDDEN, text)


def _assigned(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    # `key: api_key=` looks like an annotation.
    names = (name.rpartition(".")[2], *_NAMES.findall(match["between"]))
    if value.startswith(HIDDEN) or not any(map(looks_secret, names)):
        return match[0]
    if value[0] in "\"'":
        quote = value[0]
        return f"{name}{match['between']}{quote}{HIDDEN}{quote}"
    # A word in code may be a type or another name: `token: str`, `password = given`.
    if name.isupper() or any(letter.isdigit() for letter in value):
        return f"{name}{match['between']}{HIDDEN}"
    return match[0]


def _passed(match: re.Match[str]) -> str:
    quote = match["value"][0]
    if not looks_secret(match["name"]):
        return match[0]
    return f"{match['before']}{quote}{HIDDEN}{quote}"
