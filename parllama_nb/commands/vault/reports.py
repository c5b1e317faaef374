"""What the actions of the command vault report, where it takes more than a sentence."""

from __future__ import annotations

from pathlib import Path

from ...importers.parllama_secrets import ImportedSecrets
from ...markdown.sanitize import escape
from ...vault.backups import Difference
from .command import VaultParams

__all__ = ["difference_lines", "import_summary", "listed", "span"]


def difference_lines(found: Difference, done: bool) -> list[str]:  # noqa: FBT001
    """What putting a backup back changes, or would."""
    would = "is" if done else "would be"
    if not found.known:
        return [f"The backup holds {listed(found.added)}; the present vault is locked."]
    rows = (
        ("added", found.added),
        ("removed", found.removed),
        ("put back to an older value", found.changed),
    )
    lines = [f"{listed(names)} {would} {what}." for what, names in rows if names]
    lines.append(f"{found.same} secrets stay as they are.")
    if found.log:
        lines.append(f"The log of the backup is damaged: {found.log}.")
    return lines


def import_summary(
    params: VaultParams, path: Path, found: ImportedSecrets, taken: list[str]
) -> str:
    """What is taken over of a file, or would be, and what is not."""
    would = "would be" if params.dry_run else "is"
    lines = [f"From {escape(str(path))}", "", "| name | what |", "|:---|:---|"]
    for name in found.values:
        what = f"{would} taken over"
        if name not in taken:
            what = "is there already, and stays; `--replace` takes this one"
        lines.append(f"| {escape(name)} | {what} |")
    for name, reason in found.skipped:
        lines.append(f"| {escape(name)} | is left out: {escape(reason)} |")
    if found.exports:
        names = listed(sorted(found.exports))
        how = f"PAR LLAMA puts into the environment: {names}."
        what = (
            "That is kept."
            if params.keep_exports
            else "Here they are not, unless you say `--keep-exports`."
        )
        lines += ["", f"{how} {what}"]
    if params.dry_run:
        lines += ["", "Nothing is done yet; without `--dry-run` it is."]
    return "\n".join(lines)


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Names in a sentence, the first ten of many."""
    shown = ", ".join(escape(name) for name in names[:10])
    more = f" and {len(names) - 10} more" if len(names) > len(names[:10]) else ""
    return f"{shown}{more}" or "nothing"


def span(seconds: float) -> str:
    """Some time, in its unit."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"  # noqa: PLR2004
