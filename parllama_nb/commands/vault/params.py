"""The parameters of the command vault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import model_validator

from ...vaults.errors import VaultError
from ..table import Argument, Option, Params

if TYPE_CHECKING:
    from ...application import Parllama

__all__ = ["Action", "VaultParams"]

Action = Literal[
    "status",
    "create",
    "unlock",
    "lock",
    "set",
    "remove",
    "list",
    "export",
    "passwd",
    "rotate",
    "backup",
    "restore",
    "audit",
    "scan",
    "import",
    "clear",
]

_ACTIONS = get_args(Action)
_NAMED = ("set", "remove", "export")
_FILED = ("backup", "restore", "import", "scan")

# The names of environment variables. A key that was typed in place of a name mostly is
# not one, or is long and mixed.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*\d).{20,}")


def _offered(app: Parllama, words: Sequence[str]) -> list[str]:
    """Offer the names of an unlocked vault if a name comes next."""
    if not words or words[0] not in _NAMED or app.keychain.unlocked is None:
        return []
    try:
        return app.keychain.unlocked.names()
    except VaultError:
        return []


class VaultParams(Params):
    """An action on the vault, and the secret or file it is for."""

    action: Annotated[
        Action | None,
        Argument(
            "ACTION",
            f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}. Without one, the vault is "
            "opened in a view.",
            values=lambda _app, _words: _ACTIONS,
        ),
    ] = None
    name: Annotated[
        str | None,
        Argument(
            "NAME", "The name of a secret, or the path of a file.", values=_offered
        ),
    ] = None
    paths: Annotated[
        tuple[str, ...],
        Argument("PATH", "For scan: more files and directories.", many=True),
    ] = ()
    all: Annotated[
        bool,
        Option(
            ("--all",),
            "For scan: search all files, not only notebooks and what Jupyter keeps.",
        ),
    ] = False
    export: Annotated[
        bool,
        Option(
            ("--export",),
            "For set: also put it into os.environ while the vault is unlocked.",
        ),
    ] = False
    off: Annotated[
        bool, Option(("--off",), "For export: no longer put it into os.environ.")
    ] = False
    dry_run: Annotated[
        bool, Option(("--dry-run",), "For import: only show what would be done.")
    ] = False
    replace: Annotated[
        bool, Option(("--replace",), "For import: replace secrets that exist already.")
    ] = False
    keep_exports: Annotated[
        bool,
        Option(("--keep-exports",), "For import: also export what PAR LLAMA exports."),
    ] = False
    yes: Annotated[
        bool,
        Option(
            ("--yes",),
            "For restore: do it, after the first call has shown what changes.",
        ),
    ] = False
    older: Annotated[
        bool,
        Option(
            ("--accept-older",),
            "For unlock: accept an older file, which you have put back yourself.",
        ),
    ] = False

    @model_validator(mode="after")
    def _fits(self) -> VaultParams:
        # Never repeat the words themselves: they may be a secret in the wrong place.
        if self.action in _NAMED:
            name = self.name or ""
            if self.paths or not _NAME.fullmatch(name) or _MIXED.fullmatch(name):
                message = f"vault {self.action} needs the NAME of a secret"
                raise ValueError(message)
        elif self.name is not None and self.action not in _FILED:
            message = f"vault {self.action} takes no NAME"
            raise ValueError(message)
        elif self.paths and self.action != "scan":
            message = f"vault {self.action} takes one NAME"
            raise ValueError(message)
        elif self.action == "restore" and self.name is None:
            message = "vault restore needs the path of a backup"
            raise ValueError(message)
        return self
