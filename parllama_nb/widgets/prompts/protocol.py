"""What the view of the prompt library and the kernel send each other.

What imports and exports send is in `import_protocol`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .._protocol import EventData, Snapshot, Wire
from .import_protocol import ImportData

__all__ = [
    "DraftEdit",
    "EditData",
    "FacetData",
    "FacetsData",
    "FavouriteParams",
    "FillParams",
    "FindParams",
    "FoundData",
    "PromptData",
    "PromptName",
    "PromptNames",
    "PromptPlace",
    "PromptRowData",
    "PromptText",
    "PromptUsed",
    "PromptVariable",
    "PromptVersionData",
    "PromptsData",
    "PromptsSnapshot",
    "RenderedData",
    "SaveParams",
    "SavedData",
    "UseParams",
    "VersionParams",
]

# The library says which names and texts are too long; these only bound a message.
_NAME = 1000
_TEXT = 2_000_000
_MOST = 10_000

# both ways


class PromptPlace(Wire):
    """Where in the view the user is, so that a page that is loaded anew is there too.

    `source` is where prompts were imported from, "" is written here, null is any.
    `open` is the name of the prompt that is shown.
    """

    query: str = Field(max_length=_NAME)
    tags: list[str] = Field(max_length=50)
    source: str | None = Field(None, max_length=200)
    favourites: bool
    open: str = Field(max_length=_NAME)


class PromptText(Wire):
    """A message of a prompt."""

    role: Literal["system", "user", "assistant"]
    text: str = Field(max_length=_TEXT)


class PromptVariable(Wire):
    """A variable of a prompt; with a `default` of null a value has to be given."""

    name: str = Field(max_length=_NAME)
    default: str | None = Field(None, max_length=_TEXT)
    description: str = Field(default="", max_length=_TEXT)


class EditData(Wire):
    """What the form of a prompt says.

    `of` is the name of the prompt that is edited, "" for a new one; `base` is the
    version that the form began with.
    """

    of: str = Field(default="", max_length=_NAME)
    base: int = 0
    name: str = Field(default="", max_length=_NAME)
    description: str = Field(default="", max_length=_TEXT)
    tags: list[str] = Field(default_factory=list, max_length=_MOST)
    model: str = Field(default="", max_length=_NAME)
    submit: bool = False
    encrypted: bool = False
    messages: list[PromptText] = Field(default_factory=list, max_length=_MOST)
    variables: list[PromptVariable] = Field(default_factory=list, max_length=_MOST)


# view -> kernel


class FindParams(PromptPlace):
    """Which prompts are wanted: of those that the place finds, some from `offset`."""

    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=100, ge=1, le=500)


class PromptName(Wire):
    """A prompt by its name."""

    name: str = Field(min_length=1, max_length=_NAME)


class PromptNames(Wire):
    """Several prompts by their names."""

    names: list[str] = Field(max_length=_MOST)


class VersionParams(PromptName):
    """A prompt, in its last version or in another one."""

    version: int | None = None


class FavouriteParams(PromptName):
    """Whether a prompt is one of the favourites."""

    favourite: bool


class FillParams(VersionParams):
    """A prompt with values for its variables, and what the user asks with it."""

    values: dict[str, str] = Field(default_factory=dict)
    text: str = Field(default="", max_length=_TEXT)


class UseParams(FillParams):
    """A prompt to be used in a chat; with `send` it is asked at once."""

    send: bool = False


class SaveParams(Wire):
    """A prompt to be saved; with `over` on top of what was saved elsewhere."""

    edit: EditData
    over: bool = False


class DraftEdit(Wire):
    """The form that is open, kept for a page loaded again; null if none is."""

    edit: EditData | None = None


# kernel -> view


class PromptRowData(Wire):
    """A prompt of the list. `used` and `changed` are in seconds since the epoch."""

    name: str
    version: int
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    source: str = ""
    favourite: bool = False
    uses: int = 0
    used: float | None = None
    changed: float
    encrypted: bool = False


class FoundData(Wire):
    """Some of the prompts that were found: those from `offset` on, of `total`."""

    rows: list[PromptRowData]
    offset: int
    total: int


class FacetData(Wire):
    """A tag or a source, and how many prompts have it."""

    name: str
    title: str
    count: int


class FacetsData(Wire):
    """What the list can be filtered by, the most frequent first; `total` is of all."""

    tags: list[FacetData]
    sources: list[FacetData]
    total: int


class PromptVersionData(Wire):
    """A version; `created` is in seconds since the epoch."""

    version: int
    created: float


class PromptData(PromptRowData):
    """All of a prompt in one version; `versions` are all it has, the newest first.

    `undeclared` are names in double braces that are no variables.
    """

    shown: int
    messages: list[PromptText]
    variables: list[PromptVariable]
    model: str = ""
    submit: bool = False
    undeclared: list[str]
    versions: list[PromptVersionData]


class RenderedData(Wire):
    """A prompt with its variables filled, as far as they have values.

    `missing` are the variables that need one. `cell` asks the same in a cell; a
    value of several lines is not in it, and its variable in `left_out`.
    """

    messages: list[PromptText]
    missing: list[str]
    cell: str
    left_out: list[str]


class SavedData(Wire):
    """What a prompt is called now, and its version."""

    name: str
    version: int


class PromptUsed(Wire):
    """A chat with a prompt: in the panel's own tab, or in the view with this id."""

    session: str
    model_id: str = ""
    sent: bool = False


class PromptsData(EventData):
    """The library is not as it was; `revision` counts its changes."""

    event = "prompts"
    revision: int


class PromptsSnapshot(Snapshot):
    """All that a page begins with; `found` and `facets` are null if nobody asked yet.

    `now` is the kernel's clock. `in_panel` says that the view is a tab of the control
    panel, which has a chat of its own.
    """

    revision: int
    now: float
    place: PromptPlace
    found: FoundData | None = None
    facets: FacetsData | None = None
    draft: EditData | None = None
    importing: ImportData
    in_panel: bool
