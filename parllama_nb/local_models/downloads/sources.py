"""Where a model of the embedded engine is added from, as users write it.

A path; a repository of the Hugging Face hub (`hf.co/USER/REPO:QUANT`, the address of a
page of it, `USER/REPO:QUANT`); or the address of a file.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ...errors import UsageError
from ...providers.http.endpoint import is_loopback
from ...secret import Redactor, Secret
from ...weights.split_files import part_paths

__all__ = ["HubSource", "PathSource", "Source", "WebSource", "hub_address", "parse"]

_HUB = "https://huggingface.co"
_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_PAGES = ("resolve", "blob", "raw")

_REPOSITORY = re.compile(r"\w[\w.-]{0,95}/\w[\w.-]{0,95}")
_FORMS = "A path, hf.co/USER/REPO:QUANT and https://HOST/FILE.gguf can be added."


@dataclass(frozen=True, slots=True)
class PathSource:
    """A file on this machine."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository of the hub, and which file of it: by quantization or by its path."""

    repository: str
    quantization: str = ""
    file: str = ""
    revision: str = "main"

    def __str__(self) -> str:
        folder = "" if self.revision == "main" else f"/resolve/{self.revision}"
        which = f"{folder}/{self.file}" if self.file else ""
        which = which or (f":{self.quantization}" if self.quantization else "")
        return f"hf.co/{self.repository}{which}"


@dataclass(frozen=True, slots=True)
class WebSource:
    """The address of a file; `str` is without a name, a password and the query."""

    url: Secret

    def __str__(self) -> str:
        parts = urlsplit(self.url.reveal())
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=host, query="", fragment=""))

    @property
    def file_name(self) -> str:
        """The last part of the path, "" if there is none."""
        return unquote(urlsplit(self.url.reveal()).path).rstrip("/").rpartition("/")[2]


Source = PathSource | HubSource | WebSource


def parse(text: str, environ: Callable[[str], str | None], redact: Redactor) -> Source:
    """Return what a user means; secrets in an address become known to the redactor.

    Asks the disk whether there is a file, for a path may look like a repository.

    Raises:
        UsageError: it is neither a file here, nor a repository, nor an address.

    """
    text = text.strip().strip("'\"")
    if not text:
        message = "No model was named to be added."
        raise UsageError(message, hint=_FORMS)
    if re.match(r"https?://", text, re.IGNORECASE):
        return _of_address(text, environ, redact)
    path = Path(text).expanduser()
    if path.exists():
        return PathSource(_file_at(path))
    for host in _HOSTS:
        if text.lower().startswith(f"{host}/"):
            return _of_hub(text[len(host) + 1 :])
    looks_local = text[0] in "~/.\\" or text.lower().endswith(".gguf")
    repository = text.partition(":")[0]
    if _REPOSITORY.fullmatch(repository) and not looks_local:
        return _of_hub(text)
    message = f"There is no file {text!r}, nor is it a repository or an address."
    raise UsageError(message, hint=_FORMS)


def hub_address(environ: Callable[[str], str | None]) -> str:
    """Return the address of the hub: that of `HF_ENDPOINT`, as its own tools take it.

    Raises:
        UsageError: it is no address, or one without encryption of another machine.

    """
    address = (environ("HF_ENDPOINT") or "").strip().rstrip("/") or _HUB
    check_address(address, "HF_ENDPOINT")
    return address


def check_address(url: str, named: str) -> None:
    """Refuse an address that cannot be asked, or not safely.

    Raises:
        UsageError: it is no address, or one without encryption of another machine.

    """
    host, parts = "", urlsplit("")
    with contextlib.suppress(ValueError):  # said below
        parts = urlsplit(url)
        host = parts.hostname or "" if parts.port != 0 else ""
    if not host or parts.scheme.lower() not in ("http", "https"):
        message = f"{named} is not an address."
        raise UsageError(message, hint="Addresses look like https://HOST/FILE.gguf.")
    if parts.scheme.lower() == "http" and not is_loopback(host):
        message = f"{named} is not encrypted (http)."
        hint = "Write https://, or download the file yourself and add its path."
        raise UsageError(message, hint=hint)


def _of_address(
    text: str, environ: Callable[[str], str | None], redact: Redactor
) -> Source:
    check_address(text, "This")
    parts = urlsplit(text)
    endpoint = urlsplit(hub_address(environ))
    if (parts.hostname or "").lower() in _HOSTS or parts.netloc == endpoint.netloc:
        return _of_hub(unquote(parts.path).strip("/"))
    for secret in (parts.password, unquote(parts.password or ""), parts.query):
        redact.add(Secret("address", secret or ""))
    # Written as a path may hold it: with spaces.
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~")
    return WebSource(Secret("address", urlunsplit(parts._replace(path=path))))


def _of_hub(text: str) -> HubSource:
    """Return the repository of `USER/REPO`, with what may follow it."""
    first, _, rest = text.strip("/").partition("/")
    repo, _, file = rest.partition("/")
    repo, _, quantization = repo.partition(":")
    repository, revision = f"{first}/{repo}", "main"
    pieces = file.split("/")
    if pieces[0] in _PAGES and len(pieces) > 2:  # noqa: PLR2004
        revision, file = pieces[1], "/".join(pieces[2:])
    elif pieces[0] == "tree":
        revision, file = (pieces[1] if len(pieces) > 1 else "main"), ""
    file, _, after = file.partition(":")
    valid = _REPOSITORY.fullmatch(repository) and ".." not in pieces
    if not valid or (file and not file.lower().endswith(".gguf")):
        message = f"{text!r} is not a repository of the hub."
        raise UsageError(message, hint="They look like hf.co/USER/REPO:QUANT.")
    return HubSource(repository, quantization or after, file, revision)


def _file_at(path: Path) -> Path:
    """Return a path's file; of a folder, the only model in it.

    Raises:
        UsageError: the folder has none, or several.

    """
    if not path.is_dir():
        return path.absolute()
    # Of a split model the first part stands for all.
    found = [
        each for each in sorted(path.glob("*.gguf")) if part_paths(each)[0] == each
    ]
    if len(found) == 1:
        return found[0].absolute()
    if not found:
        message = f"The folder {path} has no GGUF file."
        raise UsageError(message, hint="Only models in the format GGUF can be added.")
    names = ", ".join(each.name for each in found[:10])
    message = f"The folder {path} has {len(found)} models: {names}."
    raise UsageError(message, hint="Name one of the files.")
