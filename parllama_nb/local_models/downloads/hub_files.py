"""The GGUF files of a repository of the Hugging Face hub, and which one to take.

The API: https://huggingface.co/docs/hub/api. A page has at most 1,000 files; the header
`Link` leads to the next one.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from ...errors import (
    InvalidResponseError,
    ModelNotFoundError,
    ParllamaError,
    ProviderTimeoutError,
)
from ...fuzzy import near
from ...secret import Secret
from .sources import HubSource
from .web import Web

__all__ = ["HubFile", "Variant", "choose", "file_url", "list_files", "variants"]

_MOST_PAGES = 20
_PATIENCE = 2.0

_LARGEST_PAGE = 16 << 20
_SHOWN = 12

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"-(\d{5})-of-(\d{5})$")
_LABEL = re.compile(
    r"(?:^|[-._/])((?:UD-)?(?:I?Q\d+(?:_[A-Z0-9]+)*|T?Q\d_\d|BF16|F16|FP16|F32|FP32"
    r"|MXFP4(?:_MOE)?|NVFP4)(?:_XL|_L)?)(?=$|[-._/])",
    re.IGNORECASE,
)
"""A quantization in the name of a file, or of its folder."""

_NO_MODEL = re.compile(r"(^|/)(mmproj|imatrix)|[-._](mmproj|imatrix)\b", re.IGNORECASE)
"""Files beside a model: what sees for it, and what it was quantized by."""

_USUAL = "Q4_K_M"
_FEW_BITS = re.compile(r"(UD-)?(I|T)?Q[123]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository; `sha256` is "" where the hub does not say it."""

    path: str
    size: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """One model of a repository: its file, or all parts of it in order."""

    label: str
    stem: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        """The bytes of all parts."""
        return sum(file.size for file in self.files)


async def list_files(
    web: Web, endpoint: str, source: HubSource, token: Secret | None
) -> list[HubFile]:
    """Return all files of a repository.

    Raises:
        ProviderError: the hub did not answer as expected.

    """
    repository = quote(source.repository, safe="/")
    revision = quote(source.revision, safe="")
    address = f"{endpoint}/api/models/{repository}/tree/{revision}?recursive=true"
    url: str | None = address
    found: list[HubFile] = []
    for _ in range(_MOST_PAGES):
        if url is None:
            break
        entries, url = await _page(web, url, token)
        # A next page elsewhere would get the token.
        if url is not None and urlsplit(url).netloc != urlsplit(address).netloc:
            url = None
        found += [file for file in map(_file, entries) if file is not None]
    return found


def variants(files: Iterable[HubFile]) -> list[Variant]:
    """Return the models among the files; a split one that lacks a part is none."""
    groups: dict[str, dict[int, HubFile]] = {}
    counts: dict[str, int] = {}
    for file in files:
        if not file.path.lower().endswith(".gguf") or _NO_MODEL.search(file.path):
            continue
        stem = file.path[:-5]
        part = _PART.search(stem)
        number, count = (int(part[1]), int(part[2])) if part else (1, 1)
        stem = stem[: part.start()] if part else stem
        groups.setdefault(stem, {})[number] = file
        counts[stem] = count
    return [
        Variant(_label(stem), stem, tuple(parts[n] for n in sorted(parts)))
        for stem, parts in groups.items()
        if sorted(parts) == list(range(1, counts[stem] + 1))
    ]


def choose(source: HubSource, files: Sequence[HubFile]) -> Variant:
    """Return the model that a source means.

    Without a quantization it is Q4_K_M, else the smallest of four bits or more, else
    the largest.

    Raises:
        ModelNotFoundError: there is none, or several are meant as well.

    """
    found = variants(files)
    named = f"hf.co/{source.repository}"
    if not found:
        message = f"{named} has no model in the format GGUF."
        hint = "Look for a repository of the same model whose name ends in GGUF."
        raise ModelNotFoundError(message, hint=hint)
    if source.file:
        fitting = [
            one for one in found if any(source.file == f.path for f in one.files)
        ]
        wanted = source.file
    elif source.quantization:
        fitting = _of_label(found, source.quantization)
        wanted = source.quantization
    else:
        fitting, wanted = _usual(found), ""
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        texts = [one.label or one.stem for one in found]
        close = near(wanted, dict.fromkeys(texts), 2)
        offered = f"Did you mean {' or '.join(close)}? " if close else ""
        message = f"{named} has no {wanted}."
        raise ModelNotFoundError(message, hint=f"{offered}It has {_listed(found)}.")
    message = f"{named} has several models{f' of {wanted}' if wanted else ''}."
    paths = ", ".join(one.files[0].path for one in fitting[:_SHOWN])
    raise ModelNotFoundError(message, hint=f"Name the file after the name: {paths}.")


