"""How a view declares what can be asked of it.

    @request
    async def on_send(self, params: SendParams) -> None: ...

answers the request `send`: its name, parameters and result are the method's own. `on_`
keeps them apart from what a widget has by itself, which has a `send` and an `open`. A
view with many requests has objects that answer some of them: see `View.groups`. A
method with a second parameter gets the request's buffers by it:

    @request
    async def on_upload(self, params: UploadParams, buffers: Buffers) -> None: ...
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any, TypeVar, get_type_hints

from ._protocol import Wire

__all__ = ["Buffers", "NoParams", "RequestMethod", "Result", "declared", "request"]

_PREFIX = "on_"
_MARK = "__request__"

Buffers = Sequence[memoryview]
"""Bytes that came beside a request."""

Result = Wire | tuple[Wire, list[bytes]] | None
"""What a request gives: data, data with buffers, or only that it was done."""

_Method = TypeVar(
    "_Method",
    bound=Callable[[Any], Awaitable[Result]]
    | Callable[[Any, Any], Awaitable[Result]]
    | Callable[[Any, Any, Any], Awaitable[Result]],
)


class NoParams(Wire):
    """Parameters of a request that has none."""


@dataclass(frozen=True, slots=True)
class RequestMethod:
    """A request: the method that answers it and its parameters.

    `result` is the method's return annotation: a `Wire`, None, a tuple with buffers,
    or a type variable of the class. `buffers`: it takes those of the request. `holder`
    is the attribute of the view whose object has the method; "" if the view has it.
    """

    attribute: str
    params: type[Wire]
    result: Any
    buffers: bool = False
    holder: str = ""

    @property
    def name(self) -> str:
        """What a view calls it."""
        return self.attribute.removeprefix(_PREFIX)

    async def answer(
        self, view: object, params: Mapping[str, Any], buffers: Buffers = ()
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Call the method; returns its result as JSON values, and its buffers.

        Raises:
            ValidationError: the parameters are not those that were declared.

        """
        given = self.params.model_validate(params)
        target = getattr(view, self.holder) if self.holder else view
        method = getattr(target, self.attribute)
        arguments: list[object] = [] if self.params is NoParams else [given]
        if self.buffers:
            arguments.append(buffers)
        result: Result = await method(*arguments)
        data, sent = result if isinstance(result, tuple) else (result, [])
        return {} if data is None else data.model_dump(exclude_none=True), sent


def request(method: _Method) -> _Method:
    """Declare that this method answers a request.

    Raises:
        TypeError: it is not called `on_...`, or its parameters are not a `Wire`, and
            perhaps `Buffers`.

    """
    name, hints = getattr(method, "__name__", ""), get_type_hints(method)
    taken = [hints.get(each) for each in [*signature(method).parameters][1:]]
    buffers = taken[1:] == [Buffers]
    if buffers:
        del taken[1]
    params = NoParams if not taken else taken[0] if len(taken) == 1 else None
    if (
        not name.startswith(_PREFIX)
        or not isinstance(params, type)
        or not issubclass(params, Wire)
    ):
        message = f"{name} cannot answer requests: see _requests."
        raise TypeError(message)
    found = RequestMethod(name, params, hints.get("return"), buffers)
    setattr(method, _MARK, found)
    return method


def declared(kind: type, holder: str = "") -> dict[str, RequestMethod]:
    """The requests of a class and of its bases, by the names that views use.

    An object of the class is the view, or the attribute `holder` of the view.
    """
    found = [
        replace(getattr(method, _MARK), holder=holder)
        for base in reversed(kind.__mro__)
        for method in vars(base).values()
        if hasattr(method, _MARK)
    ]
    return {each.name: each for each in found}
