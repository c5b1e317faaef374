"""The actions of the command vault.

Whatever takes the key derivation or the disk runs on a thread.
"""

from __future__ import annotations

import os
import time
from asyncio import to_thread
from collections.abc import Awaitable, Callable
from pathlib import Path

from ...markdown.sanitize import escape
from ...store.database import on_network
from ...vaults.strength import strength
from ..passwords import choose_password, unlock_vault, with_password
from ..report import Report, table
from ..table import Call
from .files import backup, import_secrets, restore
from .params import Action, VaultParams
from .reports import name_list, span
from .scanning import scan

__all__ = ["ACTIONS"]

_SHOWN_ENTRIES = 30


async def _status(params: VaultParams, call: Call) -> Report:
    del params
    vault = call.app.vault
    state = await to_thread(lambda: vault.state)
    lines = [
        f"The vault is **{state}**." if state != "absent" else "There is no vault."
    ]
    if state == "absent":
        lines.append("`%parllama vault create` makes one.")
    if state == "locked":
        lines.append("`%parllama vault unlock` asks for its password.")
    if state == "unlocked":
        names = await to_thread(vault.names)
        left = vault.lock_if_due()
        count = f"{len(names)} secret{'' if len(names) == 1 else 's'}"
        until = "does not lock by itself" if left is None else f"locks in {span(left)}"
        lines.append(f"It holds {count}, and {until}.")
        if vault.exported():
            lines.append(f"In the environment: {name_list(vault.exported())}.")
        both = [name for name in names if _is_set_elsewhere(name, call)]
        if both:
            lines.append(
                f"Also set in the environment, which comes first: {name_list(both)}."
            )
    if vault.warning:
        lines.append(escape(vault.warning))
    if state != "absent":
        place = vault.storage.place
        lines.append(f"File: {escape(place)}")
        if on_network(Path(place)):
            lines.append(
                "It is on a network file system: do not change it from two machines at "
                "once unless locks work there."
            )
    return Report("  \n".join(lines))


def _is_set_elsewhere(name: str, call: Call) -> bool:
    """Whether somebody else than the vault has set this environment variable."""
    return bool(os.environ.get(name)) and name not in call.app.vault.exported()


async def _create(params: VaultParams, call: Call) -> Report:
    del params
    vault = call.app.vault
    unattended = call.app.keychain.unattended.password()
    if unattended is None:
        password = await choose_password(call, "New password")
    else:
        password = unattended.decode()
    await to_thread(lambda: vault.create(password))
    judged = await to_thread(lambda: strength(password))
    return Report(
        f"The vault is created and unlocked; its password is {judged.word}.  \n"
        "Without the password nobody can read what is in it, not even you: keep it "
        "where you will find it. `%parllama vault set NAME` stores a secret."
    )


async def _unlock(params: VaultParams, call: Call) -> Report:
    vault = call.app.vault
    if not params.older and await to_thread(vault.ready):
        return Report("The vault is unlocked.")
    await with_password(
        call,
        "Password of the vault",
        lambda typed: vault.unlock(typed, accept_older=params.older),
    )
    return await _status(params, call)


async def _lock(params: VaultParams, call: Call) -> Report:
    del params
    await to_thread(call.app.vault.lock)
    return Report("The vault is locked.")


async def _set(params: VaultParams, call: Call) -> Report:
    vault, name = call.app.vault, params.name or ""
    await unlock_vault(call)
    value = (await call.notebook.ask(f"Value of {name}")).strip()
    export = True if params.export else None
    await to_thread(lambda: vault.set(name, value, export=export))
    lines = [f"{escape(name)} is in the vault."]
    if _is_set_elsewhere(name, call):
        lines.append("It is also set in the environment, which comes first.")
    return Report("  \n".join(lines))


async def _remove(params: VaultParams, call: Call) -> Report:
    name = params.name or ""
    await unlock_vault(call)
    await to_thread(lambda: call.app.vault.remove(name))
    return Report(f"{escape(name)} is removed from the vault.")


async def _list(params: VaultParams, call: Call) -> Report:
    del params
    await unlock_vault(call)
    entries = await to_thread(call.app.vault.entries)
    if not entries:
        return Report(
            "There is no secret in the vault. `%parllama vault set NAME` stores one."
        )
    rows = []
    for entry in entries:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.modified))
        export = "yes" if entry.export else ""
        rows.append((escape(entry.name), when, export))
    return Report(table(("name", "changed", "in the environment"), rows))


async def _export(params: VaultParams, call: Call) -> Report:
    name, export = params.name or "", not params.off
    await unlock_vault(call)
    await to_thread(lambda: call.app.vault.set_export(name, export=export))
    if not export:
        return Report(f"{escape(name)} is no longer put into the environment.")
    return Report(
        f"{escape(name)} is in `os.environ` while the vault is unlocked, where every "
        "program that a cell starts can read it."
    )


async def _passwd(params: VaultParams, call: Call) -> Report:
    del params
    vault = call.app.vault
    await _require_vault(call)
    old = await with_password(
        call, "Present password", lambda typed: _checked(call, typed)
    )
    new = await choose_password(call, "New password")
    await to_thread(lambda: vault.change_password(old, new))
    return Report(
        "The password is changed. Other kernels have to unlock the vault again."
    )


def _checked(call: Call, password: str) -> str:
    call.app.vault.unlock(password)
    return password


async def _rotate(params: VaultParams, call: Call) -> Report:
    del params
    await _require_vault(call)
    await with_password(call, "Password of the vault", call.app.vault.rotate)
    return Report(
        "Everything is encrypted by a new key. Other kernels have to unlock the vault "
        "again."
    )


async def _audit(params: VaultParams, call: Call) -> Report:
    del params
    vault = call.app.vault
    entries = await to_thread(vault.log)
    rows = []
    for entry in entries[-_SHOWN_ENTRIES:]:
        ids = ", ".join(each[:8] for each in entry.ids[:3])
        more = (
            f" and {entry.count - 3} more" if entry.count > len(entry.ids[:3]) else ""
        )
        what = entry.detail or f"{ids}{more}"
        words = (entry.at[:19], entry.event, entry.kernel, what)
        rows.append([escape(word) for word in words])
    verdict = "Whether it is complete can be checked while the vault is unlocked."
    if await to_thread(lambda: vault.state) == "unlocked":
        problem = await to_thread(vault.verify)
        verdict = (
            f"**The log is damaged: {problem}.**" if problem else "The log is complete."
        )
    log = table(("when (UTC)", "event", "kernel", "records"), rows)
    return Report(f"{log}\n\nThe log has {len(entries):,} entries. {verdict}")


async def _require_vault(call: Call) -> None:
    """Fail before a password is asked for.

    Raises:
        VaultMissingError: there is no vault.

    """
    await to_thread(call.app.vault.ready)


async def _clear(params: VaultParams, call: Call) -> Report:
    del params
    await _require_vault(call)
    backup = await with_password(call, "Password of the vault", call.app.vault.clear)
    return Report(f"The vault is empty. What was in it is in {escape(str(backup))}")


ACTIONS: dict[Action, Callable[[VaultParams, Call], Awaitable[Report]]] = {
    "status": _status,
    "create": _create,
    "unlock": _unlock,
    "lock": _lock,
    "set": _set,
    "remove": _remove,
    "list": _list,
    "export": _export,
    "passwd": _passwd,
    "rotate": _rotate,
    "backup": backup,
    "restore": restore,
    "audit": _audit,
    "scan": scan,
    "import": import_secrets,
    "clear": _clear,
}
