"""What a scan finds, and what to do about each kind of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

__all__ = ["KINDS", "Advice", "Found", "Hit", "Kind"]

Kind = Literal[
    "output",
    "input",
    "metadata",
    "widgets",
    "notebook",
    "checkpoint",
    "collaboration",
    "history",
    "deleted",
    "shell",
    "workspace",
    "name",
    "file",
    "env",
]


@dataclass(frozen=True, slots=True)
class Advice:
    """The title of a kind of hit in a report, and its remedy."""

    title: str
    remedy: str


KINDS: Final[dict[Kind, Advice]] = {
    "output": Advice(
        "Outputs of notebooks",
        "Clear the output of the cell (Edit, Clear Cell Output), and save the "
        "notebook.",
    ),
    "input": Advice(
        "Cells of notebooks",
        "Take the value out of the cell, and save the notebook. `%parllama vault "
        "export NAME` puts it into `os.environ` instead.",
    ),
    "metadata": Advice(
        "Metadata of notebooks",
        "Take the value out in the property inspector (Advanced Tools), and save the "
        "notebook. What is attached to a cell goes with the cell.",
    ),
    "widgets": Advice(
        "Saved widgets of notebooks",
        "Shut down the kernel, clear the outputs of all cells, and save the notebook.",
    ),
    "notebook": Advice(
        "Notebooks that could not be read as one",
        "Take the value out of the file with an editor.",
    ),
    "checkpoint": Advice(
        "Checkpoints",
        "Clean and save the notebook itself, which writes its checkpoint anew, or "
        "delete the file.",
    ),
    "collaboration": Advice(
        "Files of collaboration and virtual documents",
        "They hold earlier states of documents. Stop Jupyter, and delete the file.",
    ),
    "history": Advice(
        "IPython's history",
        "End all kernels, then delete the line: `sqlite3 FILE 'DELETE FROM history "
        "WHERE session=1 AND line=2; DELETE FROM output_history WHERE session=1 AND "
        "line=2; VACUUM'`. `ipython history clear` deletes all of it.",
    ),
    "deleted": Advice(
        "What was deleted from IPython's history",
        "It is still in the file. End all kernels, then `sqlite3 FILE VACUUM`.",
    ),
    "shell": Advice(
        "Histories of shells and of Python",
        "Close them all, for each writes its history when it ends; then delete the "
        "line with an editor.",
    ),
    "workspace": Advice(
        "Workspaces of JupyterLab",
        "Delete the file while JupyterLab is closed; it loses only its open tabs.",
    ),
    "name": Advice("Names of files", "Rename the file or the directory."),
    "file": Advice("Other files", "Take the value out of the file with an editor."),
    "env": Advice(
        "Files of variables (no alarm: many keep their keys there)",
        "Keep the file out of git and of what you share. `%parllama vault import PATH` "
        "puts its keys into the vault.",
    ),
}
"""The title of each kind of hit, and its remedy, in the order of a report."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret in a file; never its value.

    `names` are all secrets with this value; `form` says how it is written, `where` in
    which part or line of the file. `tracked` is whether git tracks the file.
    """

    path: Path
    kind: Kind
    names: tuple[str, ...]
    form: str
    where: str
    tracked: bool = False


@dataclass(slots=True)
class Found:
    """The result of a scan.

    `files` and `size`, in bytes, are what was searched. `unreadable` are paths with the
    reasons why they were not. `more` counts the hits of files that have too many.
    """

    hits: list[Hit] = field(default_factory=list)
    files: int = 0
    size: int = 0
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    more: int = 0
