"""Secrets in the environment of the kernel, for libraries that look nowhere else.

What stands in `os.environ` is inherited by every child process, `!cmd` included. So a
secret is put there only inside `with vault.env(NAME):`, or where the user has marked
it; and it is withdrawn when the vault locks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from .errors import SecretRefusedError

__all__ = ["Exports", "check_export"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# What changes how programs are found, loaded or run: nothing of it comes from a vault.
_NEVER = re.compile(
    r"(LD_|DYLD_|PYTHON|IPYTHON|BASH|PERL|RUBY|PARLLAMA).*"
    r"|PATH|HOME|USER|LOGNAME|SHELL|ENV|IFS|CDPATH|PS[0-4]|PROMPT_COMMAND|TERM"
    r"|TMPDIR|TEMP|TMP|LANG|LANGUAGE|LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS"
    r"|EDITOR|VISUAL|PAGER|LESSOPEN|LESSCLOSE|BROWSER|DISPLAY|CLASSPATH|SSLKEYLOGFILE"
    r"|VIRTUAL_ENV|COMSPEC|PATHEXT|SYSTEMROOT|WINDIR|APPDATA|LOCALAPPDATA|USERPROFILE"
    r"|(CURL|REQUESTS)_CA_BUNDLE|(HTTPS?|ALL|NO|FTP)_PROXY",
    re.IGNORECASE,
)
# What configures a program; its keys and tokens are welcome.
_PROGRAMS = re.compile(
    r"_?(GIT|SSH|NODE|NPM|JAVA|JDK|PIP|UV|CONDA|JUPYTER|JPY|IPYTHON|OPENSSL|SSL|MALLOC"
    r"|GCONV|XDG|LC)_(?!.*(KEY|TOKEN|SECRET|PASSWORD)$).*",
    re.IGNORECASE,
)


def check_export(name: str, value: str = "") -> None:
    """Refuse what must not be put into the environment, or cannot be.

    Raises:
        SecretRefusedError: why.

    """
    if not _NAME.fullmatch(name):
        message = f"{name!r} cannot be the name of an environment variable."
    elif _NEVER.fullmatch(name) or _PROGRAMS.fullmatch(name):
        message = f"{name} changes how programs run: it is not set from a vault."
    elif "\0" in value:
        message = f"{name} cannot be put into the environment: it holds a zero byte."
    else:
        return
    raise SecretRefusedError(message, hint="pl.app().vault.get(NAME) gives its value.")


@dataclass(slots=True)
class _Put:
    """What was put there, what had been there before, and how often it was put."""

    ours: str
    before: str | None
    count: int = 1


class Exports:
    """What one vault has put into `os.environ`. Used under the vault's lock.

    `epoch` counts how often all of it was withdrawn.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self._marked: set[str] = set()
        self._put: dict[str, _Put] = {}

    @property
    def names(self) -> list[str]:
        """What stands there now."""
        return sorted(self._put)

    def put(self, name: str, value: str) -> None:
        """Set a variable, or set it anew; each `put` wants its `withdraw`.

        Raises:
            SecretRefusedError: it must not be there, or cannot be.

        """
        check_export(name, value)
        known = self._put.get(name)
        if known is None:
            self._put[name] = _Put(value, os.environ.get(name))
        else:
            known.ours, known.count = value, known.count + 1
        os.environ[name] = value

    def replace(self, name: str, value: str) -> None:
        """The secret has another value; where it was put it changes too."""
        known = self._put.get(name)
        if known is not None:
            check_export(name, value)
            if os.environ.get(name) == known.ours:
                os.environ[name] = value
            known.ours = value

    def follow(
        self,
        marked: Collection[str],
        known: Collection[str],
        value: Callable[[str], str],
    ) -> str:
        """Have there what is marked, with its value of now, and nothing that was.

        `known` are the secrets there are. Gives the last problem, "" for none.
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

        What somebody else has put there since is left alone.
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
        self.epoch += 1
        self._marked = set()
        for name in list(self._put):
            self.withdraw(name, wholly=True)
