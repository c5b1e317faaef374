"""The vault as the wire types of its view."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from ...store.database import on_network
from ...vaults.contents import Entry
from ...vaults.environment import can_export
from ...vaults.status import Status
from ...vaults.vault import Vault
from .protocol import SecretData, VaultState

__all__ = ["secret_data", "state_data"]


def state_data(vault: Vault, status: Status) -> VaultState:
    """Return the state of the vault."""
    place = vault.storage.place
    return VaultState(
        state=status.state,
        left=status.left,
        idle=status.limits.idle,
        absolute=status.limits.absolute,
        wait=status.wait,
        why_locked=status.why_locked if status.state == "locked" else "",
        warning=status.warning,
        place=place,
        network=on_network(Path(place)),
    )


def secret_data(entry: Entry, exported: Collection[str]) -> SecretData:
    """Return a secret without its value; `exported` are those in the environment."""
    return SecretData(
        name=entry.name,
        version=entry.version,
        created=entry.created,
        modified=entry.modified,
        export=entry.export,
        exportable=can_export(entry.name),
        shadowed=bool(os.environ.get(entry.name)) and entry.name not in exported,
    )
