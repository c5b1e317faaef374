"""What the view asks of the service of local models to make new models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

if TYPE_CHECKING:
    from ...jobs import Job
    from ...local_models.creation import Creation
    from ...local_models.service import LocalModels

__all__ = ["Maker", "maker"]


class Maker(Protocol):
    """The verbs that make models, each as a job."""

    def create(self, creation: Creation) -> Job[Any]:
        """Start to make a model in Ollama."""

    def quantize(
        self,
        source: str,
        target: str,
        file_type: str,
        *,
        place: Literal["ollama", "embedded", "file"],
    ) -> Job[Any]:
        """Start to make a smaller model of one, or of a GGUF file."""

    def add_embedded(self, source: str, name: str | None = None) -> Job[Any]:
        """Start to add a model to the embedded engine."""


def maker(service: LocalModels) -> Maker:
    """Return the verbs of a service that make models."""
    return cast("Maker", cast("Any", service))
