"""What the view asks of the service of local models beyond pulling and deleting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from ...local_models.service import LocalModels

__all__ = ["Full", "Update", "full"]


class Update(Protocol):
    """Whether a registry has a newer model of a name; None if it does not tell."""

    @property
    def model(self) -> str:
        """As it was asked for."""

    @property
    def available(self) -> bool | None:
        """Whether there is an update."""

    @property
    def note(self) -> str:
        """Why it is not known."""


class Full(Protocol):
    """The service with all that the view uses."""

    async def updates(self, models: Sequence[str]) -> Sequence[Update]:
        """Ask the registries for newer models."""


def full(service: LocalModels) -> Full:
    """Return the service with all that the view uses."""
    return cast("Full", service)
