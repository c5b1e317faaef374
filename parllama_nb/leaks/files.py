"""Which files are searched, and what each of them is."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .hits import Kind

__all__ = ["File", "files_below", "files_of_user"]

# Directories that hold what others have written, and git's own, whose objects are
# compressed.
_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"})

_HISTORIES = (
    ".python_history",
    ".bash_history",
    ".zsh_history",
    ".sh_history",
    ".local/share/fish/fish_history",
    ".node_repl_history",
)

Problem = Callable[[Path, str], object]


class File(NamedTuple):
    """A file that is searched; `size` in bytes."""

    path: Path
    kind: Kind
    size: int


def files_below(root: Path, *, everything: bool, problem: Problem) -> Iterator[File]:
    """Yield the files below a directory, or the one file that is named.

    Notebooks, what Jupyter keeps of them, and files of variables; `everything` adds all
    others. Symbolic links are not followed. `problem` is told what cannot be read.
    """
    try:
        if not root.is_dir():
            yield File(root, _kind(root.name, "") or "file", root.stat().st_size)
            return
    except OSError as error:
        problem(root, _reason(error))
        return
    # Not by recursion: a directory may be deeper than Python's stack.
    left = [(root, "")]
    while left:
        directory, inside = left.pop()
        deeper = []
        for path, status in _listed(directory, problem):
            if stat.S_ISDIR(status.st_mode):
                if not _is_skipped(path):
                    deeper.append((path, inside or _inside(path.name)))
            elif stat.S_ISREG(status.st_mode):
                kind = _kind(path.name, inside)
                if kind is not None or everything:
                    yield File(path, kind or "file", status.st_size)
        left += reversed(deeper)


def _listed(directory: Path, problem: Problem) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield what is in a directory, by name, without following a link."""
    try:
        with os.scandir(directory) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
    except OSError as error:
        problem(directory, _reason(error))
        return
    for entry in entries:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            problem(Path(entry.path), _reason(error))
        else:
            yield Path(entry.path), status


def files_of_user(
    home: Path, ipython: Path, environ: Mapping[str, str]
) -> Iterator[File]:
    """Yield histories, and the workspaces of JupyterLab, wherever one works.

    `ipython` is IPython's directory.
    """
    config = Path(environ.get("JUPYTER_CONFIG_DIR") or home / ".jupyter")
    workspaces = environ.get("JUPYTERLAB_WORKSPACES_DIR")
    places: list[tuple[Kind, list[Path]]] = [
        ("history", _glob(ipython, "profile_*/history.sqlite*")),
        ("shell", [home / name for name in _HISTORIES]),
        ("workspace", _glob(Path(workspaces or config / "lab" / "workspaces"), "*")),
    ]
    if environ.get("HISTFILE"):
        places[1][1].append(Path(environ["HISTFILE"]))
    for kind, paths in places:
        for path in dict.fromkeys(paths):
            try:
                status = path.stat()
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield File(path, kind, status.st_size)


def _is_skipped(directory: Path) -> bool:
    return directory.name in _SKIPPED or os.access(directory / "pyvenv.cfg", os.F_OK)


def _inside(name: str) -> str:
    return name if name in (".ipynb_checkpoints", ".virtual_documents") else ""


def _kind(name: str, inside: str) -> Kind | None:
    """Return what a file is, None for one that is not searched in any case."""
    if inside == ".ipynb_checkpoints":
        return "checkpoint"
    if (
        inside
        or name.startswith(".jupyter_ystore.db")
        or name.endswith((".ystore", ".ystore.db"))
    ):
        return "collaboration"
    if name.endswith(".ipynb"):
        return "notebook"
    if name == ".env" or name.startswith(".env.") or name.endswith(".env"):
        return "env"
    return None


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _glob(directory: Path, pattern: str) -> list[Path]:
    try:
        return sorted(directory.glob(pattern))
    except OSError:
        return []
