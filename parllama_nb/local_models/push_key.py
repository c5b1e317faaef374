"""The key by which a registry knows an Ollama server, and where it is registered.

The server signs its requests with a key of its own, `id_ed25519` in the folder
`.ollama` of the account it runs as; ollama.com takes its public half on the page
https://ollama.com/settings/keys.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from ..providers.http.endpoint import is_loopback

__all__ = ["key_hint", "public_key"]

_PAGE = "https://ollama.com/settings/keys"
_FILE = "id_ed25519.pub"
_LONGEST = 1000
_SERVICE_HOMES = ("/usr/share/ollama", "/var/lib/ollama")
"""Homes of the account that an installed service runs as."""


def public_key(homes: tuple[str, ...] = _SERVICE_HOMES) -> str:
    """Return the public key of an Ollama on this machine, "" if there is none.

    That of a service goes before the user's own. Reads files.
    """
    folders = [*map(Path, homes), Path.home()]
    for folder in folders:
        try:
            text = (folder / ".ollama" / _FILE).read_text("ascii")[:_LONGEST]
        except (OSError, ValueError):
            continue
        if text.startswith("ssh-"):
            return " ".join(text.split())
    return ""


async def key_hint(host: str, name: str, sign_in: str = "") -> str:
    """Return what to do so that a server at `host` may push `name`."""
    key = await asyncio.to_thread(public_key) if is_loopback(host) else ""
    page = sign_in or _PAGE
    if key:
        hint = f"Register its public key at {page}: {key}"
    else:
        hint = f"Register its public key ({_FILE} in its folder .ollama) at {page}."
    if "/" not in name:
        hint += f" A model of yours is called NAMESPACE/{name}: %parllama copy."
    return hint
