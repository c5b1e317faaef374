"""The parameters of the command sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import Field, model_validator

from ..table import Argument, Option, Params
from .names import offered_deleted, offered_folders, offered_names, offered_tags

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["Action", "SessionsParams"]

Action = Literal[
    "list",
    "search",
    "new",
    "rename",
    "name",
    "folder",
    "tag",
    "untag",
    "pin",
    "unpin",
    "duplicate",
    "delete",
    "restore",
    "encrypt",
    "decrypt",
    "summarise",
    "to-prompt",
    "export",
    "import",
]

_ACTIONS = get_args(Action)

_NAME = "the NAME of a conversation, in quotes if it has spaces"
_SHAPES: dict[str, tuple[int, int | None, str]] = {
    "list": (0, None, "words of names, folders, tags or models"),
    "search": (1, None, "the WORDS to look for"),
    "new": (1, 1, "the NAME of the new conversation, in quotes if it has spaces"),
    "rename": (2, 2, "a NAME and the new one, in quotes if they have spaces"),
    "name": (1, 1, _NAME),
    "folder": (1, 2, "a NAME and a FOLDER, in quotes if they have spaces"),
    "tag": (2, None, "a NAME and TAGS"),
    "untag": (2, None, "a NAME and TAGS"),
    "pin": (1, None, "the NAMES of conversations"),
    "unpin": (1, None, "the NAMES of conversations"),
    "duplicate": (1, 2, "a NAME and that of the copy, in quotes if they have spaces"),
    "delete": (1, None, "the NAMES of conversations, in quotes if they have spaces"),
    "restore": (0, None, "the NAMES of deleted conversations, or none to list them"),
    "encrypt": (1, 1, _NAME),
    "decrypt": (1, 1, _NAME),
    "summarise": (1, 1, _NAME),
    "to-prompt": (1, 2, "a NAME and that of the prompt, in quotes if they have spaces"),
    "export": (1, 2, "the NAME of a conversation and a PATH, in quotes if need be"),
    "import": (1, None, "the PATHS of files, folders or zip archives"),
}
"""Of each action: the fewest and the most words it takes, and what they are."""

_NAMED = frozenset(_ACTIONS) - {"list", "search", "new", "restore", "import"}
_MANY = frozenset({"pin", "unpin", "delete"})
"""Actions for any number of conversations."""

_OPTIONS = {
    "everything": ("--all", {"export", "list", "search"}),
    "now": ("--now", {"delete"}),
    "kind": ("--format", {"export"}),
    "decrypted": ("--decrypted", {"export"}),
    "images": ("--images", {"export"}),
    "force": ("--force", {"export"}),
    "again": ("--again", {"import"}),
    "model": ("--model", {"name", "summarise"}),
    "answers": ("--answers", {"to-prompt"}),
    "submit": ("--submit", {"to-prompt"}),
}
"""Of each option: its flag, and the actions that take it."""


def _offered(app: Parllama, words: Sequence[str]) -> Sequence[str]:
    """Offer the names of conversations, folders or tags, if one comes next."""
    action = words[0] if words else ""
    if action in _MANY or (action in _NAMED and len(words) == 1):
        return offered_names(app)
    if action == "restore":
        return offered_deleted(app)
    if action == "folder" and len(words) == 2:  # noqa: PLR2004 - action, name
        return offered_folders(app)
    if action in {"tag", "untag"}:
        return offered_tags(app)
    return []


def _formats(_app: Parllama, _words: Sequence[str]) -> Sequence[str]:
    from ...chats.transfer.formats import FORMATS  # noqa: PLC0415 - when it is used

    return list(FORMATS)


class SessionsParams(Params):
    """An action, and the saved conversation it is for."""

    action: Annotated[
        Action,
        Argument(
            "ACTION",
            f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}. An encrypted conversation "
            "opens while the vault is unlocked. Its models and times stay readable, "
            "and so does the output of cells.",
            values=lambda _app, _words: _ACTIONS,
        ),
    ] = "list"
    words: Annotated[
        tuple[str, ...],
        Argument(
            "NAME",
            "The conversation, in quotes if its name has spaces; then for rename and "
            "duplicate the new name, for folder a folder or none, for tag and untag "
            "tags, for to-prompt the name of the prompt, for export a file, a folder "
            "or a .zip; for list and search, words to look for; for import, files, "
            "folders or zip archives. restore without one lists what was deleted.",
            many=True,
            values=_offered,
        ),
    ] = ()
    everything: Annotated[
        bool,
        Field(alias="all"),
        Option(
            ("--all",),
            "For export: all conversations, into a folder or a .zip. For list and "
            "search: all that is found.",
        ),
    ] = False
    now: Annotated[
        bool,
        Option(("--now",), "For delete: for good, which nothing undoes."),
    ] = False
    kind: Annotated[
        str,
        Field(alias="format"),
        Option(
            ("--format",),
            "For export: markdown, json, notebook or html, if the path does not tell.",
            "FORMAT",
            values=_formats,
        ),
    ] = ""
    images: Annotated[
        bool,
        Option(("--images",), "For export: put the data of images into Markdown too."),
    ] = False
    decrypted: Annotated[
        bool,
        Option(
            ("--decrypted",),
            "For export: encrypted conversations too, in files that anybody can read.",
        ),
    ] = False
    force: Annotated[
        bool, Option(("--force",), "For export: replace files that exist.")
    ] = False
    again: Annotated[
        bool,
        Option(
            ("--again",), "For import: also what is there already, under another name."
        ),
    ] = False

    model: Annotated[
        str | None,
        Option(
            ("-m", "--model"),
            "For name and summarise: the model that is asked, provider/model.",
            "MODEL",
            "model",
        ),
    ] = None
    answers: Annotated[
        bool, Option(("--answers",), "For to-prompt: the answers are part of it.")
    ] = False
    submit: Annotated[
        bool,
        Option(("--submit",), "For to-prompt: chats send it once it is chosen."),
    ] = False

    @model_validator(mode="after")
    def _fits(self) -> SessionsParams:
        least, most, needs = _SHAPES[self.action]
        if self.everything and self.action == "export":
            least, most, needs = 0, 1, "one PATH with --all"
        count = len([word for word in self.words if word.strip()])
        if count < least or (most is not None and len(self.words) > most):
            message = f"{self.action} takes {needs}"
            raise ValueError(message)
        for name, (flag, actions) in _OPTIONS.items():
            if getattr(self, name) and self.action not in actions:
                message = f"{flag} is for {', '.join(sorted(actions))}"
                raise ValueError(message)
        return self
