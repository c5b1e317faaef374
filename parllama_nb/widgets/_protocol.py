"""What a view and the kernel say to each other.

A view sends `request`, answered by exactly one `response`, and `cancel`. The kernel
sends `event` of its own accord, numbered by `seq` without gaps, so that a view that
missed one asks for a snapshot. The key is `request_id` and never `id`: ipykernel 7.4
keeps an entry for every outgoing `content.id`.

`js/src/protocol.ts` is generated from these models by `npm run protocol`.
"""

from __future__ import annotations

import importlib.util
import pkgutil
import sys
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AnswerSnapshot",
    "AnswerState",
    "AssetParams",
    "Cancel",
    "Delta",
    "Event",
    "Failure",
    "FromView",
    "NoticeData",
    "ProgressData",
    "Request",
    "Response",
    "Settled",
    "wire_schema",
]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# view -> kernel


class Request(_Wire):
    """Something a view asks. Repeated under the same id until it is answered."""

    type: Literal["request"] = "request"
    request_id: str = Field(min_length=1, max_length=64)
    method: str = Field(max_length=64)
    params: dict[str, Any] = Field(default_factory=dict)


class Cancel(_Wire):
    """A view no longer wants the answer to a request."""

    type: Literal["cancel"] = "cancel"
    request_id: str = Field(min_length=1, max_length=64)


FromView = Annotated[Request | Cancel, Field(discriminator="type")]


class AssetParams(_Wire):
    """Parameters of `asset`: a built file, sent back as the response's one buffer.

    Every view answers it. `name` is a key of the manifest: `core` for what all
    views share, `answer` for the answer view's own, `katex` for the formulas,
    `highlight` for the colours of code. Its result is `{"hash": ...}`.
    """

    name: str = Field(max_length=64)


# kernel -> view


class Failure(_Wire):
    """An error as every view shows it."""

    code: str
    message: str
    hint: str | None = None


class Response(_Wire):
    """The one answer to a request: a result or an error."""

    type: Literal["response"] = "response"
    request_id: str
    result: dict[str, Any] | None = None
    error: Failure | None = None


class Event(_Wire):
    """Something that happened. `seq` counts up by one from the view's first event."""

    type: Literal["event"] = "event"
    event: str
    seq: int
    data: dict[str, Any]


# the answer view. Methods: hello, left, asset, snapshot, stop. Every rendered view says
# hello first, whose result is its snapshot, and left at last, unless its page is gone.
# Events: snapshot (AnswerSnapshot), delta (Delta), notice (NoticeData),
# progress (ProgressData), settled (Settled). The first event may be a snapshot nobody
# asked for: the kernel sends it when no hello came in time.

AnswerState = Literal["idle", "waiting", "streaming", "done", "stopped", "failed"]


class ProgressData(_Wire):
    """How far the slow step before the answer is (see `events.Progress`)."""

    phase: str
    done: float = 0.0
    total: float | None = None
    unit: Literal["bytes", "items", ""] = ""
    rate: float | None = None
    eta: float | None = None


class NoticeData(_Wire):
    """One line the user should know while waiting."""

    text: str


class Delta(_Wire):
    """More of the answer, to be appended to its text or to its thinking."""

    kind: Literal["text", "thinking"]
    text: str


class Settled(_Wire):
    """The answer is over. Its text is what the deltas gave."""

    state: AnswerState
    footer: str = ""
    error: Failure | None = None


class AnswerSnapshot(_Wire):
    """All of an answer view. `seq` is that of the last event it already holds."""

    seq: int
    state: AnswerState
    model: str
    text: str = ""
    thinking: str = ""
    notice: str = ""
    progress: ProgressData | None = None
    footer: str = ""
    error: Failure | None = None


def wire_schema() -> dict[str, Any]:
    """The JSON schema of every wire type, for the generator of `protocol.ts`."""
    from pydantic.json_schema import models_json_schema  # noqa: PLC0415

    models: list[type[BaseModel]] = [
        Request,
        Cancel,
        AssetParams,
        Failure,
        Response,
        Event,
        ProgressData,
        NoticeData,
        Delta,
        Settled,
        AnswerSnapshot,
    ]
    # The views' own stand in their folders, in a module `protocol`.
    package = sys.modules[_Wire.__module__.rpartition(".")[0]]
    for view in sorted(
        found.name for found in pkgutil.iter_modules(package.__path__) if found.ispkg
    ):
        name = f"{package.__name__}.{view}.protocol"
        if importlib.util.find_spec(name) is not None:
            own = importlib.import_module(name)
            named = [getattr(own, name) for name in own.__all__]
            models += [each for each in named if isinstance(each, type(BaseModel))]
    _, schema = models_json_schema(
        [(model, "serialization") for model in models], title="protocol"
    )
    return schema


if __name__ == "__main__":
    import json

    # Not this module's own: the views' types are made of those of the imported one.
    from parllama_nb.widgets import _protocol  # noqa: PLW0406

    json.dump(_protocol.wire_schema(), sys.stdout, indent=2)
