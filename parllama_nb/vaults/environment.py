"""Secrets in the environment of the kernel, for libraries that look nowhere else.

Every child process inherits `os.environ`, `!cmd` included. So a secret is put there
only inside `with vault.env(NAME):`, or if the user has marked it for export, and is
withdrawn when the vault locks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from .errors import SecretRefusedError, VaultError

__all__ = ["Exports", "can_export", "check_export"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Variables that change how programs are found, loaded or run: never from a vault.
_NEVER = re.compile(
    r"(LD_|DYLD_|PYTHON|IPYTHON|BASH|PERL|RUBY|PARLLAMA).*"
    r"|PATH|HOME|USER|LOGNAME|SHELL|ENV|IFS|CDPATH|PS[0-4]|PROMPT_COMMAND|TERM"
    r"|TMPDIR|TEMP|TMP|LANG|LANGUAGE|LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS"
    r"|EDITOR|VISUAL|PAGER|LESSOPEN|LESSCLOSE|BROWSER|DISPLAY|CLASSPATH|SSLKEYLOGFILE"
    r"|VIRTUAL_ENV|COMSPEC|PATHEXT|SYSTEMROOT|WINDIR|APPDATA|LOCALAPPDATA|USERPROFILE"
    r"|(CURL|REQUESTS)_CA_BUNDLE|(HTTPS?|ALL|NO|FTP)_PROXY",
    re.IGNORECASE,
)
# Variables that configure a program; its keys and tokens are allowed.
_PROGRAMS = re.compile(
    r"_?(GIT|SSH|NODE|NPM|JAVA|JDK|PIP|UV|CONDA|JUPYTER|JPY|IPYTHON|OPENSSL|SSL|MALLOC"
    r"|GCONV|XDG|LC)_(?!.*(KEY|TOKEN|SECRET|PASSWORD)$).*",
    re.IGNORECASE,
)


def check_export(name: str, value: str = "") -> None:
    """Refuse a variable that must not be exported, or cannot be.

    Raises:
        SecretRefusedError: with the reason.

    """
    __tracebackhide__ = True  # see `Exports.put`
    if not _NAME.fullmatch(name):
        message = f"{name!r} cannot be the name of an environment variable."
    elif _NEVER.fullmatch(name) or _PROGRAMS.fullmatch(name):
        message = f"{name} changes how programs run: a vault does not set it."
    elif "\0" in value:
        message = f"{name} cannot be put into the environment: it holds a zero byte."
    else:
        return
    raise SecretRefusedError(message, hint="pl.app().vault.get(NAME) gives its value.")


def can_export(name: str) -> bool:
    """Whether a variable of this name may be exported."""
    try:
        check_export(name)
    except SecretRefusedError:
        return False
    return True


@dataclass(slots=True)
class _Put:
    """A variable that was set: our value, the value before, how often it was set."""

    ours: str
    before: str | None
    count: int = 1


class Exports:
    """The variables that one vault has set in `os.environ`. Used under its lock."""

    def __init__(self) -> None:
        self._epoch = 0
        self._marked: set[str] = set()
        self._put: dict[str, _Put] = {}

    @property
    def names(self) -> list[str]:
        """The names of the variables that are set now."""
        return sorted(self._put)

    def put(self, name: str, value: str) -> None:
        """Set a variable, or set it again; each `put` needs its `withdraw`.

        Raises:
            SecretRefusedError: it must not be set, or cannot be.

        """
        # A verbose traceback shows the variables of its frames: hide this one.
        __tracebackhide__ = True
        check_export(name, value)
        known = self._put.get(name)
        if known is None:
            self._put[name] = _Put(value, os.environ.get(name))
        else:
            known.ours, known.count = value, known.count + 1
        os.environ[name] = value

    def put_all(self, names: Iterable[str], value: Callable[[str], str]) -> int:
        """Set variables, all or none. Returns an epoch for `withdraw_since`.

        Raises:
            SecretRefusedError: one of them must not be set, or cannot be.
            VaultError: whatever `value` raises.

        """
        done: list[str] = []
        try:
            for name in names:
                self.put(name, value(name))
                done.append(name)
        except VaultError:
            self.withdraw_since(done, self._epoch)
            raise
        return self._epoch

    def withdraw_since(self, names: Iterable[str], epoch: int) -> None:
        """Take back one `put` of each, unless all were withdrawn since that epoch."""
        if epoch == self._epoch:
            for name in names:
                self.withdraw(name)

    def replace(self, name: str, value: str) -> None:
        """Give a variable that is set the secret's new value."""
        known = self._put.get(name)
        if known is not None:
            check_export(name, value)
            if os.environ.get(name) == known.ours:
                os.environ[name] = value
            known.ours = value

    def sync(
        self,
        marked: Collection[str],
        known: Collection[str],
        value: Callable[[str], str],
    ) -> str:
        """Set exactly the marked variables, with their present values.

        Args:
            marked: names of the secrets that are marked for export.
            known: names of all secrets.
            value: returns a secret's value.

        Returns:
            the last problem, "" if there was none.

        """
        problem = ""
        for name in self._marked - {*marked}:
            self.withdraw(name)
        for name in {*marked} | (self._put.keys() & {*known}):
            try:
                if name in self._marked or name not in marked:
                    self.replace(name, value(name))
                else:
                    self.put(name, value(name))
            except SecretRefusedError as error:
                problem = error.message
        self._marked = {*marked}
        return problem

    def withdraw(self, name: str, *, wholly: bool = False) -> None:
        """Take back one `put`, or all of them; does nothing if there is none.

        A value that somebody else has set since is left alone.
        """
        known = self._put.get(name)
        if known is None:
            return
        known.count -= 1
        if known.count > 0 and not wholly:
            return
        del self._put[name]
        if os.environ.get(name) != known.ours:
            return
        if known.before is None:
            del os.environ[name]
        else:
            os.environ[name] = known.before

    def withdraw_all(self) -> None:
        """Take back everything."""
        self._epoch += 1
        self._marked = set()
        for name in list(self._put):
            self.withdraw(name, wholly=True)
