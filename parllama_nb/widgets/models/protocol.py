"""What the view of local models and the kernel send each other.

What the public library and the forms send is in `library_protocol` and
`forms_protocol`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import EventData, Failure, Snapshot, Wire
from ..jobs.protocol import JobData

__all__ = [
    "ChatOpened",
    "CopyParams",
    "Deleted",
    "DetailsData",
    "FactData",
    "ListState",
    "MessageData",
    "ModelNames",
    "ModelParams",
    "ModelRow",
    "ModelsData",
    "ModelsSnapshot",
    "NotDeleted",
    "PlaceData",
    "RunningData",
    "RunningModels",
    "Started",
    "TransferParams",
    "UpdateData",
    "Updates",
]

_LONGEST_NAME = 400

# view -> kernel


class ModelParams(Wire):
    """A model as it is named by users: `provider/model`."""

    model: str = Field(min_length=1, max_length=_LONGEST_NAME)


class ModelNames(Wire):
    """Several models."""

    models: list[str] = Field(max_length=5000)


class TransferParams(ModelParams):
    """A model to pull or to push; `insecure` allows a registry without TLS."""

    insecure: bool = False


class CopyParams(Wire):
    """A model, and one more name for it."""

    source: str = Field(min_length=1, max_length=_LONGEST_NAME)
    destination: str = Field(min_length=1, max_length=_LONGEST_NAME)


class PlaceData(Wire):
    """Where in the view the user is, so that a page that is loaded anew is there too.

    `sort` is the key of a column, "" for the order of the providers.
    """

    segment: Literal["installed", "running", "library", "create"]
    sort: str = Field(max_length=40)
    down: bool
    filter: str = Field(max_length=1000)


# kernel -> view


class ModelRow(Wire):
    """An installed model. `size` is in bytes, `modified` in seconds since 1970.

    `remote` is the host on which a cloud model runs, "" for one that runs here.
    Of the embedded engine's, `downloaded` is false for one that is fetched on use,
    `state` is "", or "unfinished", "missing" or "changed", and `file_stays` says that
    deleting the model leaves its file, which is the user's own.
    """

    id: str
    provider: str
    name: str
    size: int | None = None
    quantization: str = ""
    family: str = ""
    parameters: str = ""
    context_window: int | None = None
    capabilities: list[str] = Field(default_factory=list)
    modified: float | None = None
    loaded: bool = False
    remote: str = ""
    downloaded: bool = True
    state: str = ""
    file_stays: bool = False
    digest: str = ""


class ListState(Wire):
    """How a provider's list stands: when it was listed, or why it was not.

    `listed` is in seconds of the kernel's clock; null means never.
    """

    provider: str
    title: str
    listing: bool = False
    listed: float | None = None
    failure: Failure | None = None


class ModelsData(EventData):
    """Models that are not as they were, and the ids of those that are gone."""

    event = "models"
    now: float
    changed: list[ModelRow]
    gone: list[str]
    lists: list[ListState]


class ModelsSnapshot(Snapshot):
    """All installed models, and the jobs of local models.

    `now` is the kernel's clock. `in_panel` says that the view is a tab of the control
    panel, which has a chat of its own.
    """

    now: float
    models: list[ModelRow]
    lists: list[ListState]
    jobs: list[JobData]
    place: PlaceData
    in_panel: bool


class Started(Wire):
    """The job that was started, or that does the same already."""

    job_id: str


class NotDeleted(Wire):
    """A model that is still there, and why."""

    model: str
    error: Failure


class Deleted(Wire):
    """The models that could not be deleted; all others are gone."""

    failed: list[NotDeleted]


class ChatOpened(Wire):
    """A chat with a model: in the panel's own tab, or in the view with this id."""

    session: str
    model_id: str = ""


class RunningData(Wire):
    """A model in memory. Sizes are in bytes, `until` in seconds of the kernel's clock.

    `processor` says in words where it runs; `gpu` is the share on a GPU, from 0 to 1.
    """

    id: str
    name: str
    provider: str
    size: int | None = None
    gpu: float | None = None
    processor: str = ""
    context_window: int | None = None
    until: float | None = None


class RunningModels(Wire):
    """The models in memory; `problem` says why a server did not tell."""

    now: float
    models: list[RunningData]
    problem: Failure | None = None


class FactData(Wire):
    """One fact and its name."""

    name: str
    value: str


class MessageData(Wire):
    """A message that a model has been given."""

    role: str = Field(max_length=40)
    content: str = Field(max_length=1_000_000)


class DetailsData(Wire):
    """All that is known of a model. A text that it does not have is empty."""

    model: str
    facts: list[FactData]
    capabilities: list[str]
    license: str
    template: str
    system: str
    parameters: list[FactData]
    modelfile: str
    messages: list[MessageData]
    metadata: list[FactData]
    remote: str


class UpdateData(Wire):
    """Whether a registry has a newer model of this name; null if it does not tell.

    `note` says why it does not.
    """

    model: str
    available: bool | None = None
    note: str = ""


class Updates(Wire):
    """What the registries say of some models."""

    models: list[UpdateData]
