"""Names and digests, as Ollama writes them."""

from __future__ import annotations

import hashlib
import re

__all__ = ["SHA256", "canonical", "digest_of", "shortest"]

_NAME = re.compile(r"(?:[\w.-]+(?::\d+)?/)?(?:[\w-]+/)?[\w.-]+(?::[\w.-]+)?")

SHA256 = re.compile(r"sha256[:-][0-9a-fA-F]{64}")


def canonical(name: str) -> str:
    """The name in full; ValueError for what is none."""
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    name = name.removeprefix("registry.ollama.ai/").removeprefix("library/")
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def shortest(name: str) -> str:
    return name.removeprefix("registry.ollama.ai/").removeprefix("library/")


def digest_of(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    return hashlib.sha256(data).hexdigest()
