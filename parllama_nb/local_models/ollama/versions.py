"""What an Ollama server has learnt when, so that an older one is named as the reason.

From the history of its sources; a route or a field that a server lacks is otherwise
refused in words about something else, or left out in silence.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ...errors import UsageError
from ...providers.ollama.client import OllamaClient
from ...weights.architectures import Version

__all__ = [
    "ROUTES_SINCE",
    "SINCE",
    "UPDATE",
    "require",
    "server_version",
    "version_text",
]

SINCE: Final[dict[str, Version]] = {
    "creating models": (0, 5, 5),
    "RENDERER": (0, 12, 0),
    "PARSER": (0, 12, 0),
    "REQUIRES": (0, 14, 0),
    "DRAFT": (0, 30, 0),
    "a GGUF in several parts": (0, 30, 0),
}
"""What is called how in errors, and the first version that has it.

Before 0.5.5 there is `/api/create` too, but it takes the text of a Modelfile.
"""

ROUTES_SINCE: Final[dict[str, Version]] = {
    "/api/tags": (0, 1, 0),
    "/api/show": (0, 1, 0),
    "/api/pull": (0, 1, 0),
    "/api/push": (0, 1, 0),
    "/api/copy": (0, 1, 0),
    "/api/delete": (0, 1, 0),
    "/api/create": (0, 1, 0),
    "/api/blobs": (0, 1, 14),
    "/api/ps": (0, 1, 38),
}
"""The first version that has a route."""

UPDATE: Final = "Update Ollama: https://ollama.com/download."
"""What to do about an old server."""


async def server_version(client: OllamaClient) -> Version | None:
    """Return a server's version; None if it does not say, or is a developer's own.

    Raises:
        ProviderError: the server did not answer as expected.

    """
    answer: dict[str, Any] = await client.call("GET", "/api/version")
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", str(answer.get("version", "")))
    found = (int(match[1]), int(match[2]), int(match[3])) if match else (0, 0, 0)
    return found if any(found) else None


def require(what: str, since: Version, version: Version | None) -> None:
    """Check that a server of this version has something.

    Raises:
        UsageError: it is older than `since`.

    """
    if version is None or version >= since:
        return
    needs, has = version_text(since), version_text(version)
    message = f"This server is Ollama {has}; {what} needs {needs}."
    raise UsageError(message, hint=UPDATE)


def version_text(version: Version) -> str:
    """Return a version as it is written."""
    return ".".join(map(str, version))
