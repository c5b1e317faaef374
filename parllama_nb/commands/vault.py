"""vault: secrets behind one password; nothing secret is ever typed on the line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar, get_args

from pydantic import model_validator

from ..vault.errors import VaultError, WaitError, WrongPasswordError
from .table import Argument, Call, Command, Option, Params, Report

if TYPE_CHECKING:
    from ..application import Parllama

__all__ = ["COMMAND", "VaultParams", "asked", "off_loop", "opened"]

T = TypeVar("T")

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
    "import",
    "clear",
]

_ACTIONS = get_args(Action)
_NAMED = ("set", "remove", "export")
_FILED = ("backup", "restore", "import")
_TRIES = 3

# As environment variables are named. A key that was typed in a name's place is mostly
# none, or long and mixed.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*\d).{20,}")


def _offered(app: Parllama, words: Sequence[str]) -> list[str]:
    """The names of an unlocked vault, where a name comes next."""
    if not words or words[0] not in _NAMED or app.keychain.unlocked is None:
        return []
    try:
        return app.keychain.unlocked.names()
    except VaultError:
        return []


class VaultParams(Params):
    """What to do with the vault, and with which secret or file."""

    action: Annotated[
        Action,
        Argument(
            "ACTION",
            f"{', '.join(_ACTIONS[:-1])} or {_ACTIONS[-1]}.",
            values=lambda _app, _words: _ACTIONS,
        ),
    ] = "status"
    name: Annotated[
        str | None,
        Argument("NAME", "A secret's name, or a file's path.", values=_offered),
    ] = None
    export: Annotated[
        bool,
        Option(("--export",), "set: also in os.environ while the vault is unlocked."),
    ] = False
    off: Annotated[
        bool, Option(("--off",), "export: no longer put it into os.environ.")
    ] = False
    dry_run: Annotated[
        bool, Option(("--dry-run",), "import: only say what would be done.")
    ] = False
    replace: Annotated[
        bool, Option(("--replace",), "import: also over secrets that are there.")
    ] = False
    keep_exports: Annotated[
        bool, Option(("--keep-exports",), "import: export what PAR LLAMA exports.")
    ] = False
    yes: Annotated[bool, Option(("--yes",), "restore: do it.")] = False
    older: Annotated[
        bool,
        Option(("--accept-older",), "unlock: a file that was put back on purpose."),
    ] = False

    @model_validator(mode="after")
    def _fits(self) -> VaultParams:
        # Never with the words themselves: they may be a secret in the wrong place.
        if self.action in _NAMED:
            name = self.name or ""
            if not _NAME.fullmatch(name) or _MIXED.fullmatch(name):
                message = f"{self.action} wants the NAME of a secret"
                raise ValueError(message)
        elif self.name is not None and self.action not in _FILED:
            message = f"{self.action} takes no NAME"
            raise ValueError(message)
        elif self.action == "restore" and self.name is None:
            message = "restore wants a file"
            raise ValueError(message)
        return self


async def vault(params: VaultParams, call: Call) -> Report:
    """Do it. Whatever takes the key derivation or the disk runs on a thread."""
    from . import _vault_actions  # noqa: PLC0415 - the vault's own imports are not free

    action: Callable[[VaultParams, Call], Awaitable[Report]] = _vault_actions.ACTIONS[
        params.action
    ]
    return await action(params, call)


async def off_loop(work: Callable[[], T]) -> T:
    """`work` on a thread: the service loop has others to serve."""
    return await asyncio.to_thread(work)


async def opened(call: Call) -> None:
    """Have the vault unlocked; asks for the password where it is not.

    Raises:
        VaultMissingError: there is none.
        PromptError: it is locked, and nobody can be asked.
        WrongPasswordError: three were wrong.

    """
    if not await off_loop(call.app.vault.ready):
        await asked(call, "Password of the vault", call.app.vault.unlock)


async def asked(call: Call, what: str, use: Callable[[str], T]) -> T:
    """`use` with a password that the user types, who has three tries.

    Raises:
        PromptError: nobody can be asked.
        WrongPasswordError: the third was wrong too.

    """
    said = what
    for last in (False,) * (_TRIES - 1) + (True,):
        password = await call.notebook.ask(said)
        while True:
            try:
                return await off_loop(lambda typed=password: use(typed))  # type: ignore[misc]
            except WaitError as error:
                await asyncio.sleep(error.seconds)
            except WrongPasswordError:
                if last:
                    raise
                break
        said = f"Wrong. {what}"
    raise AssertionError


async def chosen(call: Call, what: str) -> str:
    """A new password, typed twice.

    Raises:
        WeakPasswordError: it would be guessed.
        VaultError: the two differ.

    """
    from ..vault.strength import check  # noqa: PLC0415

    password = await call.notebook.ask(what)
    await off_loop(lambda: check(password))
    if await call.notebook.ask(f"{what}, once more") != password:
        message = "The two passwords differ."
        raise VaultError(message, hint="Nothing was changed.")
    return password


COMMAND = Command(
    name="vault",
    summary="Keep keys and other secrets, encrypted.",
    params=VaultParams,
    run=vault,
    private=True,
    examples=(
        "%parllama vault create",
        "%parllama vault set OPENAI_API_KEY",
        "%parllama vault import --dry-run",
    ),
)
