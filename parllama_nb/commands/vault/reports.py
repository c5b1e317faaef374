"""Longer reports of the command vault: a backup compared, a file imported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...importers.imported_secrets import ImportedSecrets
from ...markdown.sanitize import escape
from ...vaults.backups import Difference
from ..report import table
from .params import VaultParams

__all__ = ["difference_lines", "import_summary", "name_list", "span"]


def difference_lines(difference: Difference, *, done: bool) -> list[str]:
    """Say what putting a backup back changes, or would change."""
    if not difference.known:
        names = name_list(difference.added)
        locked = "The vault is locked, so what would change is not known."
        return [f"The backup holds {names}.", locked]
    verb = "is" if done else "would be"
    rows = (
        ("added", difference.added),
        ("removed", difference.removed),
        ("set to an older value", difference.changed),
    )
    lines = [f"{name_list(names)} {verb} {what}." for what, names in rows if names]
    lines.append(f"{difference.same} secrets stay as they are.")
    if difference.log:
        lines.append(f"The log of the backup is damaged: {difference.log}.")
    return lines


def import_summary(
    params: VaultParams, path: Path, secrets: ImportedSecrets, imported: list[str]
) -> str:
    """Say which secrets of a file are imported, or would be, and which are not."""
    verb = "would be imported" if params.dry_run else "is imported"
    rows = []
    for name in secrets.values:
        what = verb
        if name in secrets.unresolved:
            what += ", with `${...}` as written: the file does not set that variable"
        if name not in imported:
            what = "exists already, and is unchanged; `--replace` replaces it"
        rows.append((escape(name), what))
    rows += [
        (escape(name), f"is skipped: {escape(reason)}")
        for name, reason in secrets.skipped
    ]
    lines = [f"From {escape(str(path))}:", "", table(("name", "result"), rows)]
    if secrets.exports:
        names = name_list(sorted(secrets.exports))
        what = (
            "So does this vault."
            if params.keep_exports
            else "This vault does not, unless you add `--keep-exports`."
        )
        lines += ["", f"PAR LLAMA puts into the environment: {names}. {what}"]
    if params.dry_run:
        lines += ["", "Nothing is changed yet; without `--dry-run` it is."]
    return "\n".join(lines)


def name_list(names: Sequence[str]) -> str:
    """Join names for a sentence, at most ten of them."""
    shown = ", ".join(escape(name) for name in names[:10])
    more = f" and {len(names) - 10} more" if len(names) > len(names[:10]) else ""
    return f"{shown}{more}" or "nothing"


def span(seconds: float) -> str:
    """Format a time in seconds or minutes."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"  # noqa: PLR2004
