"""Exports prompts to files, or as one file that the page downloads."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...prompting.exporting import write_files
from .import_protocol import ExportedData, ExportParams

if TYPE_CHECKING:
    from ...application import Parllama
    from ...prompting.library.prompt import Prompt

__all__ = ["exported"]

_NAMED = 10
"""Files that are named if they are there already."""

LARGEST = 8_000_000
"""Bytes of a download: a message of the kernel is refused as a whole above 10 MB."""


async def exported(
    app: Parllama, params: ExportParams
) -> tuple[ExportedData, list[bytes]]:
    """Write prompts to a path, or return them for the page.

    Raises:
        UsageError: there are none, the format has no place for one, or a file cannot
            be written.
        VaultLockedError: one that was named is encrypted, and the vault is locked.

    """
    source = app.prompt_sources.get(params.format)
    prompts = await _prompts(app, params.names)
    if not prompts:
        message = "There is no prompt to export."
        raise UsageError(message, hint="Encrypted ones are exported if they are named.")
    files = await asyncio.to_thread(source.write, prompts)
    count = len(prompts)
    place = params.path.strip()
    if place:
        path, there = await asyncio.to_thread(
            write_files, place, files, overwrite=params.overwrite
        )
        existing = [str(each) for each in there[:_NAMED]]
        data = ExportedData(
            count=count, files=len(files), path=str(path), existing=existing
        )
        return data, []
    name, content = await asyncio.to_thread(_as_one, params.format, files)
    if len(content) > LARGEST:
        message = f"The download has {len(content):,} bytes, and would not arrive."
        raise UsageError(message, hint="Name a path instead.")
    return ExportedData(count=count, files=len(files), file_name=name), [content]


async def _prompts(app: Parllama, names: Sequence[str]) -> list[Prompt]:
    """Return prompts by their names; without names all that are not encrypted."""
    if not names:
        found = await app.prompts.find()
        names = [row.name for row in found.rows if not row.encrypted]
    return [await app.prompts.get(name) for name in names]


def _as_one(name: str, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return a file's name and bytes: the only file, or a zip archive of all."""
    if len(files) == 1:
        ((path, data),) = files.items()
        return Path(path).name, data
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return f"prompts-{name}.zip", box.getvalue()
