"""The protocol as data: what `js/scripts/protocol.mjs` writes `protocol.ts` from.

    python -m parllama_nb.widgets._schema

prints the JSON schema of every wire type, and of each view its requests as pairs of
parameters and result, and its events, by the names of those types.
"""

from __future__ import annotations

import json
import pkgutil
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Never, TypeVar, get_args

from pydantic.json_schema import models_json_schema

from . import __path__ as _path
from ._base import AnyView, View
from ._protocol import (
    AnswerData,
    Cancel,
    Event,
    EventData,
    LockData,
    Request,
    Response,
    Wire,
)
from ._requests import NoParams

__all__ = ["ViewTypes", "views", "wire_schema"]


@dataclass(frozen=True, slots=True)
class ViewTypes:
    """What a view and the kernel send each other.

    `requests` are pairs of parameters and result, None where there are none; `events`
    begin with the snapshot.
    """

    requests: dict[str, tuple[type[Wire] | None, type[Wire] | None]]
    events: tuple[type[EventData], ...]

    @classmethod
    def of(cls, kind: type[AnyView]) -> ViewTypes:
        """The types that a class of views declares."""
        snapshot, event = map(_resolved, get_args(vars(kind)["__orig_bases__"][-1]))
        # `View` itself may have any; a view without events has none.
        events = () if event in {EventData, Never} else get_args(event) or (event,)

        def result(of: Any) -> Any:  # noqa: ANN401 - annotations
            first = (get_args(of) or (of,))[0]
            return snapshot if isinstance(first, TypeVar) else _or_none(first)

        requests = {
            name: (_or_none(each.params), result(each.result))
            for name, each in kind.requests.items()
        }
        return cls(requests, (snapshot, *events, LockData))


def _resolved(of: Any) -> Any:  # noqa: ANN401 - annotations
    return of.__bound__ if isinstance(of, TypeVar) else of


def _or_none(of: Any) -> Any:  # noqa: ANN401 - annotations
    return None if of in {NoParams, type(None)} else of


def views() -> dict[str, type[AnyView]]:
    """The views by their bundles' names; each stands in a folder, in `view`."""
    names = sorted(each.name for each in pkgutil.iter_modules(_path) if each.ispkg)
    modules = [import_module(f"{__package__}.{name}.view") for name in names]
    return {
        kind.bundle_name: kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, View)
        and kind.__module__ == module.__name__
    }


def wire_schema() -> dict[str, Any]:
    """The whole protocol as JSON values; `view` is what all views have in common."""
    kinds: dict[str, type[AnyView]] = {"view": View, **views()}
    types = {name: ViewTypes.of(kind) for name, kind in kinds.items()}
    pairs = [pair for each in types.values() for pair in each.requests.values()]
    received: dict[type[Wire], None] = dict.fromkeys((Request, Cancel))
    received |= {params: None for params, _ in pairs if params is not None}
    sent: dict[type[Wire], None] = dict.fromkeys((Response, Event, AnswerData))
    sent |= {result: None for _, result in pairs if result is not None}
    sent |= {event: None for each in types.values() for event in each.events}
    models = [*sent, *(each for each in received if each not in sent)]
    _, schema = models_json_schema(
        [(model, "serialization") for model in models], title="protocol"
    )
    names = {model.__name__ for model in received if model not in sent}
    for name, definition in schema["$defs"].items():
        if name not in names:
            _require_what_is_sent(definition)
    return {**schema, "views": {name: _named(each) for name, each in types.items()}}


def _require_what_is_sent(definition: dict[str, Any]) -> None:
    """Require all fields but those that may be null: the kernel leaves out null."""
    definition["required"] = [
        name
        for name, property_ in definition.get("properties", {}).items()
        if {"type": "null"} not in property_.get("anyOf", ())
    ]


def _named(types: ViewTypes) -> dict[str, Any]:
    return {
        "requests": {
            method: [each and each.__name__ for each in pair]
            for method, pair in types.requests.items()
        },
        "events": {event.event: event.__name__ for event in types.events},
    }


if __name__ == "__main__":
    json.dump(wire_schema(), sys.stdout, indent=2)
