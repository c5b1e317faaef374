"""Prompts as a folder of Markdown files, or as one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import ClassVar

from ...library.prompt import Prompt
from ..file_names import file_names
from ..files import place, read_text
from ..reading import Parsed, Reading, read_files
from ..source import Found, PromptSource, Report, SourceContext
from .dialects import foreign
from .layout import dissect, markdown_of, parsed

__all__ = ["MarkdownSource"]

_SUFFIXES = frozenset({".md", ".markdown", ".prompt"})
_MORE_SUFFIXES = (".prompt", ".chatmode", ".agent", ".instructions")
# Files that are named after what they are; their folder has the prompt's name.
_NAMELESS = frozenset({"system", "skill", "prompt", "index"})
# They describe a folder of prompts and are none, if they have no front matter.
_DESCRIBE = frozenset(
    {"readme", "license", "contributing", "changelog", "code_of_conduct", "security"}
)


class MarkdownSource(PromptSource):
    """Markdown files with front matter; `layout` says what they hold."""

    name: ClassVar[str] = "markdown"
    title: ClassVar[str] = "Markdown"
    location: ClassVar[str] = "a Markdown file, or a folder of them"
    writes: ClassVar[bool] = True

    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        """See `PromptSource.read`. Folders are read with the folders in them."""
        del refresh

        return await read_files(
            lambda: place(location, self.location),
            _read,
            report,
            context,
            suffixes=_SUFFIXES,
            expected=self.location,
            choose=_without_parts,
        )

    def write(self, prompts: Sequence[Prompt]) -> Mapping[str, bytes]:
        """See `PromptSource.write`. One file for each prompt."""
        names = file_names(prompts, ".md")
        return {
            name: markdown_of(prompt).encode()
            for name, prompt in zip(names, prompts, strict=True)
        }


def _without_parts(names: list[str]) -> list[str]:
    """Return the names without the files of a skill beside its `SKILL.md`."""
    paths = [PurePath(name) for name in names]
    skills = {path.parent for path in paths if path.name.lower() == "skill.md"}
    return [
        path.as_posix()
        for path in paths
        if path.name.lower() == "skill.md" or not skills.intersection(path.parents)
    ]


def _read(path: Path, name: str, reading: Reading) -> None:
    def parse() -> Parsed:
        file = dissect(read_text(path), lenient=True)
        own = _name(path)
        return foreign(file, path, own) or parsed(file, own)

    if not _describes(path):
        reading.attempt(name or path.name, parse)


def _name(path: Path) -> str:
    stem = path.stem
    for suffix in _MORE_SUFFIXES:
        if stem.lower().endswith(suffix) and len(stem) > len(suffix):
            stem = stem[: -len(suffix)]
    if stem.lower() in _NAMELESS:
        return path.absolute().parent.name or stem
    return stem


def _describes(path: Path) -> bool:
    """Whether a file belongs to prompts and is none; ours have front matter."""
    stem = path.stem.lower()
    beside_system = stem == "user" and path.with_name("system.md").exists()
    if stem not in _DESCRIBE and not beside_system:
        return False
    try:
        with path.open("rb") as file:
            return not file.read(8).lstrip(b"\xef\xbb\xbf").startswith(b"---")
    except OSError:
        return False
