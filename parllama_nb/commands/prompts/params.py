"""The parameters of the command prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from ..question import pairs
from ..table import Argument, Option, Params
from .names import offered_names

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["Action", "PromptsParams"]

Action = Literal[
    "list",
    "show",
    "new",
    "edit",
    "import",
    "export",
    "favourite",
    "rename",
    "duplicate",
    "revert",
    "delete",
    "restore",
    "encrypt",
    "decrypt",
]

_ACTIONS = get_args(Action)

_SHAPES: dict[str, tuple[int, int | None, str]] = {
    "list": (0, None, "words to look for"),
    "show": (1, 1, "the NAME of a prompt"),
    "new": (1, 1, "the NAME of the new prompt, in quotes if it has spaces"),
    "edit": (1, 1, "the NAME of a prompt"),
    "import": (1, None, "a SOURCE or a PATH, and what to import"),
    "export": (2, None, "a FORMAT, a PATH, and the NAMES if not all"),
    "favourite": (1, None, "the NAMES of prompts"),
    "rename": (2, 2, "a NAME and the new one, in quotes if it has spaces"),
    "duplicate": (1, 1, "the NAME of a prompt"),
    "revert": (2, 2, "the NAME of a prompt and the number of a version"),
    "delete": (1, None, "the NAMES of prompts"),
    "restore": (1, None, "the NAMES of deleted prompts"),
    "encrypt": (1, 1, "the NAME of a prompt"),
    "decrypt": (1, 1, "the NAME of a prompt"),
}
"""Of each action: the fewest and the most words it takes, and what they are."""

_NAMED = frozenset(_ACTIONS) - {"list", "new", "import", "export", "restore"}


def _offered(app: Parllama, words: Sequence[str]) -> Sequence[str]:
    action = words[0] if words else ""
    if action in _NAMED or (action == "export" and len(words) > 2):  # noqa: PLR2004 - format, path
        return offered_names(app)
    if action == "import" and len(words) == 1:
        return app.prompt_sources.names()
    if action == "export" and len(words) == 1:
        return [each.name for each in app.prompt_sources.all() if each.writes]
    return []


class PromptsParams(Params):
    """An action on the prompt library, and what it is for."""

    action: Annotated[
        Action,
        Argument(
            "ACTION",
            f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}.",
            values=lambda _app, _words: _ACTIONS,
        ),
    ] = "list"
    words: Annotated[
        tuple[str, ...],
        Argument(
            "WORD",
            "Names of prompts; for list, words to look for; for import, a source, a "
            "path or an address, and names; for export, a format, a path, and names.",
            many=True,
            values=_offered,
        ),
    ] = ()
    text: Annotated[
        str,
        Argument(
            "TEXT",
            "In a cell, for new and edit: the prompt, as Markdown with front matter.",
            cell=True,
        ),
    ] = ""
    tag: Annotated[
        tuple[str, ...],
        Option(("--tag",), "For list: only with this tag.", "TAG", repeat=True),
    ] = ()
    version: Annotated[
        int | None,
        Field(ge=1),
        Option(("--version",), "For show: an earlier version.", "N"),
    ] = None
    variables: Annotated[
        Any,
        Option(
            ("--set",),
            "For show: filled in, with this value of a variable.",
            "NAME=VALUE",
            repeat=True,
        ),
    ] = Field(default_factory=dict)
    everything: Annotated[
        bool,
        Field(alias="all"),
        Option(("--all",), "For import: all that is new or changed. For list: all."),
    ] = False
    refresh: Annotated[
        bool, Option(("--refresh",), "For import: fetch anew what is in the cache.")
    ] = False
    overwrite: Annotated[
        bool, Option(("--overwrite",), "For export: replace files that exist.")
    ] = False
    off: Annotated[
        bool, Option(("--off",), "For favourite: these are favourites no more.")
    ] = False
    view: Annotated[bool, Option(("--view",), "Open the library in a view.")] = False

    @field_validator("variables", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        return pairs(value)

    @model_validator(mode="after")
    def _fits(self) -> PromptsParams:
        least, most, needs = _SHAPES[self.action]
        count = len([word for word in self.words if word.strip()])
        if self.action == "list" and self.view:
            return self
        if count < least or (most is not None and len(self.words) > most):
            message = f"{self.action} takes {needs}"
            raise ValueError(message)
        if self.text.strip() and self.action not in {"new", "edit"}:
            message = f"{self.action} takes no text below its line"
            raise ValueError(message)
        if self.action == "revert" and not self.words[1].isdecimal():
            message = f"revert takes the number of a version, not {self.words[1]!r:.40}"
            raise ValueError(message)
        return self
