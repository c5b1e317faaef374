"""Finds the server's message in that of litellm's exceptions.

litellm puts the names of its classes before it, more than once, and advice behind; the
message itself may be text, JSON, or the repr of bytes that are JSON.
"""

from __future__ import annotations

import json
import re

from ..http.error_bodies import words_of

__all__ = ["NO_PROVIDER", "refused_options", "server_words"]

NO_PROVIDER = re.compile(r"LLM Provider NOT provided", re.IGNORECASE)
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
"""Our names of litellm's options, where they differ."""


def server_words(text: str) -> str:
    """Return the server's message in a text of litellm's; '' without one."""
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


def refused_options(words: str) -> list[str]:
    """Return our names of the options that litellm says a model does not support."""
    found = _PARAMETERS.search(words)
    names = re.findall(r"\w+", found[1]) if found else []
    return [_OURS.get(name, name) for name in names]


def _lowered(body: object) -> object:
    """Lower the names of fields: AWS writes `Message` as often as `message`."""
    if isinstance(body, dict):
        return {str(name).lower(): value for name, value in body.items()}
    return body
