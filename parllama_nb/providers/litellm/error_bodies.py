"""What litellm says when it fails: a server's words inside of its own.

It puts the names of its classes before them, more than once, and advice behind; the
words themselves may be text, JSON, or the repr of bytes that are JSON.
"""

from __future__ import annotations

import json
import re

from ..http.error_bodies import words_of

__all__ = [
    "AWS_MODEL",
    "NO_CREDENTIALS",
    "NO_PROVIDER",
    "refused_options",
    "said_in",
]

NO_PROVIDER = re.compile(r"LLM Provider NOT provided", re.IGNORECASE)
NO_CREDENTIALS = re.compile(
    r"unable to locate credentials|config profile .* could not be found"
    r"|could not be found in the .*credentials|token (has|is) expired|sso session",
    re.IGNORECASE,
)
AWS_MODEL = re.compile(
    r"model identifier is invalid|provided model .*(not|invalid)|no such model"
    r"|could not resolve the foundation model",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"^\s*(?:litellm\.)?[\w.]*(?:Error|Exception|Timeout|Provider)\b[\w ]{0,40}"
    r"[:-]+\s*"
)
_AFTER = re.compile(
    r"\n?Traceback \(most|\.? ?(Received Model Group|LiteLLM Retried|Handle with)"
    r"|\n?Model: |\n?Received API Base"
)
_BYTES = re.compile(r"^b(['\"])(.*)\1$", re.DOTALL)
_PARAMETERS = re.compile(r"support (?:the )?param(?:eter)?s?\W+([\w', ]+)")

_OURS = {
    "reasoning_effort": "reasoning",
    "thinking": "reasoning_budget",
    "response_format": "response_schema",
}
"""What litellm calls our options, where the names differ."""


def said_in(text: str) -> str:
    """The server's words; '' where there are none."""
    text = _AFTER.split(text, maxsplit=1)[0]
    while True:
        shorter = _BEFORE.sub("", text, count=1)
        quoted = _BYTES.match(shorter.strip())
        shorter = quoted[2] if quoted else shorter
        if shorter == text:
            break
        text = shorter
    start = text.find("{")
    if start >= 0:
        try:
            body, _ = json.JSONDecoder().raw_decode(text[start:])
        except ValueError:
            pass
        else:
            return words_of(_lowered(body)) or text.strip()
    return text.strip()


def refused_options(said: str) -> list[str]:
    """The options, by their names here, that litellm says a model does not take."""
    found = _PARAMETERS.search(said)
    names = re.findall(r"\w+", found[1]) if found else []
    return [_OURS.get(name, name) for name in names]


def _lowered(body: object) -> object:
    """AWS writes `Message` as often as `message`."""
    if isinstance(body, dict):
        return {str(name).lower(): value for name, value in body.items()}
    return body
