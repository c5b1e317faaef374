"""The actions of the command vault on other files: its backups, and imports."""

from __future__ import annotations

from asyncio import to_thread
from pathlib import Path

from ...importers.imported_secrets import ImportedSecrets
from ...importers.secret_files import has_password, read, secrets_path, store
from ...markdown.sanitize import escape
from ..passwords import unlock_vault, with_password
from ..report import Report
from ..table import Call
from .params import VaultParams
from .reports import difference_lines, import_summary

__all__ = ["backup", "import_secrets", "restore"]


async def backup(params: VaultParams, call: Call) -> Report:
    """Copy the vault into a file."""
    path = params.name
    copy = await to_thread(lambda: call.app.vault.backup(path))
    return Report(
        f"The vault is copied to {escape(str(copy))}, and the copy is checked."
    )


async def restore(params: VaultParams, call: Call) -> Report:
    """Put a backup back, or show what that would change."""
    vault, path = call.app.vault, params.name or ""
    difference = await with_password(
        call,
        "Password of the backup",
        lambda typed: vault.restore(path, typed, apply=params.yes),
    )
    lines = difference_lines(difference, done=params.yes)
    if params.yes:
        if difference.kept:
            lines.append(f"The vault as it was before: {escape(difference.kept)}")
    else:
        lines.append("Nothing is changed yet; with `--yes` it is.")
    return Report("  \n".join(lines))


async def import_secrets(params: VaultParams, call: Call) -> Report:
    """Store the secrets of a file in the vault, or show which."""
    vault = call.app.vault
    path = await to_thread(lambda: secrets_path(params.name))
    secrets = await _read(path, call)

    def stored() -> list[str]:
        present = {*vault.names()}
        names = [
            name for name in secrets.values if params.replace or name not in present
        ]
        if not params.dry_run:
            store(vault, secrets, names, export=params.keep_exports)
        return names

    try:
        await unlock_vault(call)
        imported = await to_thread(stored)
    finally:
        secrets.wipe()
    return Report(import_summary(params, path, secrets, imported))


async def _read(path: Path, call: Call) -> ImportedSecrets:
    if not await to_thread(lambda: has_password(path)):
        return await to_thread(lambda: read(path, ""))
    return await with_password(
        call, "Password of PAR LLAMA's vault", lambda typed: read(path, typed)
    )
