"""Names and digests, as Ollama writes them."""

from __future__ import annotations

import hashlib
import re

__all__ = ["MODELS_PATH", "SHA256", "blob_path", "canonical", "digest_of", "shortest"]

_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}"
_NAMESPACE = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}"
_HOST = r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,349}"
_NAME = re.compile(rf"(?:(?:{_HOST}/)?{_NAMESPACE}/)?{_PART}(?::{_PART})?")
_SCHEME = re.compile(r"^https?://(?=[^/]+/[^/]+/)")

SHA256 = re.compile(r"sha256[:-][0-9a-fA-F]{64}")

MODELS_PATH = "/usr/share/ollama/.ollama/models"
"""Where the server says that its files are."""


def canonical(name: str) -> str:
    """The name with its tag, and without the registry; ValueError if it is not one."""
    name = _SCHEME.sub("", name.strip()).removesuffix(":local")
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    name = shortest(name)
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def shortest(name: str) -> str:
    return name.removeprefix("registry.ollama.ai/").removeprefix("library/")


def digest_of(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    return hashlib.sha256(data).hexdigest()


def blob_path(digest: str) -> str:
    """The file of a blob, as errors name it."""
    return f"{MODELS_PATH}/blobs/{digest.replace(':', '-')}"