def file_url(endpoint: str, source: HubSource, file: HubFile) -> str:
    """Return the address of a file."""
    repository, path = quote(source.repository, safe="/"), quote(file.path, safe="/")
    return f"{endpoint}/{repository}/resolve/{quote(source.revision, safe='')}/{path}"


def _of_label(found: Sequence[Variant], wanted: str) -> list[Variant]:
    """Return the models of a quantization; else those whose name ends in it."""
    folded = wanted.casefold()
    same = [one for one in found if one.label.casefold() == folded]
    names = [one for one in found if one.stem.casefold().endswith(folded)]
    return same or names


def _usual(found: Sequence[Variant]) -> list[Variant]:
    if len(found) == 1:
        return list(found)
    usual = [one for one in found if one.label.upper() == _USUAL]
    if usual:
        return usual
    good = [one for one in found if one.label and not _FEW_BITS.match(one.label)]
    chosen = min(good or found, key=lambda one: one.size if good else -one.size)
    return [one for one in found if one.label == chosen.label]


def _listed(found: Sequence[Variant]) -> str:
    shown = [
        f"{one.label or one.files[0].path} ({one.size / 1e9:.1f} GB)"
        for one in sorted(found, key=lambda one: one.size)
    ]
    more = len(shown) - _SHOWN
    return ", ".join(shown[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _label(stem: str) -> str:
    labels = _LABEL.findall(stem)
    return str(labels[-1]) if labels else ""


async def _page(
    web: Web, url: str, token: Secret | None
) -> tuple[list[Any], str | None]:
    """Return the entries of a page, and the address of the next."""
    failure: ParllamaError | None = None
    body = bytearray()
    following = ""
    try:
        async with (
            asyncio.timeout(_PATIENCE * web.stall),
            web.get(url, {"Accept": "application/json"}, token) as response,
        ):
            following = response.headers.get("link", "")
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _LARGEST_PAGE:
                    break
    except TimeoutError:
        text = f"{web.label}: no list of files within {_PATIENCE * web.stall:g} s."
        failure = ProviderTimeoutError(text)
    except Exception as error:  # noqa: BLE001 - mapped, whatever it is
        failure = web.mapped(error, url)
    if failure is not None:
        failure.__context__ = failure.__cause__ = None
        raise failure
    try:
        entries = json.loads(body)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        message = f"{web.label}: answered with something that is no list of files."
        raise InvalidResponseError(message, hint="A proxy may stand before it.")
    link = re.search(r'<([^>]+)>\s*;\s*rel="?next"?', following)
    return entries, urljoin(url, link[1]) if link else None


def _file(entry: object) -> HubFile | None:
    """Return a file of the hub's list, None for what is no file."""
    if not isinstance(entry, dict) or entry.get("type") != "file":
        return None
    path, lfs = entry.get("path"), entry.get("lfs")
    lfs = lfs if isinstance(lfs, dict) else {}
    size, oid = lfs.get("size", entry.get("size")), str(lfs.get("oid") or "")
    oid = oid.removeprefix("sha256:")
    # A path is made a file's: one that climbs would leave the folder.
    parts = path.split("/") if isinstance(path, str) else [".."]
    if any(part in ("", ".", "..") or "\\" in part for part in parts):
        return None
    if type(size) is not int or size < 0:
        return None
    return HubFile(str(path), size, oid if _SHA256.fullmatch(oid) else "")
