"""The key by which a registry knows an Ollama server, and where it is registered.

The server signs its requests with a key of its own, `id_ed25519` in the folder
`.ollama` of the account it runs as. A server since 0.12 names the page on which it
signs in, whose address holds the public half: https://docs.ollama.com/cloud. Others may
paste it at https://ollama.com/settings/keys.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ...providers.http.endpoint import is_loopback
from ...providers.ollama.names import ModelName

__all__ = ["key_hint", "key_of", "public_key"]

_PAGE = "https://ollama.com/settings/keys"
_HUGGING_FACE_PAGE = "https://huggingface.co/settings/keys"
_FILE = "id_ed25519.pub"
_BEGINS = "ssh-"
_LONGEST = 1000
_SERVICE_HOMES = ("/usr/share/ollama", "/var/lib/ollama")
"""Homes of the account that an installed service runs as."""


def key_of(sign_in_url: str) -> str:
    """Return the public key that the address of a sign-in page holds, "" if none."""
    (written,) = parse_qs(urlsplit(sign_in_url).query).get("key", [""])[:1]
    try:
        padded = written + "=" * (-len(written) % 4)
        text = base64.urlsafe_b64decode(padded).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return _sound(text)


def public_key(homes: tuple[str, ...] = _SERVICE_HOMES) -> str:
    """Return the public key of an Ollama on this machine, "" if there is none.

    That of a service goes before the user's own. Reads files.
    """
    for folder in [*map(Path, homes), Path.home()]:
        try:
            text = (folder / ".ollama" / _FILE).read_text("ascii")
        except (OSError, ValueError):
            continue
        if key := _sound(text):
            return key
    return ""


async def key_hint(
    host: str, name: str, sign_in_url: str = "", verb: str = "push"
) -> str:
    """Return what to do so that the server at `host` may push or pull `name`."""
    registry = ModelName.parse(name)
    where = f"at {_PAGE}"
    if registry.is_hugging_face:
        where = f"at {_HUGGING_FACE_PAGE}"
    elif not registry.is_listed:
        where = f"with {registry.host}"
    key = key_of(sign_in_url)
    if not key and is_loopback(host):
        key = await asyncio.to_thread(public_key)
    hint = (
        f"Register its public key {where}: {key}"
        if key
        else f"Register its public key ({_FILE} in its folder .ollama) {where}."
    )
    if verb == "push" and "/" not in name:
        own = f"Push NAMESPACE/{name}, with your own namespace: %parllama copy."
        return f"{own} {hint}"  # a key is copied from the end of a line
    return hint


def _sound(text: str) -> str:
    key = " ".join(text.split())
    return key if key.startswith(_BEGINS) and len(key) <= _LONGEST else ""
