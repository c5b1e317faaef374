"""Which source a location belongs to, from its name and what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from itertools import chain, islice
from pathlib import Path

__all__ = ["guess"]

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".yaml": "llm",
    ".yml": "llm",
    ".md": "markdown",
    ".markdown": "markdown",
    ".prompt": "markdown",
    ".txt": "markdown",
    ".zip": "fabric",
}
_SAMPLE = 500  # files of a folder
_HEAD = 20_000  # bytes of a file
# What only a prompt of PAR LLAMA has.
_PARLLAMA = b'"submit_on_load"'


def guess(location: str, names: Collection[str]) -> str:
    """Return the name of a source, "" if the location is unlike all of them.

    Args:
        location: a path or an address.
        names: of the sources that there are.

    """
    name = _address(location) or _path(Path(location))
    if name in names:
        return name
    # Patterns of Fabric are Markdown, whoever reads them.
    return "markdown" if name == "fabric" and not _address(location) else ""


def _address(location: str) -> str:
    is_address = location.startswith(("https://", "http://"))
    return "fabric" if is_address and "/fabric" in location.lower() else ""


def _path(path: Path) -> str:
    try:
        path = path.expanduser()
        if path.is_dir():
            return _folder(path)
        name = _SUFFIXES.get(path.suffix.lower(), "")
        return "parllama" if name == "json" and _is_parllama(path) else name
    except (OSError, RuntimeError, ValueError):
        return ""


def _folder(path: Path) -> str:
    for patterns in (path, path / "patterns", path / "data" / "patterns"):
        # One folder alone could be anybody's.
        if len(list(islice(patterns.glob("*/system.md"), 3))) > 1:
            return "fabric"
    prompts = path / "prompts"
    if (path / "settings.json").is_file() and prompts.is_dir():
        return "parllama"
    # Most prompts are right here; only without any the folders below count.
    here, below = path.glob("*.*"), path.glob("**/*.*")
    for files in (here, below):
        names = Counter(
            name
            for file in islice(files, _SAMPLE)
            if (name := _SUFFIXES.get(file.suffix.lower()))
        )
        if names:
            name = names.most_common(1)[0][0]
            if name == "json":
                first = chain(path.glob("*.json"), path.glob("**/*.json"))
                if any(map(_is_parllama, islice(first, 1))):
                    return "parllama"
            return name
    return ""


def _is_parllama(path: Path) -> bool:
    with path.open("rb") as file:
        return _PARLLAMA in file.read(_HEAD)
