"""Fakes: a scripted provider, and a context that is independent of the machine."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import ModelNotFoundError
from ..events import Progress
from ..model_catalog.prices import PriceTable
from ..providers.base import Provider, ProviderContext
from ..providers.messages import (
    ChatRequest,
    Finish,
    StreamEvent,
    TextDelta,
    TextWasThinking,
    ThinkingDelta,
)
from ..providers.spec import ModelInfo, ProviderOptions, Spec, Timeouts
from ..secret import Redactor, Secret

__all__ = ["FakeProvider", "Pause", "Script", "context"]


def context(
    secrets: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    timeouts: Timeouts | None = None,
    options: Mapping[str, ProviderOptions] | None = None,
) -> ProviderContext:
    """Return a context with these secrets and environment variables, and no others.

    `options` maps a provider's name to its options; it is read with each call.
    """
    redact = Redactor()
    default = ProviderOptions(timeouts=timeouts or Timeouts())
    chosen = {} if options is None else options
    values = dict(secrets or {})

    def secret(name: str) -> Secret | None:
        return redact.add(Secret(name, values[name])) if values.get(name) else None

    return ProviderContext(
        secret=secret,
        redact=redact,
        environ=dict(environ or {}).get,
        cache_dir=tempfile.gettempdir,
        options=lambda name: chosen.get(name, default),
        prices=PriceTable(),
    )


@dataclass(frozen=True, slots=True)
class Pause:
    """A step of a script that waits: for some seconds, or until an event is set.

    An event must belong to the loop that the provider runs on.
    """

    until: float | asyncio.Event


Step = str | StreamEvent | Progress | Pause | Exception
"""A `str` is a delta of text; a `Progress` is reported; an exception is raised."""

Script = Sequence[Step] | Callable[[ChatRequest], Iterable[Step]]


class FakeProvider(Provider):
    """A provider that answers every request from a script.

    If the script does not end with a `Finish` or an error, the answer is complete and
    has no usage. `requests` holds the requests; `open` counts the streams under way,
    and `closed_early` those that were closed before their end.
    """

    spec = Spec(name="fake", title="Fake", wire="fake", key="none", local=True)

    def __init__(
        self,
        script: Script = ("Hello", " from", " a script."),
        *,
        models: Iterable[str] = ("scripted",),
        spec: Spec | None = None,
        context: ProviderContext | None = None,
    ) -> None:
        super().__init__(spec or type(self).spec, context or _context())
        self.script = script
        self.requests: list[ChatRequest] = []
        self.open = 0
        self.closed_early = 0
        self._models = tuple(models)

    async def models(self) -> list[ModelInfo]:
        """Return the models it was made with."""
        return [ModelInfo(self.spec.name, name) for name in self._models]

    async def stream(
        self, request: ChatRequest, report: Callable[[Progress], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Yield the script's events, one step at a time."""
        self.requests.append(request)
        if request.model not in self._models:
            message = f"{self.spec.title}: there is no model {request.model!r}."
            raise ModelNotFoundError(message, status=404)
        script = self.script
        steps = script(request) if callable(script) else script
        self.open += 1
        ended = False
        try:
            for step in steps:
                match step:
                    case Pause(until=asyncio.Event() as event):
                        await event.wait()
                    case Pause(until=float() | int() as seconds):
                        await asyncio.sleep(seconds)
                    case Progress():
                        report(step)
                    case Exception():
                        ended = True
                        raise step
                    case str():
                        yield TextDelta(step)
                    case Finish():
                        ended = True
                        yield step
                        return
                    case TextDelta() | ThinkingDelta() | TextWasThinking():
                        yield step
            ended = True
            yield Finish("stop")
        finally:
            self.open -= 1
            self.closed_early += not ended


_context = context
