"""What is known of a vault without its password; asking does not put off its lock."""

from __future__ import annotations

from dataclasses import dataclass

from .access import Access, State
from .errors import VaultError, locked
from .timer import Limits

__all__ = ["Status", "status"]


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a vault at one moment.

    `left` are the seconds until it locks: 0 for a locked one, None for never. `limits`
    are those it locks by. `wait` are the seconds until the next password may be tried.
    `why_locked` says in a sentence why it is locked, "" if no lock needs a reason.
    `generation` counts its changes, 0 while it is locked. `exported` are the names that
    it has put into the environment. `warning` is the last problem that did not stop an
    operation.
    """

    state: State
    left: float | None
    limits: Limits
    wait: float = 0.0
    why_locked: str = ""
    generation: int = 0
    exported: tuple[str, ...] = ()
    warning: str = ""


def status(access: Access) -> Status:
    """See `Vault.status`.

    Raises:
        VaultStorageError: the file cannot be read.
        VaultDamagedError: somebody who does not have the password has changed it.

    """
    state = access.state
    with access.guard:
        limits, warning = access.timer.limits, access.warning
        try:
            contents = access.current(use=False) if access.unlocked else None
        except VaultError:
            # Found to be locked elsewhere, or gone; damage is reported.
            if access.unlocked is not None:
                raise
            contents, state = None, access.state
        if contents is None:
            why = access.why_locked
            return Status(
                state,
                0.0,
                limits,
                wait=access.attempts.wait,
                why_locked=locked(why).message if why else "",
                warning=warning,
            )
        return Status(
            "unlocked",
            access.timer.left(),
            limits,
            generation=contents.manifest.generation,
            exported=tuple(access.exports.names),
            warning=warning,
        )
