"""Files of secrets, of whichever program: found, read, and stored in the vault.

A `.json` file is PAR LLAMA's `secrets.json`; any other is read as a `.env` file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from pathlib import Path

from ..vaults.environment import can_export
from ..vaults.errors import ImportFileError
from ..vaults.format.crypto import Password
from ..vaults.vault import Vault
from . import parllama_secrets
from .dotenv import read_dotenv
from .imported_secrets import ImportedSecrets

__all__ = ["has_password", "read", "secrets_path", "store"]


def secrets_path(name: str | None) -> Path:
    """Return the file that was named, or PAR LLAMA's own secrets.json.

    Raises:
        ImportFileError: it cannot be a file, or PAR LLAMA has none in its usual places.

    """
    if name:
        if "\0" not in name:
            # The home of a user who does not exist.
            with contextlib.suppress(RuntimeError):
                return Path(name).expanduser()
        message = f"{name!r} cannot be the path of a file."
        raise ImportFileError(message)
    data = os.environ.get("PARLLAMA_DATA_DIR")
    share = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    places = [Path(data)] if data else []
    places += [Path(share, "parllama"), Path(share, "parllama", ".parllama")]
    places.append(Path("~/.parllama"))
    for place in places:
        path = place.expanduser() / "secrets.json"
        if path.is_file():
            return path
    message = "PAR LLAMA's secrets.json is not in any of its usual places."
    raise ImportFileError(message, hint="Name it: %parllama vault import PATH")


def has_password(path: Path) -> bool:
    """Whether the file is encrypted.

    Raises:
        ImportFileError: it cannot be read.

    """
    return path.suffix == ".json" and parllama_secrets.needs_password(path)


def read(path: Path, password: Password) -> ImportedSecrets:
    """Read a file; the caller wipes what it returns. `password` is the file's, if any.

    Raises:
        ImportFileError: it cannot be read.
        WrongPasswordError: it is not the file's password.

    """
    __tracebackhide__ = True  # a verbose traceback shows the variables of its frames
    if path.suffix != ".json":
        return read_dotenv(path)
    return parllama_secrets.read_secrets(path, password)


def store(
    vault: Vault,
    secrets: ImportedSecrets,
    names: Collection[str],
    *,
    export: bool = False,
) -> None:
    """Store those of these names in one transaction, in the place of older ones.

    With `export`, those that PAR LLAMA puts into the environment are marked for it,
    unless a vault must not do so.
    """
    exports = secrets.exports if export else frozenset()
    with vault.batch("import") as changes:
        for name in names:
            marked = True if name in exports and can_export(name) else None
            changes.set(name, secrets.values[name], export=marked)
