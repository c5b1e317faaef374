"""The actions of the command vault."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from ..markdown.sanitize import escape
from ..store.database import on_network
from ..vault.dotenv import read_dotenv
from ..vault.environment import check_export
from ..vault.errors import ImportFileError, SecretRefusedError
from ..vault.legacy import Found, needs_password, read_legacy
from ..vault.strength import strength
from ._vault_reports import difference_lines, import_summary, listed, span
from .table import Call, Report
from .vault import VaultParams, asked, chosen, off_loop, opened

__all__ = ["ACTIONS"]

_SHOWN_ENTRIES = 30


async def _status(params: VaultParams, call: Call) -> Report:
    del params
    vault = call.app.vault
    state = await off_loop(lambda: vault.state)
    lines = [f"The vault is **{state}**." if state != "absent" else "No vault yet."]
    if state == "absent":
        lines.append("`%parllama vault create` makes one.")
    if state == "locked":
        lines.append("`%parllama vault unlock` asks for its password.")
    if state == "unlocked":
        names = await off_loop(vault.names)
        left = vault.lock_if_due()
        until = "never" if left is None else f"in {span(left)}"
        lines.append(f"{len(names)} secrets; it locks {until}.")
        if vault.exported():
            lines.append(f"In the environment: {listed(vault.exported())}.")
        both = [name for name in names if os.environ.get(name)]
        both = [name for name in both if name not in vault.exported()]
        if both:
            lines.append(
                f"Also set in the environment, which goes first: {listed(both)}."
            )
    if vault.warning:
        lines.append(escape(vault.warning))
    if state != "absent":
        place = vault.storage.place
        lines.append(f"File: {escape(place)}")
        if on_network(Path(place)):
            lines.append("It is on a network file system: its locks must be reliable.")
    return Report("  \n".join(lines))


async def _create(params: VaultParams, call: Call) -> Report:
    del params
    vault = call.app.vault
    left = call.app.keychain.unattended.password()
    password = await chosen(call, "New password") if left is None else left.decode()
    await off_loop(lambda: vault.create(password))
    found = await off_loop(lambda: strength(password))
    return Report(
        f"The vault is made and unlocked; its password is {found.word}.  \n"
        "There is no way to get at what is in it without the password: keep that "
        "where you do not lose it. `%parllama vault set NAME` keeps a secret."
    )


async def _unlock(params: VaultParams, call: Call) -> Report:
    vault = call.app.vault
    if not params.older and await off_loop(vault.ready):
        return Report("The vault is unlocked.")
    await asked(
        call,
        "Password of the vault",
        lambda typed: vault.unlock(typed, accept_older=params.older),
    )
    return await _status(params, call)


async def _lock(params: VaultParams, call: Call) -> Report:
    del params
    await off_loop(call.app.vault.lock)
    return Report("The vault is locked.")


async def _set(params: VaultParams, call: Call) -> Report:
    vault, name = call.app.vault, params.name or ""
    await opened(call)
    value = (await call.notebook.ask(f"Value of {name}")).strip()
    export = True if params.export else None
    await off_loop(lambda: vault.set(name, value, export=export))
    lines = [f"{escape(name)} is in the vault."]
    if os.environ.get(name) and name not in vault.exported():
        lines.append("It is also set in the environment, which goes first.")
    return Report("  \n".join(lines))


async def _remove(params: VaultParams, call: Call) -> Report:
    name = params.name or ""
    await opened(call)
    await off_loop(lambda: call.app.vault.remove(name))
    return Report(f"{escape(name)} is removed from the vault.")


async def _list(params: VaultParams, call: Call) -> Report:
    del params
    await opened(call)
    entries = await off_loop(call.app.vault.entries)
    if not entries:
        return Report("The vault holds no secret. `%parllama vault set NAME`")
    lines = ["| name | changed | in the environment |", "|:---|:---|:---|"]
    for entry in entries:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.modified))
        export = "yes" if entry.export else ""
        lines.append(f"| {escape(entry.name)} | {when} | {export} |")
    return Report("\n".join(lines))


async def _export(params: VaultParams, call: Call) -> Report:
    name, export = params.name or "", not params.off
    await opened(call)
    await off_loop(lambda: call.app.vault.set_export(name, export=export))
    if not export:
        return Report(f"{escape(name)} is not put into the environment any more.")
    return Report(
        f"{escape(name)} is in `os.environ` while the vault is unlocked. Every "
        "program that a cell starts can read it there."
    )


async def _passwd(params: VaultParams, call: Call) -> Report:
    del params
    vault = call.app.vault
    await _there(call)
    old = await asked(call, "Present password", lambda typed: _checked(call, typed))
    new = await chosen(call, "New password")
    await off_loop(lambda: vault.change_password(old, new))
    return Report("The vault has its new password; other kernels have to unlock it.")


def _checked(call: Call, password: str) -> str:
    call.app.vault.unlock(password)
    return password


async def _rotate(params: VaultParams, call: Call) -> Report:
    del params
    await _there(call)
    await asked(call, "Password of the vault", call.app.vault.rotate)
    return Report("Everything is encrypted anew; other kernels have to unlock it.")


async def _backup(params: VaultParams, call: Call) -> Report:
    path = params.name
    where = await off_loop(lambda: call.app.vault.backup(path))
    return Report(f"Copied and checked: {escape(str(where))}")


async def _restore(params: VaultParams, call: Call) -> Report:
    vault, path = call.app.vault, params.name or ""
    found = await asked(
        call,
        "Password of the backup",
        lambda typed: vault.restore(path, typed, apply=params.yes),
    )
    lines = difference_lines(found, params.yes)
    if params.yes:
        lines.append(f"What was there is kept: {escape(found.kept) or 'nothing was'}")
    else:
        lines.append("Nothing is done yet; with `--yes` it is.")
    return Report("  \n".join(lines))


async def _audit(params: VaultParams, call: Call) -> Report:
    del params
    vault = call.app.vault
    entries = await off_loop(vault.log)
    lines = ["| when (UTC) | what | where | records |", "|:---|:---|:---|:---|"]
    for entry in entries[-_SHOWN_ENTRIES:]:
        ids = ", ".join(each[:8] for each in entry.ids[:3])
        more = (
            f" and {entry.count - 3} more" if entry.count > len(entry.ids[:3]) else ""
        )
        words = (entry.at[:19], entry.event, entry.kernel, f"{ids}{more}")
        lines.append(f"| {' | '.join(map(escape, words))} |")
    verdict = "The vault is locked: nobody can say whether the log is whole."
    if await off_loop(lambda: vault.state) == "unlocked":
        problem = await off_loop(vault.verify)
        verdict = f"**The log is damaged: {problem}.**" if problem else "It is whole."
    return Report("\n".join([*lines, "", f"{len(entries)} entries. {verdict}"]))


async def _import(params: VaultParams, call: Call) -> Report:
    vault = call.app.vault
    path = await off_loop(lambda: _theirs(params.name))
    found = await _found(path, call)
    exports = found.exports if params.keep_exports else frozenset()

    def take() -> list[str]:
        there = {*vault.names()}
        taken = [name for name in found.values if params.replace or name not in there]
        if not params.dry_run:
            with vault.batch("import") as batch:
                for name in taken:
                    export = True if name in exports and _exportable(name) else None
                    batch.set(name, found.values[name], export=export)
        return taken

    try:
        await opened(call)
        taken = await off_loop(take)
    finally:
        found.wipe()
    return Report(import_summary(params, path, found, taken))


def _exportable(name: str) -> bool:
    try:
        check_export(name)
    except SecretRefusedError:
        return False
    return True


async def _found(path: Path, call: Call) -> Found:
    if path.suffix != ".json":
        return await off_loop(lambda: read_dotenv(path))
    if not await off_loop(lambda: needs_password(path)):
        return await off_loop(lambda: read_legacy(path, ""))
    return await asked(
        call, "Password of PAR LLAMA's vault", lambda typed: read_legacy(path, typed)
    )


async def _there(call: Call) -> None:
    """Nobody is asked for the password of no vault."""
    await off_loop(call.app.vault.ready)


async def _clear(params: VaultParams, call: Call) -> Report:
    del params
    await _there(call)
    kept = await asked(call, "Password of the vault", call.app.vault.clear)
    return Report(f"The vault is empty. A backup is kept: {escape(str(kept))}")


def _theirs(given: str | None) -> Path:
    """The file that was named, or PAR LLAMA's own, where it keeps it.

    Raises:
        ImportFileError: there is none.

    """
    if given is not None:
        return Path(given).expanduser()
    data = os.environ.get("PARLLAMA_DATA_DIR")
    share = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    places = [Path(data)] if data else []
    places += [Path(share, "parllama"), Path(share, "parllama", ".parllama")]
    places.append(Path("~/.parllama"))
    for place in places:
        path = place.expanduser() / "secrets.json"
        if path.is_file():
            return path
    message = "No secrets.json of PAR LLAMA's was found."
    raise ImportFileError(message, hint="%parllama vault import PATH")


ACTIONS: dict[str, Callable[[VaultParams, Call], Awaitable[Report]]] = {
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
    "backup": _backup,
    "restore": _restore,
    "audit": _audit,
    "import": _import,
    "clear": _clear,
}
