"""Defines %parllama and %%parllama, and their completion.

Loading the extension imports this module and next to nothing more; the first command
imports what commands need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import TryNext
from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    no_var_expand,
)

from .notebook.origin import unwatch, watch
from .notebook.transforms import MAGIC, install, remove
from .vaults.unattended import take

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["ParllamaMagics", "register", "unregister"]


@magics_class
class ParllamaMagics(Magics):
    """The magics of this package."""

    # Else IPython would evaluate {x} and $x on the line.
    @no_var_expand
    @line_cell_magic(MAGIC)  # type: ignore[arg-type]  # IPython: Never
    def parllama(self, line: str, cell: str | None = None) -> None:
        """Ask a model, or run a command: `%parllama help` lists them."""
        from .notebook.run import run_line  # noqa: PLC0415 - see the module's docstring

        shell = self.shell
        if shell is not None:
            run_line(shell, line, cell)


def register(shell: InteractiveShell) -> None:
    """Register the magics, their completion and how their lines are read."""
    take()
    shell.register_magics(ParllamaMagics)
    install(shell)
    watch(shell)
    shell.set_hook("complete_command", _complete, re_key=rf"%%?{MAGIC}\b")


def unregister(shell: InteractiveShell) -> None:
    """Remove all that `register` and the commands have added to the kernel."""
    from .redaction.belt import take_off  # noqa: PLC0415 - see the module's docstring
    from .redaction.logs import leave_logs  # noqa: PLC0415 - as above

    take_off()
    leave_logs()
    remove(shell)
    unwatch(shell)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(MAGIC, None)
    hooks = shell.strdispatchers["complete_command"].regexs
    for key in [key for key in hooks if key.pattern == rf"%%?{MAGIC}\b"]:
        del hooks[key]


def _complete(shell: InteractiveShell, event: object) -> list[str]:
    from .application import get_app  # noqa: PLC0415
    from .commands import COMMANDS  # noqa: PLC0415
    from .commands.completion import complete  # noqa: PLC0415

    line = str(getattr(event, "line", ""))
    magic, _, rest = line.partition(" ")
    if not line[len(magic) :]:
        raise TryNext
    offered = complete(
        COMMANDS,
        get_app(),
        rest,
        cell=magic.startswith("%%"),
        namespace=shell.user_ns,
    )
    # IPython replaces only what follows the last colon or equals sign.
    word = "" if rest[-1:].isspace() else rest.rpartition(" ")[2]
    done = len(word) - len(str(getattr(event, "symbol", word)))
    return [name[max(0, done) :] for name in offered]
